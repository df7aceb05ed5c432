import { expect, test } from "bun:test";
import { decodeEchoPacket } from "./echo_packet.ts";
import { diagnosticName } from "./names_table.ts";
import { type ControlPacket, decodeControlPacket, encodeControlPacket } from "./packet.ts";
import { receiveControlPacket } from "./reception.ts";

const ms = 1_000;
const bird = { myDiscriminator: 0x85d82a83, requiredMinRxInterval: 100 * ms, requiredMinEchoRxInterval: 0 };
const frr = { myDiscriminator: 0xb4372270, requiredMinEchoRxInterval: 50 * ms };

/** UDP payloads as routers sent them, captured on the wire, and what they say. */
const captures: [string, string, Partial<ControlPacket>, string?][] = [
  [
    "BIRD 2.0.12, first packet",
    "2040051885d82a8300000000000f4240000186a000000000",
    { ...bird, state: "Down", detectMult: 5, yourDiscriminator: 0, desiredMinTxInterval: 1_000 * ms },
  ],
  [
    "BIRD 2.0.12, answer to a Poll, with why it went down",
    "2350051885d82a83c71eaa99000f4240000186a000000000",
    { ...bird, state: "Down", poll: false, final: true, yourDiscriminator: 0xc71eaa99 },
    "Neighbor Signaled Session Down",
  ],
  [
    "BIRD 2.0.12, Poll in state Init",
    "20a0051885d82a83ec09072e000f4240000186a000000000",
    { ...bird, state: "Init", poll: true },
  ],
  [
    "BIRD 2.0.12, over several hops, up",
    "20e005189333f143f7ae78ce000186a0000186a000000000",
    { state: "Up", poll: true, desiredMinTxInterval: 100 * ms, requiredMinRxInterval: 100 * ms },
  ],
  [
    "BIRD 2.0.12, other intervals",
    "20e00718e436686a09bc4288000493e00000ea6000000000",
    {
      state: "Up",
      poll: true,
      detectMult: 7,
      desiredMinTxInterval: 300 * ms,
      requiredMinRxInterval: 60 * ms,
    },
  ],
  [
    "BIRD 2.0.12, authenticated by keyed SHA1",
    "20e40534e436686a09bc4288000186a0000186a000000000041c01002ebcbc56243b48128bb8b67038033f1108d4d9fcc7201b72",
    { state: "Up", authenticationPresent: true, authType: 4, length: 52 },
  ],
  [
    "FRR 8.4.4, Init",
    "20800518b4372270f2350e57000f4240000f42400000c350",
    { ...frr, state: "Init", yourDiscriminator: 0xf2350e57, requiredMinRxInterval: 1_000 * ms },
  ],
  [
    "FRR 8.4.4, Poll on going up",
    "20e00518b4372270f2350e57000186a0000186a00000c350",
    { ...frr, state: "Up", poll: true, final: false, desiredMinTxInterval: 100 * ms },
  ],
  [
    "FRR 8.4.4, Final",
    "20d00518b4372270f2350e57000186a0000186a00000c350",
    { ...frr, state: "Up", poll: false, final: true },
  ],
  [
    "FRR 8.4.4, after it missed us",
    "21400518b437227000000000000186a0000186a00000c350",
    { ...frr, state: "Down", yourDiscriminator: 0 },
    "Control Detection Time Expired",
  ],
];

test.each(captures.map((row) => ({ name: row[0], row })))("$name", ({ row: [, hex, said, why] }) => {
  const bytes = Uint8Array.fromHex(hex);
  const packet = decodeControlPacket(bytes) ?? expect.unreachable();
  expect(packet).toMatchObject({ version: 1, multipoint: false, demand: false, ...said });
  expect(diagnosticName(packet.diag)).toBe(why ?? "No Diagnostic");
  const session = { minimumTtl: 255 };
  const received = receiveControlPacket(
    { payload: bytes, ttl: 255, portMinimumTtl: 255 },
    { byDiscriminator: () => session, bySender: () => session },
  );
  if (packet.authenticationPresent)
    expect(received).toMatchObject({ discarded: "authenticated, and authentication is not in use" });
  else {
    expect(received).toMatchObject({ session });
    expect(encodeControlPacket(packet).toHex()).toBe(hex);
  }
});

test("an Echo packet of FRR 8.4.4 is none of ours", () => {
  expect(
    decodeEchoPacket(Uint8Array.fromHex("01180000676e0a5f00000000000037ea00000000000c62d9")),
  ).toBeUndefined();
});
