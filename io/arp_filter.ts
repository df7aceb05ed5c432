import { arpOffsets, arpOperation, etherTypeArp } from "#core/l2/mod.ts";
import { assemble, type BpfStep, bpfInterfaceIndex, bpfPacketType } from "./bpf.ts";

/** With more, every ARP frame is let through and looked up above: a longer program than the kernel takes. */
export const filteredAddressesMax = 1_750;

const PACKET_OTHERHOST = 3;
const wholePacket = 0xffff;
/** Small enough for a conditional jump, which reaches 255 steps, and for a frame of others to be dropped quickly. */
const comparisonsPerRun = 32;

/**
 * Wakes the responder only for what concerns it: ARP of this very interface, not meant for another host, that asks for
 * one of the addresses, or speaks as one of them (RFC 5227 §2.4).
 */
export function arpFilter(interfaceIndex: number, addresses: readonly number[]): Uint8Array {
  return assemble([
    { load: 4, at: bpfInterfaceIndex },
    { ifEqual: interfaceIndex, otherwise: "drop early" },
    { load: 4, at: bpfPacketType },
    { ifEqual: PACKET_OTHERHOST, matched: "drop early" },
    { load: 2, at: arpOffsets.etherType },
    { ifEqual: etherTypeArp, matched: "ARP" },
    { label: "drop early" },
    { keep: 0 },
    { label: "ARP" },
    ...(addresses.length > filteredAddressesMax ? [{ keep: wholePacket }] : byAddress(addresses)),
  ]);
}

function byAddress(addresses: readonly number[]): BpfStep[] {
  const sorted = addresses.toSorted((a, b) => a - b);
  return [
    { load: 2, at: arpOffsets.operation },
    { ifEqual: arpOperation.request, matched: "request" },
    { goto: "claim" },
    { label: "request" },
    { load: 4, at: arpOffsets.targetAddress },
    ...anyOf(sorted, "claim", "target"),
    { label: "claim" },
    { load: 4, at: arpOffsets.senderAddress },
    ...anyOf(sorted, "none", "sender"),
    { label: "none" },
    { keep: 0 },
  ];
}

/** Keeps the packet where the accumulator is one of the sorted addresses, found by halving, and else goes to `miss`. */
function anyOf(sorted: readonly number[], miss: string, name: string): BpfStep[] {
  if (sorted.length <= comparisonsPerRun) {
    const hit = `${name} hit`;
    return [
      ...sorted.map((address) => ({ ifEqual: address, matched: hit })),
      { goto: miss },
      { label: hit },
      { keep: wholePacket },
    ];
  }
  const middle = sorted.length >> 1;
  return [
    { ifAtLeast: sorted[middle] ?? 0, otherwise: `${name}0` },
    { goto: `${name}1` },
    { label: `${name}0` },
    ...anyOf(sorted.slice(0, middle), miss, `${name}0`),
    { label: `${name}1` },
    ...anyOf(sorted.slice(middle), miss, `${name}1`),
  ];
}
