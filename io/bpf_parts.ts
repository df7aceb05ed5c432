import { type BpfStep, bpfInterfaceIndex, bpfPacketType } from "./bpf.ts";

const PACKET_OTHERHOST = 3;
export const wholePacket = 0xffff;

/** Goes to `miss` with a frame of another interface, such as a VLAN on this one, or meant for another host. */
export function ofThisInterface(interfaceIndex: number, miss: string): BpfStep[] {
  return [
    { load: 4, at: bpfInterfaceIndex },
    { ifEqual: interfaceIndex, otherwise: miss },
    { load: 4, at: bpfPacketType },
    { ifEqual: PACKET_OTHERHOST, matched: miss },
  ];
}
