import {
  arpFrameBytes,
  arpOffsets,
  arpOperation,
  arpProbe,
  encodeArp,
  etherTypeArp,
  foreignClaim,
  foreignProbe,
  gratuitousFrames,
  type Owned,
  respond,
  senderMac,
} from "#core/l2/mod.ts";
import { broadcastMac } from "#core/net/mod.ts";
import { arpFilter } from "#io/mod.ts";
import { askerMac, type PortProtocol, type Rival } from "./port_protocol.ts";

/** IPv4: questions are broadcast, so there is no group to join. */
export const arp: PortProtocol = {
  family: "ipv4",
  etherType: etherTypeArp,
  frameBytes: arpFrameBytes,
  serves: () => true,
  filter: (interfaceIndex, owned) =>
    arpFilter(interfaceIndex, owned === "all" ? owned : owned.map(({ key }) => key)),
  group: () => undefined,
  respond: (frame, length, link, owned, reply) => {
    const outcome = respond(frame, length, link, owned, reply);
    if (typeof outcome !== "string") return outcome;
    return outcome === "malformed" ? "invalid" : "unanswered";
  },
  claim: (frame, link, owned, ownMacs) => rival(frame, foreignClaim(frame, link.name, owned, ownMacs)),
  rivalProbe: (frame, link, owned, ownMacs) => rival(frame, foreignProbe(frame, link.name, owned, ownMacs)),
  announcement: (link, { key }) => gratuitousFrames(link.macText, key),
  probe: (link, { key }) => arpProbe(link.macText, key),
  question: (_, { key }) =>
    encodeArp({
      destination: broadcastMac,
      source: askerMac,
      operation: arpOperation.request,
      senderMac: askerMac,
      senderAddress: 0,
      targetMac: "00:00:00:00:00:00",
      targetAddress: key,
      trailer: new Uint8Array(0),
    }),
};

function rival(frame: Uint8Array, entry: Owned | undefined): Rival | undefined {
  const isToGroup = ((frame[arpOffsets.destination] as number) & 1) === 1;
  return entry && { entry, mac: senderMac(frame), isAnswer: !isToGroup };
}
