import { etherTypeIpv6, ndpHopLimit, ndpOffsets, ndpType, nextHeaderIcmpv6 } from "#core/l2/mod.ts";
import { assemble, type BpfStep } from "./bpf.ts";
import { anyOf, ofThisInterface, wholePacket } from "./bpf_parts.ts";

/** With more, every NDP frame is let through and looked up above: a longer program than the kernel takes. */
export const filteredIpv6AddressesMax = 3_300;
/** Addresses come from pools, and pools share their upper bits. With more, only the last 32 bits are compared. */
const prefixesMax = 16;

/**
 * Wakes the responder only for what concerns it: Neighbor Solicitations and Advertisements of this very interface, from
 * this link (RFC 4861 §7.1), not meant for another host, that ask for one of the addresses (16 bytes each) or speak as
 * one of them.
 */
export function ndpFilter(interfaceIndex: number, addresses: readonly Uint8Array[]): Uint8Array {
  return assemble([
    ...ofThisInterface(interfaceIndex, "drop early"),
    { load: 2, at: ndpOffsets.etherType },
    { ifEqual: etherTypeIpv6, otherwise: "drop early" },
    { load: 1, at: ndpOffsets.nextHeader },
    { ifEqual: nextHeaderIcmpv6, otherwise: "drop early" },
    { load: 1, at: ndpOffsets.hopLimit },
    { ifEqual: ndpHopLimit, otherwise: "drop early" },
    { load: 1, at: ndpOffsets.type },
    { ifEqual: ndpType.solicitation, matched: "NDP" },
    { ifEqual: ndpType.advertisement, matched: "NDP" },
    { label: "drop early" },
    { keep: 0 },
    { label: "NDP" },
    ...(addresses.length > filteredIpv6AddressesMax ? [{ keep: wholePacket }] : byTarget(addresses)),
  ]);
}

function byTarget(addresses: readonly Uint8Array[]): BpfStep[] {
  const words = addresses.map(wordsOf);
  const prefixes = new Map(words.map(([a, b, c]) => [`${a} ${b} ${c}`, [a, b, c] as const]));
  const endings = [...new Set(words.map(([, , , last]) => last))].sort((a, b) => a - b);
  return [
    ...(prefixes.size > prefixesMax ? [] : byPrefix([...prefixes.values()])),
    { load: 4, at: ndpOffsets.target + 12 },
    ...anyOf(endings, "none", "target"),
    { label: "none" },
    { keep: 0 },
  ];
}

function byPrefix(prefixes: readonly (readonly [number, number, number])[]): BpfStep[] {
  return [
    ...prefixes.flatMap((prefix, index): BpfStep[] => [
      ...prefix.flatMap((word, at): BpfStep[] => [
        { load: 4, at: ndpOffsets.target + 4 * at },
        { ifEqual: word, otherwise: `not prefix ${index}` },
      ]),
      { goto: "prefix" },
      { label: `not prefix ${index}` },
    ]),
    { keep: 0 },
    { label: "prefix" },
  ];
}

function wordsOf(address: Uint8Array): [number, number, number, number] {
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}
