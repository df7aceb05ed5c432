import { type Reader, Writer } from "#core/bytes/mod.ts";
import {
  addressFromBytes,
  addressToBytes,
  type Family,
  formatAddress,
  formatPrefix,
  type IpAddress,
  type Prefix,
} from "#core/net/mod.ts";
import { bgpError } from "./error.ts";
import { type AddressFamily, familyName, familyOf } from "./family.ts";
import { prefixFieldLength, readPrefixes, writePrefix } from "./prefix_field.ts";

/** RFC 4760 §3 */
export interface MpReach extends AddressFamily {
  /** The global address, and after it the link-local one where the sender gave both (RFC 2545 §3). */
  readonly nextHops: readonly IpAddress[];
  readonly nlri: readonly Prefix[];
  /** Next hop, reserved octet and NLRI as they came, of a family that is neither IPv4 nor IPv6 unicast. */
  readonly raw?: Uint8Array;
}

/** RFC 4760 §4 */
export interface MpUnreach extends AddressFamily {
  readonly withdrawn: readonly Prefix[];
  /** Withdrawn routes as they came, of a family that is neither IPv4 nor IPv6 unicast. */
  readonly raw?: Uint8Array;
}

/** Octets of next hops: RFC 4760 and RFC 8950 §3 for IPv4, RFC 2545 §3 for IPv6. */
const nextHopLengths: Readonly<Record<Family, readonly number[]>> = { ipv4: [4, 16, 32], ipv6: [16, 32] };

/** AFI (2) | SAFI (1) | length of next hop (1) | next hop | reserved (1) | NLRI to the end. */
export function readMpReach(value: Reader): MpReach {
  const [afi, safi] = [value.u16(), value.u8()];
  const family = familyOf({ afi, safi });
  if (!family) return { afi, safi, nextHops: [], nlri: [], raw: value.rest().slice() };
  const length = value.u8();
  if (!nextHopLengths[family].includes(length)) {
    const allowed = nextHopLengths[family].join(", ");
    const detail = `a next hop of ${length} octets for ${familyName({ afi, safi })}; allowed are ${allowed}`;
    throw bgpError("UPDATE Message Error", "Optional Attribute Error", detail);
  }
  const nextHops: IpAddress[] = [];
  for (const hops = value.sub(length); hops.remaining > 0; ) {
    const hop = addressFromBytes(hops.bytes(length === 4 ? 4 : 16));
    if (hop) nextHops.push(hop);
  }
  value.u8();
  return { afi, safi, nextHops, nlri: readPrefixes(value, family) };
}

export function mpReachBytes({ afi, safi, nextHops, nlri, raw }: MpReach): Uint8Array {
  const writer = new Writer(mpReachLength(nextHops) + prefixesLength(nlri) + (raw?.length ?? 0));
  writer.u16(afi).u8(safi);
  if (raw) return writer.bytes(raw).finish();
  writer.u8(nextHopsLength(nextHops));
  for (const hop of nextHops) writer.bytes(addressToBytes(hop));
  writer.u8(0);
  for (const prefix of nlri) writePrefix(writer, prefix);
  return writer.finish();
}

/** AFI (2) | SAFI (1) | withdrawn routes to the end. */
export function readMpUnreach(value: Reader): MpUnreach {
  const [afi, safi] = [value.u16(), value.u8()];
  const family = familyOf({ afi, safi });
  if (!family) return { afi, safi, withdrawn: [], raw: value.rest().slice() };
  return { afi, safi, withdrawn: readPrefixes(value, family) };
}

export function mpUnreachBytes({ afi, safi, withdrawn, raw }: MpUnreach): Uint8Array {
  const writer = new Writer(mpUnreachLength + prefixesLength(withdrawn) + (raw?.length ?? 0));
  writer.u16(afi).u8(safi);
  for (const prefix of withdrawn) writePrefix(writer, prefix);
  return writer.bytes(raw ?? new Uint8Array(0)).finish();
}

/** Octets of MP_REACH_NLRI's value without prefixes. */
export function mpReachLength(nextHops: readonly IpAddress[]): number {
  return 5 + nextHopsLength(nextHops);
}

/** Octets of MP_UNREACH_NLRI's value without prefixes. */
export const mpUnreachLength = 3;

function nextHopsLength(nextHops: readonly IpAddress[]): number {
  return nextHops.reduce((sum, { family }) => sum + (family === "ipv4" ? 4 : 16), 0);
}

function prefixesLength(prefixes: readonly Prefix[]): number {
  return prefixes.reduce((sum, prefix) => sum + prefixFieldLength(prefix), 0);
}

/** The next hops; the prefixes are told by the message. */
export function describeMpReach({ afi, safi, nextHops, raw }: MpReach): string {
  const hops = raw ? `${raw.length} octets` : `next hop ${nextHops.map(formatAddress).join(" and ")}`;
  return `${familyName({ afi, safi })} ${hops}`;
}

export function describeMpUnreach({ afi, safi, withdrawn, raw }: MpUnreach): string {
  const routes = raw ? `${raw.length} octets` : withdrawn.map(formatPrefix).join(", ");
  return `${familyName({ afi, safi })} ${routes}`;
}
