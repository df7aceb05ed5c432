import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { addressFromBytes, compareAddress, type IpAddress, parseAddress } from "#core/net/mod.ts";

export interface InterfaceAddress {
  readonly device: string;
  readonly address: IpAddress;
}

/** Every address of this network namespace; of an interface those first that routes should point to. */
export function interfaceAddresses(): InterfaceAddress[] {
  return [...ipv4Addresses(), ...ipv6Addresses(readIfInet6())];
}

/** In the kernel's order: primary before secondary. */
function ipv4Addresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([device, entries]) =>
    (entries ?? []).flatMap((entry) => {
      const address = parseAddress(entry.address);
      return address?.family === "ipv4" ? [{ device, address }] : [];
    }),
  );
}

/** A kernel without IPv6 has no such file. */
function readIfInet6(): string {
  try {
    return readFileSync("/proc/self/net/if_inet6", "utf8");
  } catch {
    return "";
  }
}

/** IFA_F_* of linux/if_addr.h. */
const flag = { temporary: 0x01, duplicate: 0x08, deprecated: 0x20, tentative: 0x40, permanent: 0x80 };

/**
 * Lines of `/proc/net/if_inet6`: address, interface index, prefix length, scope, flags (all hexadecimal), device. The
 * order there is by chance. An address that somebody set comes before one that a router advertised, for the latter may
 * end; a temporary or deprecated one comes last; one that is not ours yet, or never will be, is left out.
 */
export function ipv6Addresses(text: string): InterfaceAddress[] {
  const found = text
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [hex = "", , , , flags = "", device = ""] = line.trim().split(/\s+/);
      if (!/^[0-9a-f]{32}$/.test(hex)) return [];
      const address = addressFromBytes(Uint8Array.fromHex(hex));
      return address ? [{ device, address, flags: Number.parseInt(flags, 16) }] : [];
    });
  return found
    .filter(({ flags }) => (flags & (flag.duplicate | flag.tentative)) === 0)
    .sort((a, b) => rank(a.flags) - rank(b.flags) || compareAddress(a.address, b.address))
    .map(({ device, address }) => ({ device, address }));
}

function rank(flags: number): number {
  if ((flags & (flag.temporary | flag.deprecated)) !== 0) return 2;
  return (flags & flag.permanent) !== 0 ? 0 : 1;
}
