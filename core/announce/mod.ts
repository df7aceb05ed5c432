/**
 * Who announces an address: one elected node at layer 2, every eligible node over BGP, and for each node why it does
 * or does not. Pure: every speaker, the controller's console and `metallb explain` compute the same answer.
 */
export {
  type AnnouncementChanges,
  Announcements,
  type Layer2Change,
  type Layer2Entry,
  type RouteChange,
} from "./announcements.ts";
export { announceBgp } from "./bgp.ts";
export { type AddressGroup, AddressGroups } from "./groups.ts";
export { electLayer2 } from "./layer2.ts";
export { type MergedRoute, RouteTable } from "./route_table.ts";
export type * from "./types.ts";
