/**
 * Layer A of membership on the main thread: a member of a memberlist ring that may mix MetalLB's speakers and ours.
 *
 * ```ts
 * const gossip = new Gossip({ node, address, port: 7946, settings: await gossipSettings(settingsFile, false), … });
 * gossip.onChange(({ member, was }) => members.gossiped(member));
 * await gossip.start();
 * gossip.setSeeds(["192.168.1.12", "192.168.1.13"]);
 * await gossip.leave();
 * ```
 */
export { AesGcm } from "./aes_gcm.ts";
export type { Complaint, ComplaintCode } from "./complaints.ts";
export { Gossip } from "./gossip.ts";
export { gossipKey } from "./key.ts";
export { gossipSecret, gossipSettings, settingsFile } from "./settings.ts";
export type { GossipChange, GossipMember, GossipOptions, GossipState } from "./types.ts";
