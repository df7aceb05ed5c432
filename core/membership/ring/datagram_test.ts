import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Datagram,
  datagramBytesMax,
  decodeDatagram,
  encodeDatagram,
  idsMax,
  payloadBytesMax,
  proofBytes,
  standingsMax,
} from "./datagram.ts";
import type { Message } from "./messages_types.ts";
import { stateOrder } from "./standing.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const definiteArc = fc.tuple(u48, u48).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const arc = fc.option(definiteArc, { nil: undefined });
const standings = fc.array(
  fc.record({
    id: u48,
    boot: u48,
    incarnation: u48,
    factsVersion: u48,
    state: fc.constantFrom(...stateOrder),
    silentMs: u16,
  }),
  { maxLength: standingsMax },
);
const payload = fc.uint8Array({ maxLength: payloadBytesMax });
const ids = fc.array(u48, { maxLength: idsMax });
const kind = <Kind extends Message["kind"]>(name: Kind) => fc.constant(name);

const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: kind("beat"),
    number: u32,
    incarnation: u48,
    lateMs: u16,
    awareness: u8,
    digest: u32,
  }),
  fc.record({ kind: kind("leave"), incarnation: u48, arc }),
  fc.record({ kind: kind("accuse"), target: u48, boot: u48, silentMs: u16 }),
  fc.record({ kind: kind("veto"), target: u48, boot: u48, ageMs: u16 }),
  fc.record({ kind: kind("probe"), token: u32, digest: u32 }),
  fc.record({ kind: kind("probe-for"), token: u32, target: u48, boot: u48 }),
  fc.record({ kind: kind("ack"), token: u32, target: u48, boot: u48, digest: u32 }),
  fc.record({ kind: kind("verdict"), arc, standings }),
  fc.record({ kind: kind("facts"), arc, member: u48, boot: u48, version: u48, facts: payload }),
  fc.record({ kind: kind("tell"), topic: u8, payload }),
  fc.record({ kind: kind("heirs"), heirs: ids }),
  fc.record({ kind: kind("digest"), stretches: fc.array(u32, { maxLength: 64 }) }),
  fc.record({ kind: kind("standings"), arc: definiteArc, isReply: fc.boolean(), standings }),
  fc.record({ kind: kind("ask-facts"), members: ids }),
  fc.record({ kind: kind("welcome"), flaps: u8 }),
);
const anyDatagram: fc.Arbitrary<Datagram> = fc.record({
  node: fc.stringMatching(/^[a-z0-9.-]{1,253}$/),
  boot: u48,
  receiverBoot: u48,
  sequence: u32,
  message: anyMessage,
});

const header = { node: "node1", boot: 0x010203040506, receiverBoot: 0x0a0b0c0d0e0f, sequence: 7 };
const beat: Datagram = {
  ...header,
  message: {
    kind: "beat",
    number: 9,
    incarnation: 0x019b00000001,
    lateMs: 3,
    awareness: 2,
    digest: 0xdecade00,
  },
};
const bytes = encodeDatagram(beat);
const envelope = (kind: string) => `6d6c02${kind}0102030405060a0b0c0d0e0f00000007056e6f646531`;
const hex = (each: Uint8Array) => Buffer.from(each).toString("hex");

describe("encodeDatagram()", () => {
  test.each<[Message, string]>([
    [beat.message, `01|0011${"00000009"}${"019b00000001"}${"0003"}${"02"}${"decade00"}`],
    [{ kind: "leave", incarnation: 1, arc: undefined }, "02|0012000000000001000000000001000000000000"],
    [
      { kind: "leave", incarnation: 1, arc: { from: 2, to: 3 } },
      "02|0012000000000001000000000002000000000003",
    ],
    [{ kind: "accuse", target: 1, boot: 2, silentMs: 601.4 }, "03|000e0000000000010000000000020259"],
    [{ kind: "veto", target: 1, boot: 2, ageMs: 1e9 }, "04|000e000000000001000000000002ffff"],
    [{ kind: "probe", token: 1, digest: 2 }, "05|00080000000100000002"],
    [{ kind: "probe-for", token: 1, target: 2, boot: 3 }, "06|001000000001000000000002000000000003"],
    [
      { kind: "ack", token: 1, target: 2, boot: 3, digest: 4 },
      "07|00140000000100000000000200000000000300000004",
    ],
    [{ kind: "tell", topic: 5, payload: Uint8Array.of(6, 7) }, "0a|00050500020607"],
    [{ kind: "heirs", heirs: [1] }, "0b|00080001000000000001"],
    [{ kind: "ask-facts", members: [] }, "0e|00020000"],
    [{ kind: "welcome", flaps: 300 }, "0f|0001ff"],
  ])("lays out %j as it is written down", (message, expected) => {
    const [code = "", body = ""] = expected.split("|");
    expect(hex(encodeDatagram({ ...header, message }))).toBe(envelope(code) + body);
  });

  test("lays out verdicts, facts, digests and standings as they are written down", () => {
    const standing = { id: 1, boot: 2, incarnation: 3, factsVersion: 4, state: "dead", silentMs: 5 } as const;
    const spoken = "0001000000000001000000000002000000000003000000000004010005";
    const body = (message: Message) =>
      hex(encodeDatagram({ ...header, message })).slice(envelope("00").length + 4);
    expect(body({ kind: "verdict", arc: undefined, standings: [standing] })).toBe(
      `000000000001000000000000${spoken}`,
    );
    expect(body({ kind: "standings", arc: { from: 0, to: 1 }, isReply: true, standings: [standing] })).toBe(
      `000000000000000000000001${"01"}${spoken}`,
    );
    expect(body({ kind: "digest", stretches: [1, 2] })).toBe("00020000000100000002");
    expect(
      body({ kind: "facts", arc: undefined, member: 1, boot: 9, version: 2, facts: Uint8Array.of(3) }),
    ).toBe(`000000000001000000000000${"000000000001"}${"000000000009"}${"000000000002"}${"0001"}03`);
  });

  test("never makes a datagram that does not fit, with its proof, into an Ethernet frame", () => {
    fc.assert(
      fc.property(anyDatagram, (datagram) => {
        const encoded = encodeDatagram({ ...datagram, node: "n".repeat(253) });
        expect(encoded.length + proofBytes).toBeLessThanOrEqual(datagramBytesMax);
      }),
    );
  });
});

describe("decodeDatagram()", () => {
  test("reads back what encodeDatagram() wrote, and leaves alone what follows", () => {
    fc.assert(
      fc.property(anyDatagram, fc.uint8Array({ maxLength: 40 }), (datagram, extension) => {
        const encoded = encodeDatagram(datagram);
        expect(decodeDatagram(new Uint8Array([...encoded, ...extension]))).toEqual(datagram);
      }),
    );
  });

  test("leaves alone what a newer speaker puts behind the fields of a body", () => {
    const longer = new Uint8Array([...bytes, 1, 2, 3]);
    longer[27] = 17 + 3;
    expect(decodeDatagram(longer)).toEqual(beat);
  });

  test.each([
    ["nothing", new Uint8Array(0), "short"],
    ["a cut header", bytes.subarray(0, 22), "short"],
    ["a cut name", bytes.subarray(0, 24), "short"],
    ["a cut body", bytes.subarray(0, -1), "short"],
    ["a body shorter than its fields", bytes.with(27, 16), "short"],
    ["another protocol", bytes.with(0, 0), "not-of-the-ring"],
    ["the plain heartbeats of version 1", bytes.with(2, 1), "other-version"],
    ["a kind of a newer speaker", bytes.with(3, 200), "unknown-kind"],
    ["kind 0", bytes.with(3, 0), "unknown-kind"],
    ["an empty name", bytes.with(20, 0), "bad-name"],
    ["a name that is not UTF-8", bytes.with(22, 0xff), "bad-name"],
    [
      "a state that is none",
      encodeDatagram({
        ...header,
        message: {
          kind: "verdict",
          arc: undefined,
          standings: [{ id: 1, boot: 2, incarnation: 3, factsVersion: 0, state: "dead", silentMs: 0 }],
        },
      }).with(-3 + 28 + 12 + 2 + 27, 9),
      "bad-field",
    ],
    [
      "a list that claims more than is there",
      encodeDatagram({ ...header, message: { kind: "heirs", heirs: [1] } }).with(28, 0xff),
      "short",
    ],
    [
      "standings of no stretch",
      encodeDatagram({
        ...header,
        message: { kind: "standings", arc: { from: 5, to: 5 }, isReply: false, standings: [] },
      }).with(33, 6),
      "bad-field",
    ],
  ])("refuses %s", (_, encoded, fault) => expect<unknown>(decodeDatagram(encoded)).toBe(fault));

  test("never throws, whatever comes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => void decodeDatagram(any)));
    fc.assert(
      fc.property(anyDatagram, fc.nat(), u8, fc.nat(), (datagram, at, byte, cut) => {
        const encoded = encodeDatagram(datagram);
        decodeDatagram(encoded.with(at % encoded.length, byte).subarray(0, encoded.length - (cut % 40)));
      }),
    );
  });
});
