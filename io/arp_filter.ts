import { arpOffsets, arpOperation, etherTypeArp } from "#core/l2/mod.ts";
import { assemble, type BpfStep, bpfInterfaceIndex, bpfPacketType } from "./bpf.ts";

/** With more, every ARP frame is let through and looked up above: a longer program than the kernel takes. */
export const filteredAddressesMax = 2_000;

const PACKET_OTHERHOST = 3;
const wholePacket = 0xffff;
/** A conditional jump reaches 255 steps, so each run of comparisons has an exit of its own. */
const comparisonsPerRun = 200;

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
  return [
    { load: 2, at: arpOffsets.operation },
    { ifEqual: arpOperation.request, matched: "request" },
    { goto: "claim" },
    { label: "request" },
    { load: 4, at: arpOffsets.targetAddress },
    ...anyOf(addresses, "request"),
    { label: "claim" },
    { load: 4, at: arpOffsets.senderAddress },
    ...anyOf(addresses, "claim"),
    { keep: 0 },
  ];
}

/** Keeps the packet where the accumulator is one of the addresses, and goes on where it is not. */
function anyOf(addresses: readonly number[], name: string): BpfStep[] {
  const steps: BpfStep[] = [];
  for (let start = 0; start < addresses.length; start += comparisonsPerRun) {
    const hit = `${name} hit ${start}`;
    const miss = `${name} miss ${start}`;
    for (const address of addresses.slice(start, start + comparisonsPerRun))
      steps.push({ ifEqual: address, matched: hit });
    steps.push({ goto: miss }, { label: hit }, { keep: wholePacket }, { label: miss });
  }
  return steps;
}
