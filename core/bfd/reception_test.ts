import { describe, expect, test } from "bun:test";
import { packet } from "./fixtures.ts";
import { encodeControlPacket } from "./packet.ts";
import { receiveControlPacket } from "./reception.ts";
import { type DiscardReason, receptionTable } from "./reception_table.ts";

const singleHop = { name: "single hop", minimumTtl: 255 };
const farther = { name: "multihop", minimumTtl: 250 };

/** Discriminator 1 is of the session over one hop, 2 of the other; a sender that is known is on one hop. */
function receive(
  payload: Uint8Array,
  {
    ttl = 255,
    portMinimumTtl = 255,
    isSenderKnown = true,
  }: { ttl?: number; portMinimumTtl?: number; isSenderKnown?: boolean } = {},
) {
  return receiveControlPacket(
    { payload, ttl, portMinimumTtl },
    {
      byDiscriminator: (discr) => ({ 1: singleHop, 2: farther })[discr],
      bySender: () => (isSenderKnown ? singleHop : undefined),
    },
  );
}

/** With one byte set to another value. */
function altered(at: number, value: number, change: Parameters<typeof packet>[0] = {}): Uint8Array {
  const bytes = encodeControlPacket(packet(change));
  bytes[at] = value;
  return bytes;
}

const good = (change: Parameters<typeof packet>[0] = {}) => encodeControlPacket(packet(change));
const authenticated = (length: number) =>
  Uint8Array.of(...good({ authenticationPresent: true, length }), 2, 4, 0, 0);

/** Each rule of RFC 5880 §6.8.6, 5881 §5 and 5883 §5 with a packet that breaks it and no rule before it. */
const broken: [DiscardReason, Uint8Array, Parameters<typeof receive>[1]?][] = [
  ["too short", good().subarray(0, 23)],
  ["too short", new Uint8Array()],
  ["sent from too far away", good(), { ttl: 254 }],
  ["version is not 1", good({ version: 0 })],
  ["version is not 1", good({ version: 2 })],
  ["length below the minimum", altered(3, 23)],
  ["length below the minimum", authenticated(25)],
  ["length above what arrived", altered(3, 25)],
  ["length above what arrived", authenticated(29)],
  ["Detect Mult is zero", good({ detectMult: 0 })],
  ["Multipoint bit is set", good({ multipoint: true })],
  ["My Discriminator is zero", good({ myDiscriminator: 0 })],
  ["Your Discriminator is of no session", good({ yourDiscriminator: 9 })],
  ["Your Discriminator is zero in state Init or Up", good({ yourDiscriminator: 0, state: "Init" })],
  ["Your Discriminator is zero in state Init or Up", good({ yourDiscriminator: 0, state: "Up" })],
  ["no session with the sender", good({ yourDiscriminator: 0 }), { isSenderKnown: false }],
  ["authenticated, and authentication is not in use", authenticated(28)],
  ["below the minimum TTL of the session", good({ yourDiscriminator: 2 }), { ttl: 249, portMinimumTtl: 1 }],
];

describe("receiveControlPacket()", () => {
  test("every rule of the table has a packet that breaks it", () => {
    const reasons = new Set(broken.map(([reason]) => reason));
    expect(receptionTable.filter(({ reason }) => !reasons.has(reason))).toEqual([]);
  });

  test.each(broken.map((row) => ({ row, reason: row[0] })))(
    "discards: $reason",
    ({ row: [reason, payload, how] }) => {
      expect(receive(payload, how)).toMatchObject({ discarded: reason });
    },
  );

  test("names the first rule of several that are broken", () => {
    const worst = good({
      version: 3,
      detectMult: 0,
      multipoint: true,
      myDiscriminator: 0,
      yourDiscriminator: 9,
    });
    expect(receive(worst, { ttl: 1 })).toMatchObject({ discarded: "sent from too far away" });
    expect(receive(worst)).toMatchObject({ discarded: "version is not 1" });
    expect(receive(good({ detectMult: 0, multipoint: true }))).toMatchObject({
      discarded: "Detect Mult is zero",
    });
  });

  test("takes what breaks no rule, by discriminator before sender", () => {
    expect(receive(good())).toMatchObject({ session: singleHop });
    expect(receive(good({ yourDiscriminator: 0 }))).toMatchObject({ session: singleHop });
    expect(receive(good({ yourDiscriminator: 0, state: "AdminDown" }))).toMatchObject({ session: singleHop });
    const far = receive(good({ yourDiscriminator: 2, state: "Up" }), { ttl: 250, portMinimumTtl: 1 });
    expect(far).toMatchObject({ session: farther });
  });

  test("takes a packet with bytes after its length", () => {
    expect(receive(Uint8Array.of(...good(), 1, 2, 3))).toMatchObject({ session: singleHop });
  });
});
