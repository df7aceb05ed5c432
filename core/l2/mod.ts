/**
 * Layer 2: which interfaces serve, which ARP requests are answered, when an address is announced, and who else speaks
 * as it. RFC 826, and RFC 5227 §2.4 for conflicts. The addresses are IPv4; NDP is to come.
 *
 * ```ts
 * const owned = new OwnedTable();
 * owned.replace([{ address: "192.0.2.1", interfaces: [] }]);
 * const outcome = respond(frame, frame.length, { name: "eth0", mac }, owned, reply);
 * if (typeof outcome === "string") console.log(dropReasons[outcome]); // else: send `reply`
 * ```
 */
export {
  type ArpFault,
  type ArpFrame,
  arpFrameBytes,
  arpOffsets,
  arpOperation,
  decodeArp,
  encodeArp,
  type Ipv4Number,
} from "./arp.ts";
export { ConflictLimiter, conflictIntervalMs, foreignClaim, senderMac } from "./conflict.ts";
export { etherTypeArp } from "./ethernet.ts";
export {
  defaultGratuitousTiming,
  GratuitousSchedule,
  type GratuitousTiming,
  gratuitousFrames,
} from "./gratuitous.ts";
export { type Link, type LinkEvent, LinkTable } from "./links.ts";
export {
  ipv4Number,
  ipv4Text,
  isOnInterface,
  type Owned,
  type OwnedDifference,
  OwnedTable,
} from "./owned.ts";
export { type ArpLink, type DropReason, dropReasons, respond } from "./responder.ts";
export {
  compileExclusions,
  defaultExcludedInterfaces,
  type UnusableReason,
  unusableReason,
} from "./usability.ts";
