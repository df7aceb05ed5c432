/**
 * A member of a hashicorp/memberlist v0.5.1 ring: SWIM with Lifeguard, in its wire format. It decides only; UDP, TCP,
 * time, chance and AES-GCM are the driver's.
 *
 * ```ts
 * const wire = new Wire({ cipher, isCompressing: true, verifiesIncoming: true, verifiesOutgoing: true });
 * const member = new Memberlist({ name: "node1", address: "192.168.1.11", port: 7946, settings: lanSettings, wire, … });
 * member.start(now); // then, as they come:
 * member.join({ address: "192.168.1.12", port: 7946 }); // [{ type: "stream", purpose: "join", … }]
 * member.packetReceived(datagram, from, now); // [{ type: "datagram", to, bytes }, { type: "member", … }]
 * member.expire(member.nextDeadline()); // probes, suspicions, gossip
 * ```
 */
export type { Action, MemberView, StreamPurpose } from "./actions.ts";
export type { Cipher, EncryptionVersion } from "./encryption.ts";
export { type FaultCode, faultCodes, WireFault } from "./fault.ts";
export {
  confirmationsWanted,
  pushPullIntervalMs,
  retransmitLimit,
  suspicionLastsMs,
  suspicionTimeoutMs,
} from "./formulas.ts";
export { Memberlist } from "./memberlist.ts";
export * from "./messages.ts";
export {
  capabilityVersion,
  decodeMetadata,
  encodeMetadata,
  metadataBytesMax,
  type SpeakerMetadata,
} from "./metadata.ts";
export type { MemberlistOptions } from "./options.ts";
export { lanSettings, type MemberlistSettings, wanSettings } from "./settings.ts";
export { type ReadSettings, readSettings, type SettingsIssue } from "./settings_file.ts";
export { StreamDecoder, streamBytesMax, streamNodesMax } from "./stream.ts";
export { type OpenedPacket, Wire, type WireOptions } from "./wire.ts";
