/**
 * Who announces an address: one elected node at layer 2, every eligible node over BGP, and for each node why it does
 * or does not. Pure: every speaker, the controller's console and `metallb explain` compute the same answer.
 */
export { type AnnouncementChanges, Announcements } from "./announcements.ts";
export { announceBgp } from "./bgp.ts";
export { drainAnnotation, parseDrain } from "./drain.ts";
export { type AddressGroup, AddressGroups } from "./groups.ts";
export { electLayer2 } from "./layer2.ts";
export type { Layer2Change, Layer2Entry, Layer2Place } from "./layer2_entry.ts";
export { sameFacts } from "./node_change.ts";
export type { RouteChange } from "./node_routes.ts";
export { type MergedRoute, RouteTable } from "./route_table.ts";
export {
  decodeSpeakerFacts,
  encodeSpeakerFacts,
  type SpeakerFactsFault,
  speakerFactsBytesMax,
} from "./speaker_facts.ts";
export { spreadOf } from "./spread.ts";
export { areExtrasInForce } from "./standing.ts";
export type * from "./types.ts";
