import { bfdPorts, echoEtherTypes } from "#core/bfd/mod.ts";
import type { Family } from "#core/net/mod.ts";
import { assemble, type BpfStep } from "./bpf.ts";
import { ofThisInterface, wholePacket } from "./bpf_parts.ts";

/** Offsets in an Ethernet frame; the header of IPv4 without options, of IPv6 without extensions. */
const offsets = {
  ipv4: { etherType: echoEtherTypes.ipv4, protocol: 23, source: 26, destination: 30, port: 36 },
  // The last four bytes of the addresses.
  ipv6: { etherType: echoEtherTypes.ipv6, protocol: 20, source: 34, destination: 50, port: 56 },
};
const protocolUdp = 17;
/** A jump reaches 255 steps. */
const comparisonsMax = 100;

export interface EchoEndpoints {
  /** Last four bytes of the addresses that Echo packets come back to. */
  readonly own: readonly number[];
  /** Last four bytes of the peers' addresses, whose control packets tell their MAC. */
  readonly peers: readonly number[];
}

/** Wakes for Echo packets that come back (RFC 5881 §4) and for control packets of the peers they are sent to. */
export function echoFilter(
  interfaceIndex: number,
  family: Family,
  { own, peers }: EchoEndpoints,
): Uint8Array {
  const { etherType, protocol, source, destination, port } = offsets[family];
  const oneOf = (numbers: readonly number[], at: number): BpfStep[] =>
    numbers.length > comparisonsMax
      ? [{ keep: wholePacket }]
      : [
          { load: 4, at },
          ...numbers.map((number) => ({ ifEqual: number, matched: "keep" })),
          { goto: "drop" },
        ];
  return assemble([
    ...ofThisInterface(interfaceIndex, "drop early"),
    { load: 2, at: 12 },
    { ifEqual: etherType, otherwise: "drop early" },
    { load: 1, at: protocol },
    { ifEqual: protocolUdp, otherwise: "drop early" },
    { load: 2, at: port },
    { ifEqual: bfdPorts.echo, matched: "echo" },
    { ifEqual: bfdPorts.singleHop, matched: "control" },
    { label: "drop early" },
    { keep: 0 },
    { label: "control" },
    ...oneOf(peers, source),
    { label: "echo" },
    ...oneOf(own, destination),
    { label: "drop" },
    { keep: 0 },
    { label: "keep" },
    { keep: wholePacket },
  ]);
}
