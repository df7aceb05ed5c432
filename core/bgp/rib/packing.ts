import type { Family, Prefix } from "#core/net/mod.ts";
import {
  type AddressFamily,
  assembleReach,
  assembleUnreach,
  assembleUpdate,
  describeEndOfRib,
  describeMessage,
  describeUpdate,
  encodeRouteRefresh,
  familyOf,
  prefixFieldLength,
  reachLengthMin,
  unicastOf,
  unreachLengthMin,
  updateLengthMin,
} from "../codec/mod.ts";
import type { AttributeSet } from "./attribute_set.ts";
import { type ExportContext, isMultiprotocol, nextHopsOf } from "./export_policy.ts";

/** One UPDATE to send, or a ROUTE-REFRESH that frames some. */
export interface EncodedUpdate {
  readonly type?: "ROUTE-REFRESH";
  readonly bytes: Uint8Array;
  /** In words, for the log of messages. */
  readonly text: string;
}

/** What one UPDATE has room for, and how it is made. */
export interface Packing {
  /** Octets left for prefixes. */
  readonly free: number;
  readonly pack: (prefixes: readonly Prefix[]) => EncodedUpdate;
}

const noBytes = new Uint8Array(0);
const nothing = { nlri: [], withdrawn: [], attributes: {}, problems: [] };

/** Prefixes of one attribute set (RFC 4271 §4.3, RFC 4760 §3, RFC 8950 §3). */
export function announcement(set: AttributeSet<unknown>, context: ExportContext): Packing {
  const { family } = set.policy;
  const [attributes, bytes] = [set.attributes(context), set.bytes(context)];
  const nextHops = nextHopsOf(set.policy, context) ?? [];
  if (!isMultiprotocol(family, nextHops)) {
    return {
      free: context.messageLengthMax - updateLengthMin - bytes.length,
      pack: (nlri) => ({
        bytes: assembleUpdate([], bytes, nlri),
        text: describeUpdate({ ...nothing, nlri, attributes }),
      }),
    };
  }
  return {
    free: context.messageLengthMax - reachLengthMin(nextHops) - bytes.length,
    pack: (nlri) => {
      const MP_REACH_NLRI = { ...unicastOf(family), nextHops, nlri };
      return {
        bytes: assembleReach(MP_REACH_NLRI, bytes),
        text: describeUpdate({ ...nothing, attributes: { ...attributes, MP_REACH_NLRI } }),
      };
    },
  };
}

/** Whether the attributes leave room for a prefix: a message has an end (RFC 4271 §4), and communities may be many. */
export function hasRoom(set: AttributeSet<unknown>, prefix: Prefix, context: ExportContext): boolean {
  set.free ??= announcement(set, context).free;
  return set.free >= prefixFieldLength(prefix);
}

/** In the way that the session announces the family (RFC 4271 §4.3, RFC 4760 §4). */
export function withdrawal(family: Family, { messageLengthMax, nextHops }: ExportContext): Packing {
  if (!isMultiprotocol(family, nextHops[family])) {
    return {
      free: messageLengthMax - updateLengthMin,
      pack: (withdrawn) => ({
        bytes: assembleUpdate(withdrawn, noBytes, []),
        text: describeUpdate({ ...nothing, withdrawn }),
      }),
    };
  }
  return {
    free: messageLengthMax - unreachLengthMin,
    pack: (withdrawn) => {
      const MP_UNREACH_NLRI = { ...unicastOf(family), withdrawn };
      return {
        bytes: assembleUnreach(MP_UNREACH_NLRI),
        text: describeUpdate({ ...nothing, attributes: { MP_UNREACH_NLRI } }),
      };
    },
  };
}

/** RFC 4724 §2: IPv4 unicast has the empty UPDATE, however its routes travel. */
export function endOfRib(family: AddressFamily): EncodedUpdate {
  const isIpv4 = familyOf(family) === "ipv4";
  const bytes = isIpv4 ? assembleUpdate([], noBytes, []) : assembleUnreach({ ...family, withdrawn: [] });
  return { bytes, text: describeEndOfRib(family) };
}

/** RFC 7313 §3.2: BoRR and EoRR. */
export function refreshMark({ afi, safi }: AddressFamily, which: "begin" | "end"): EncodedUpdate {
  const message = { type: "ROUTE-REFRESH", afi, subtype: which === "begin" ? 1 : 2, safi } as const;
  return { type: "ROUTE-REFRESH", bytes: encodeRouteRefresh(message), text: describeMessage(message) };
}
