import type { IpAddress, Prefix } from "#core/net/mod.ts";
import type { Community } from "../codec/mod.ts";

/** A route that this speaker originates, as a peer shall learn it. */
export interface Route {
  readonly prefix: Prefix;
  /** Default: the local address of the session's TCP connection (next hop self). */
  readonly nextHop?: IpAddress;
  /** Sent to internal peers only (RFC 4271 §5.1.5); default 100. */
  readonly localPref?: number;
  /** A set: order and repetition carry no meaning. */
  readonly communities: readonly Community[];
}
