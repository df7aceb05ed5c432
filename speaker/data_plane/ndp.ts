import {
  etherTypeIpv6,
  foreignAdvertisement,
  ndpFaults,
  ndpFrameBytes,
  respondNdp,
  solicitedNodeGroup,
  unsolicitedAdvertisement,
} from "#core/l2/mod.ts";
import { filteredIpv6AddressesMax, ndpFilter } from "#io/mod.ts";
import type { PortProtocol } from "./port_protocol.ts";

/** IPv6: questions go to the solicited-node group of an address, announcements come from the link-local address. */
export const ndp: PortProtocol = {
  family: "ipv6",
  etherType: etherTypeIpv6,
  frameBytes: ndpFrameBytes,
  filteredAddressesMax: filteredIpv6AddressesMax,
  serves: (link) => link.linkLocal !== undefined,
  filter: (interfaceIndex, owned) =>
    ndpFilter(
      interfaceIndex,
      owned.map(({ bytes }) => bytes),
    ),
  groups: (owned) => owned.map(({ bytes }) => solicitedNodeGroup(bytes)),
  respond: (frame, length, link, owned, reply) => {
    const outcome = respondNdp(frame, length, link, owned, reply);
    if (typeof outcome !== "string") return outcome;
    return outcome in ndpFaults ? "invalid" : "unanswered";
  },
  claim: (frame, link, owned, ownMacs) => foreignAdvertisement(frame, link.name, owned, ownMacs),
  announcement: (link, { bytes }) => [unsolicitedAdvertisement(link, bytes)],
};
