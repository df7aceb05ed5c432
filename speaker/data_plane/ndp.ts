import { randomBytes } from "node:crypto";
import {
  encodeNdp,
  etherTypeIpv6,
  foreignAdvertisement,
  foreignDetection,
  ndpFaults,
  ndpFrameBytes,
  ndpOptionType,
  ndpProbe,
  ndpType,
  nonceBytes,
  respondNdp,
  solicitedNodeGroup,
  unsolicitedAdvertisement,
} from "#core/l2/mod.ts";
import { addressFromBytes, type IpAddress, macToBytes } from "#core/net/mod.ts";
import { ndpFilter } from "#io/mod.ts";
import { askerMac, type PortProtocol } from "./port_protocol.ts";

/** One for all questions of this process tells its own from others' as well as one for each (RFC 7527 §4.1). */
const ownNonce = Uint8Array.from(randomBytes(nonceBytes));

/** IPv6: questions go to the solicited-node group of an address, announcements come from the link-local address. */
export const ndp: PortProtocol = {
  family: "ipv6",
  etherType: etherTypeIpv6,
  frameBytes: ndpFrameBytes,
  serves: (link) => link.linkLocal !== undefined,
  filter: (interfaceIndex, owned) =>
    ndpFilter(interfaceIndex, owned === "all" ? owned : owned.map(({ bytes }) => bytes)),
  group: ({ bytes }) => solicitedNodeGroup(bytes),
  respond: (frame, length, link, owned, reply) => {
    const outcome = respondNdp(frame, length, link, owned, reply);
    if (typeof outcome !== "string") return outcome;
    return outcome in ndpFaults ? "invalid" : "unanswered";
  },
  claim: (frame, link, owned, ownMacs) => foreignAdvertisement(frame, link.name, owned, ownMacs),
  rivalProbe: (frame, link, owned, ownMacs) => foreignDetection(frame, link.name, owned, ownMacs, ownNonce),
  announcement: (link, { bytes }) => [unsolicitedAdvertisement(link, bytes)],
  probe: (link, { bytes }) => ndpProbe(link.macText, bytes, ownNonce),
  question: (link, { bytes }) =>
    encodeNdp({
      destination: "33:33:ff:00:00:00",
      source: askerMac,
      trafficClassAndFlow: 0,
      sourceAddress: addressFromBytes(link.linkLocal) as IpAddress,
      destinationAddress: addressFromBytes(solicitedNodeGroup(bytes)) as IpAddress,
      type: ndpType.solicitation,
      flags: 0,
      target: addressFromBytes(bytes) as IpAddress,
      options: [{ type: ndpOptionType.sourceLinkLayer, value: macToBytes(askerMac) }],
      trailer: new Uint8Array(0),
    }),
};
