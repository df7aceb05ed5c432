import type { Prefix } from "#core/net/mod.ts";
import type { PathAttributes } from "./attribute_table.ts";
import type { Capability } from "./capability_table.ts";
import type { BgpError } from "./error.ts";
import type { AddressFamily } from "./family.ts";

/** RFC 4271 §4.2 */
export interface OpenMessage {
  readonly type: "OPEN";
  /** The two-octet field: AS_TRANS where the real number needs four. */
  readonly myAS: number;
  readonly holdTimeSeconds: number;
  /** 32 bits. */
  readonly bgpIdentifier: number;
  readonly capabilities: readonly Capability[];
}

/** RFC 4271 §4.3 */
export interface UpdateMessage {
  readonly type: "UPDATE";
  /** IPv4, and with `problems` also what of another family is treated as withdrawn. Others: MP_UNREACH_NLRI. */
  readonly withdrawn: readonly Prefix[];
  readonly attributes: PathAttributes;
  /** IPv4. Others, and IPv4 with an IPv6 next hop, are in MP_REACH_NLRI. */
  readonly nlri: readonly Prefix[];
  /** What RFC 7606 forgave; its handling is already applied here. Never encoded. */
  readonly problems: readonly BgpError[];
}

/** RFC 4271 §4.5 */
export interface NotificationMessage {
  readonly type: "NOTIFICATION";
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

/** RFC 4271 §4.4 */
export interface KeepaliveMessage {
  readonly type: "KEEPALIVE";
}

/** RFC 2918 §3; RFC 7313 §3.2 gave the reserved octet its meaning: 0 request, 1 begins (BoRR), 2 ends (EoRR). */
export interface RouteRefreshMessage extends AddressFamily {
  readonly type: "ROUTE-REFRESH";
  readonly subtype: number;
}

export type Message =
  | OpenMessage
  | UpdateMessage
  | NotificationMessage
  | KeepaliveMessage
  | RouteRefreshMessage;
