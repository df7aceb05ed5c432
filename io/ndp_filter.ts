import { etherTypeIpv6, ndpHopLimit, ndpOffsets, ndpType, nextHeaderIcmpv6 } from "#core/l2/mod.ts";
import { assemble, type BpfStep } from "./bpf.ts";
import { ofThisInterface, wholePacket } from "./bpf_parts.ts";
import { memberSteps } from "./bpf_set.ts";

const endingStepsMax = 3_900;
/** Addresses come from pools, and pools share their upper bits. With more, only the last 32 bits are compared. */
const prefixesMax = 16;

/**
 * Wakes the responder only for what concerns it: Neighbor Solicitations and Advertisements of this very interface, from
 * this link (RFC 4861 §7.1), not meant for another host, that ask for one of the addresses (16 bytes each) or speak as
 * one of them. With thousands of them that are scattered, also for some of their neighbours. "all" lets every such
 * frame through.
 */
export function ndpFilter(interfaceIndex: number, addresses: readonly Uint8Array[] | "all"): Uint8Array {
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
    ...(addresses === "all" ? [{ keep: wholePacket }] : byTarget(addresses)),
  ]);
}

function byTarget(addresses: readonly Uint8Array[]): BpfStep[] {
  const words = addresses.map(wordsOf);
  const prefixes = new Map(words.map(([a, b, c]) => [`${a} ${b} ${c}`, [a, b, c] as const]));
  const endings = [...new Set(words.map(([, , , last]) => last))];
  return [
    ...(prefixes.size > prefixesMax ? [] : byPrefix([...prefixes.values()])),
    ...memberSteps(endings, ndpOffsets.target + 12, endingStepsMax, {
      hit: "hit",
      miss: "none",
      name: "target",
    }),
    { label: "hit" },
    { keep: wholePacket },
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
