import { type BpfStep, bpfInterfaceIndex, bpfPacketType } from "./bpf.ts";

const PACKET_OTHERHOST = 3;
export const wholePacket = 0xffff;
/** Small enough for a conditional jump, which reaches 255 steps, and for a frame of others to be dropped quickly. */
const comparisonsPerRun = 32;

/** Goes to `miss` with a frame of another interface, such as a VLAN on this one, or meant for another host. */
export function ofThisInterface(interfaceIndex: number, miss: string): BpfStep[] {
  return [
    { load: 4, at: bpfInterfaceIndex },
    { ifEqual: interfaceIndex, otherwise: miss },
    { load: 4, at: bpfPacketType },
    { ifEqual: PACKET_OTHERHOST, matched: miss },
  ];
}

/** Keeps the packet where the accumulator is one of the sorted addresses, found by halving, and else goes to `miss`. */
export function anyOf(sorted: readonly number[], miss: string, name: string): BpfStep[] {
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
