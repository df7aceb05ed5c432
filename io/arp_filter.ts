import { arpOffsets, arpOperation, etherTypeArp } from "#core/l2/mod.ts";
import { assemble, type BpfStep } from "./bpf.ts";
import { anyOf, ofThisInterface, wholePacket } from "./bpf_parts.ts";

/** With more, every ARP frame is let through and looked up above: a longer program than the kernel takes. */
export const filteredAddressesMax = 1_750;

/**
 * Wakes the responder only for what concerns it: ARP of this very interface, not meant for another host, that asks for
 * one of the addresses, or speaks as one of them (RFC 5227 §2.4).
 */
export function arpFilter(interfaceIndex: number, addresses: readonly number[]): Uint8Array {
  return assemble([
    ...ofThisInterface(interfaceIndex, "drop early"),
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
