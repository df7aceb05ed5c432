import { type ControlPacket, decodeControlPacket } from "./packet.ts";
import { type DiscardReason, receptionTable } from "./reception_table.ts";

/** The payload of a UDP datagram and what IP said of it. */
export interface Arrival {
  readonly payload: Uint8Array;
  readonly ttl: number;
  /** Of the port: 255 for a single hop, 1 for several. */
  readonly portMinimumTtl: number;
}

/** How a packet finds its session (RFC 5880 §6.3). */
export interface SessionIndex<Session> {
  byDiscriminator(localDiscr: number): Session | undefined;
  /** The session with whoever sent it, for the first packets, which name none. */
  bySender(): Session | undefined;
}

export type Received<Session> =
  | { readonly packet: ControlPacket; readonly session: Session }
  /** The session where the packet came as far as selecting one. */
  | { readonly discarded: DiscardReason; readonly session?: Session; readonly packet?: ControlPacket };

/** The packet and its session, or why it is dropped without a word. */
export function receiveControlPacket<Session extends { readonly minimumTtl: number }>(
  { payload, ttl, portMinimumTtl }: Arrival,
  index: SessionIndex<Session>,
): Received<Session> {
  const packet = decodeControlPacket(payload);
  if (!packet) return { discarded: "too short" };
  const { yourDiscriminator } = packet;
  const session = yourDiscriminator === 0 ? index.bySender() : index.byDiscriminator(yourDiscriminator);
  const reception = { packet, payloadBytes: payload.length, ttl, portMinimumTtl, session };
  const rule = receptionTable.find(({ discards }) => discards(reception));
  if (rule) return { discarded: rule.reason, packet, ...(session && { session }) };
  // The rules leave none without a session.
  return session ? { packet, session } : { discarded: "no session with the sender", packet };
}
