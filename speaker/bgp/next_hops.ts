import { type AddressFamily, familyOf, type Negotiated, type NextHops } from "#core/bgp/mod.ts";
import { type Family, formatAddress, type IpAddress, sameAddress } from "#core/net/mod.ts";
import { interfaceAddresses } from "./interface_addresses.ts";

/** Our end of a connection. */
export interface LocalEnd {
  readonly address: IpAddress;
  /** The addresses of the interface that has it, loopback's own and itself apart. */
  readonly besides: readonly IpAddress[];
}

/** Our end as the kernel knows it now. */
export function localEnd(address: IpAddress, device?: string): LocalEnd {
  const all = interfaceAddresses();
  // A link-local address may stand on many interfaces: then the peer's interface says which one is meant.
  const owners = all.filter((each) => sameAddress(each.address, address)).map((each) => each.device);
  const owner = owners.find((each) => each === device) ?? owners[0];
  const besides = all
    .filter((each) => each.device === owner && !sameAddress(each.address, address))
    .map((each) => each.address)
    .filter((each) => !isLoopback(each));
  return { address, besides };
}

/** What routes of each family point to in a session. */
export function sessionNextHops(
  local: LocalEnd,
  { families, extendedNextHop }: Pick<Negotiated, "families" | "extendedNextHop">,
): NextHops {
  const all = [local.address, ...local.besides];
  const ipv6 = ipv6Hops(local);
  // RFC 8950 only between IPv6 ends: an IPv4 end is an IPv4 next hop already.
  const ipv4 =
    extendedNextHop && local.address.family === "ipv6"
      ? ipv6
      : all.filter(({ family }) => family === "ipv4").slice(0, 1);
  const carried = (family: Family, hops: readonly IpAddress[]) =>
    hops.length > 0 && families.some((each) => familyOf(each) === family) ? { [family]: hops } : {};
  return { ...carried("ipv4", ipv4), ...carried("ipv6", ipv6) };
}

/** RFC 2545 §3: a global address; a link-local one beside it where the peer is on our link for sure. */
function ipv6Hops({ address, besides }: LocalEnd): IpAddress[] {
  if (isGlobal(address)) return [address];
  const global = besides.filter(isGlobal).slice(0, 1);
  if (isLinkLocal(address)) return [...global, address];
  return global.length > 0 ? global : besides.filter(isLinkLocal).slice(0, 1);
}

/** Why routes of a negotiated family are not announced; undefined where all are. */
export function missingNextHops(
  local: LocalEnd,
  families: readonly AddressFamily[],
  hops: NextHops,
): string | undefined {
  const missing = families.flatMap((each) => {
    const family = familyOf(each);
    return family && !hops[family] ? [family === "ipv4" ? "IPv4" : "IPv6"] : [];
  });
  if (missing.length === 0) return undefined;
  return `${missing.join(" and ")} routes are not announced to this peer: the interface of ${formatAddress(local.address)} has no ${missing.join(" or ")} address to be their next hop`;
}

export function isLinkLocal({ family, value }: IpAddress): boolean {
  return family === "ipv6" && value >> 118n === 0xfe80n >> 6n;
}

function isGlobal(address: IpAddress): boolean {
  return address.family === "ipv6" && !isLinkLocal(address);
}

function isLoopback({ family, value }: IpAddress): boolean {
  return family === "ipv4" ? value >> 24n === 127n : value === 1n;
}
