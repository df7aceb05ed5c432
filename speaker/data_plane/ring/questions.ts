import {
  arpOperation,
  decodeArp,
  decodeNdp,
  encodeArp,
  encodeNdp,
  etherTypeArp,
  etherTypeIpv6,
  ndpOptionType,
  ndpType,
  solicitedNodeGroup,
} from "#core/l2/mod.ts";
import {
  addressFromBytes,
  addressToBytes,
  broadcastMac,
  type IpAddress,
  macFromBytes,
  macToBytes,
  parseAddress,
  sameAddress,
} from "#core/net/mod.ts";
import { arpFilter, ndpFilter } from "#io/mod.ts";
import type { OwnLink } from "./own_links.ts";

/** How a gateway is asked on one interface, and what is an answer. */
export interface Question {
  readonly etherType: number;
  /** Only frames about the gateway come through. */
  readonly filter: Uint8Array;
  readonly frame: Uint8Array;
  isAnswer(frame: Uint8Array): boolean;
}

/** Undefined where the interface has no address to ask from. */
export function questionFor(gateway: string, link: OwnLink): Question | undefined {
  const target = parseAddress(gateway);
  if (!target) return undefined;
  const own = link.addresses
    .map(parseAddress)
    .filter((each): each is IpAddress => each?.family === target.family);
  if (target.family === "ipv4") return own[0] && askArp(target, own[0], link);
  // A router's address is link-local more often than not, and so is who asks for it (RFC 4861 §4.3 allows any own).
  const source = own.find((each) => isLinkLocal(each)) ?? own[0];
  return source && askNdp(target, source, link);
}

/** RFC 826: who has the gateway, tell us. */
function askArp(target: IpAddress, own: IpAddress, { index, mac }: OwnLink): Question {
  const targetAddress = Number(target.value);
  const frame = encodeArp({
    destination: broadcastMac,
    source: mac,
    operation: arpOperation.request,
    senderMac: mac,
    senderAddress: Number(own.value),
    targetMac: "00:00:00:00:00:00",
    targetAddress,
    trailer: new Uint8Array(0),
  });
  return {
    etherType: etherTypeArp,
    filter: arpFilter(index, [targetAddress]),
    frame,
    isAnswer(bytes) {
      const answer = decodeArp(bytes);
      return typeof answer !== "string" && answer.senderAddress === targetAddress && answer.senderMac !== mac;
    },
  };
}

/** RFC 4861 §7.2.2: a solicitation to the gateway's solicited-node group. */
function askNdp(target: IpAddress, own: IpAddress, { index, mac }: OwnLink): Question {
  const bytes = addressToBytes(target);
  const group = solicitedNodeGroup(bytes);
  const frame = encodeNdp({
    destination: macFromBytes(Uint8Array.from([0x33, 0x33, ...group.subarray(12)])),
    source: mac,
    trafficClassAndFlow: 0,
    sourceAddress: own,
    destinationAddress: addressFromBytes(group) as IpAddress,
    type: ndpType.solicitation,
    flags: 0,
    target,
    options: [{ type: ndpOptionType.sourceLinkLayer, value: macToBytes(mac) }],
    trailer: new Uint8Array(0),
  });
  return {
    etherType: etherTypeIpv6,
    filter: ndpFilter(index, [bytes]),
    frame,
    isAnswer(received) {
      const answer = decodeNdp(received);
      return (
        typeof answer !== "string" &&
        answer.type === ndpType.advertisement &&
        sameAddress(answer.target, target) &&
        answer.source !== mac
      );
    },
  };
}

function isLinkLocal(address: IpAddress): boolean {
  const [first = 0, second = 0] = addressToBytes(address);
  return first === 0xfe && (second & 0xc0) === 0x80;
}
