import type { Layer2Leader, Layer2Row, SpeakerState } from "#server/ports.ts";
import type { AnnouncerIndex } from "./announcers.ts";

type Announcement = SpeakerState["announcements"][number];

/** Who is to answer for the address, as the speakers say, the latest first. */
export function leadersOf(address: string, announcers: AnnouncerIndex): Layer2Leader[] {
  return [...announcers.layer2Of(address)]
    .map(([node, announcement]) => leader(node, announcement))
    .sort((a, b) => b.since - a.since);
}

function leader(node: string, announcement: Announcement): Layer2Leader {
  const { interfaces, since, gratuitousAt, requests, responses, gratuitous, phase, yieldingTo } =
    announcement;
  return {
    node,
    interfaces: interfaces.map(({ name }) => name),
    mac: interfaces[0]?.mac ?? "",
    macs: interfaces.map(({ mac }) => mac),
    since,
    counters: { requests, responses, gratuitous },
    ...(gratuitousAt !== undefined && { gratuitousAt }),
    ...(phase !== undefined && { phase }),
    ...(yieldingTo !== undefined && { yieldingTo }),
  };
}

/** Other hosts that speak as the address, and the nodes that hear them. */
export function conflictsOf(
  address: string,
  announcers: AnnouncerIndex,
): NonNullable<Layer2Row["conflicts"]> {
  return announcers
    .conflicts()
    .filter((conflict) => conflict.address === address)
    .sort((a, b) => a.since - b.since);
}
