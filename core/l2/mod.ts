/**
 * Layer 2: which interfaces serve, which questions for an address are answered, when an address is announced, and who
 * else speaks as it. ARP by RFC 826, with RFC 5227 §2.4 for conflicts; NDP by RFC 4861, with RFC 4862 §5.4.
 *
 * ```ts
 * const owned = new OwnedTable();
 * owned.set("192.0.2.1", []);
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
export {
  ConflictLimiter,
  conflictIntervalMs,
  defendIntervalMs,
  foreignClaim,
  foreignProbe,
  senderMac,
} from "./conflict.ts";
export { etherTypeArp, etherTypeIpv4, etherTypeIpv6, sameMacBytes } from "./ethernet.ts";
export {
  defaultGratuitousTiming,
  GratuitousSchedule,
  type GratuitousTiming,
  gratuitousFrames,
} from "./gratuitous.ts";
export { decodeHandover, encodeHandover, handoverBytesMax, handoverKind } from "./handover.ts";
export { allNodes, ipv6Bytes, solicitedNodeGroup } from "./ipv6_groups.ts";
export { type Link, type LinkEvent, LinkTable } from "./links.ts";
export { decodeNdp, encodeNdp, type NdpFrame, type NdpOption } from "./ndp.ts";
export { foreignAdvertisement, foreignDetection } from "./ndp_conflict.ts";
export {
  type NdpFault,
  ndpFault,
  ndpFaults,
  ndpFlag,
  ndpHopLimit,
  ndpOffsets,
  ndpOptionType,
  ndpType,
  nextHeaderIcmpv6,
  nonceBytes,
  writeNdpChecksum,
} from "./ndp_frame.ts";
export {
  type NdpDropReason,
  type NdpLink,
  ndpDropReasons,
  ndpFrameBytes,
  respondNdp,
  unsolicitedAdvertisement,
} from "./ndp_responder.ts";
export {
  ipv4Number,
  ipv4Text,
  isOnInterface,
  type Owned,
  OwnedTable,
} from "./owned.ts";
export { arpProbe, ndpProbe } from "./probe_frames.ts";
export { defaultProbeTiming, type ProbesDue, type ProbeTiming, Probing } from "./probing.ts";
export { type ArpLink, type DropReason, dropReasons, respond } from "./responder.ts";
export {
  compileExclusions,
  defaultExcludedInterfaces,
  type UnusableReason,
  unusableReason,
} from "./usability.ts";
export { Yielding, type YieldsDue, type YieldTiming } from "./yielding.ts";
