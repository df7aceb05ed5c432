import {
  arpFrameBytes,
  etherTypeArp,
  foreignClaim,
  gratuitousFrames,
  respond,
  senderMac,
} from "#core/l2/mod.ts";
import { arpFilter, filteredAddressesMax } from "#io/mod.ts";
import type { PortProtocol } from "./port_protocol.ts";

/** IPv4: questions are broadcast, so there is no group to join. */
export const arp: PortProtocol = {
  family: "ipv4",
  etherType: etherTypeArp,
  frameBytes: arpFrameBytes,
  filteredAddressesMax,
  serves: () => true,
  filter: (interfaceIndex, owned) =>
    arpFilter(
      interfaceIndex,
      owned.map(({ key }) => key),
    ),
  groups: () => [],
  respond: (frame, length, link, owned, reply) => {
    const outcome = respond(frame, length, link, owned, reply);
    if (typeof outcome !== "string") return outcome;
    return outcome === "malformed" ? "invalid" : "unanswered";
  },
  claim: (frame, link, owned, ownMacs) => {
    const entry = foreignClaim(frame, link.name, owned, ownMacs);
    return entry && { entry, mac: senderMac(frame) };
  },
  announcement: (link, { key }) => gratuitousFrames(link.macText, key),
};
