import { bfdVersion, type ControlPacket, controlPacketBytes } from "./packet.ts";

/** A Control packet with what IP said of it and the session it selects. */
export interface Reception {
  readonly packet: ControlPacket;
  readonly payloadBytes: number;
  /** TTL or hop limit that it arrived with. */
  readonly ttl: number;
  /** Of the port it came to: 255 for a single hop (RFC 5881 §5). */
  readonly portMinimumTtl: number;
  /** RFC 5880 §6.3: by Your Discriminator where that is not zero, else by where the packet came from. */
  readonly session: { readonly minimumTtl: number } | undefined;
}

export type DiscardReason = (typeof receptionTable)[number]["reason"] | "too short";

interface ReceptionRule {
  readonly reason: string;
  readonly section: string;
  readonly discards: (reception: Reception) => boolean;
}

/**
 * The rules of reception, in their order: the first that discards a packet names why. §6.8.6 of RFC 5880, with the hop
 * limits of RFC 5881 §5 before it and RFC 5883 §5 where the session is known. Authentication is off (bfd.AuthType is 0).
 */
export const receptionTable = [
  {
    reason: "sent from too far away",
    section: "RFC 5881 §5",
    discards: ({ ttl, portMinimumTtl }) => ttl < portMinimumTtl,
  },
  {
    reason: "version is not 1",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet }) => packet.version !== bfdVersion,
  },
  {
    reason: "length below the minimum",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet }) =>
      packet.length < (packet.authenticationPresent ? controlPacketBytes + 2 : controlPacketBytes),
  },
  {
    reason: "length above what arrived",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet, payloadBytes }) => packet.length > payloadBytes,
  },
  {
    reason: "Detect Mult is zero",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet }) => packet.detectMult === 0,
  },
  {
    reason: "Multipoint bit is set",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet }) => packet.multipoint,
  },
  {
    reason: "My Discriminator is zero",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet }) => packet.myDiscriminator === 0,
  },
  {
    reason: "Your Discriminator is of no session",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet, session }) => packet.yourDiscriminator !== 0 && session === undefined,
  },
  {
    reason: "Your Discriminator is zero in state Init or Up",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet }) =>
      packet.yourDiscriminator === 0 && packet.state !== "Down" && packet.state !== "AdminDown",
  },
  {
    reason: "no session with the sender",
    section: "RFC 5880 §6.8.6",
    discards: ({ session }) => session === undefined,
  },
  {
    reason: "authenticated, and authentication is not in use",
    section: "RFC 5880 §6.8.6",
    discards: ({ packet }) => packet.authenticationPresent,
  },
  {
    reason: "below the minimum TTL of the session",
    section: "RFC 5883 §5",
    discards: ({ ttl, session }) => session !== undefined && ttl < session.minimumTtl,
  },
] as const satisfies readonly ReceptionRule[];
