import { arpOffsets, arpOperation, etherTypeArp } from "#core/l2/mod.ts";
import { assemble, type BpfStep } from "./bpf.ts";
import { ofThisInterface, wholePacket } from "./bpf_parts.ts";
import { memberSteps } from "./bpf_set.ts";

/**
 * Of the 4,096 that a program may have. What is asked for is what other hosts' frames differ in from one to the next;
 * a sender among the addresses is a conflict, or a fellow that announces.
 */
const targetStepsMax = 3_200;
const senderStepsMax = 850;

/**
 * Wakes the responder only for what concerns it: ARP of this very interface, not meant for another host, that asks for
 * one of the addresses, or speaks as one of them (RFC 5227 §2.4). With thousands of them that are scattered, also for
 * some of their neighbours. "all" lets every such frame through.
 */
export function arpFilter(interfaceIndex: number, addresses: readonly number[] | "all"): Uint8Array {
  return assemble([
    ...ofThisInterface(interfaceIndex, "drop early"),
    { load: 2, at: arpOffsets.etherType },
    { ifEqual: etherTypeArp, matched: "ARP" },
    { label: "drop early" },
    { keep: 0 },
    { label: "ARP" },
    ...(addresses === "all" ? [{ keep: wholePacket }] : byAddress(addresses)),
  ]);
}

function byAddress(addresses: readonly number[]): BpfStep[] {
  const end = { hit: "hit", miss: "none" };
  return [
    { load: 2, at: arpOffsets.operation },
    { ifEqual: arpOperation.request, matched: "request" },
    { goto: "claim" },
    { label: "request" },
    ...memberSteps(addresses, arpOffsets.targetAddress, targetStepsMax, {
      hit: "hit",
      miss: "claim",
      name: "target",
    }),
    { label: "claim" },
    ...memberSteps(addresses, arpOffsets.senderAddress, senderStepsMax, { ...end, name: "sender" }),
    { label: "hit" },
    { keep: wholePacket },
    { label: "none" },
    { keep: 0 },
  ];
}
