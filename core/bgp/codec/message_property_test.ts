import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { maskAddress, type Prefix } from "#core/net/mod.ts";
import type { AsPath, CodecContext, Message, PathAttributes } from "./mod.ts";
import { BgpError, decodeMessage, describeMessage, encodeMessage, MessageFramer } from "./mod.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const flag = fc.boolean();
const family = fc.record({ afi: u16, safi: u8 });
const ipv4 = fc.bigInt(0n, 0xffffffffn).map((value) => ({ family: "ipv4" as const, value }));
const prefix: fc.Arbitrary<Prefix> = fc
  .tuple(ipv4, fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => maskAddress(address, length));
const ipv6 = fc.bigInt(0n, 2n ** 128n - 1n).map((value) => ({ family: "ipv6" as const, value }));
const prefix6: fc.Arbitrary<Prefix> = fc
  .tuple(ipv6, fc.integer({ min: 0, max: 128 }))
  .map(([address, length]) => maskAddress(address, length));
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

const sequence = fc.record({
  type: fc.constantFrom("AS_SET" as const, "AS_SEQUENCE" as const),
  asns: fc.array(u32, { minLength: 1, maxLength: 8 }),
});
const asPath: fc.Arbitrary<AsPath> = fc.array(sequence, { maxLength: 4 });
const aggregator = fc.record({ asn: u32, address: ipv4 });

const context: fc.Arbitrary<CodecContext> = fc.record({ fourOctetAs: flag, isExternal: flag });

/** Attributes that the context allows; every route carries the mandatory ones. */
function attributes({ isExternal }: CodecContext): fc.Arbitrary<PathAttributes> {
  const mandatory = {
    ORIGIN: fc.constantFrom("IGP" as const, "EGP" as const, "INCOMPLETE" as const),
    AS_PATH: asPath,
    NEXT_HOP: ipv4,
  };
  const optional = {
    MULTI_EXIT_DISC: u32,
    ATOMIC_AGGREGATE: fc.constant(true as const),
    AGGREGATOR: aggregator,
    COMMUNITIES: fc.array(u32, { minLength: 1, maxLength: 80 }),
    LARGE_COMMUNITY: fc.array(
      fc.record({
        kind: fc.constant("large" as const),
        globalAdministrator: u32,
        localData1: u32,
        localData2: u32,
      }),
      { minLength: 1, maxLength: 30 },
    ),
    MP_REACH_NLRI: fc.oneof(
      fc.record({
        afi: fc.constant(2),
        safi: fc.constant(1),
        nextHops: fc.array(ipv6, { minLength: 1, maxLength: 2 }),
        nlri: fc.array(prefix6, { maxLength: 20 }),
      }),
      fc.record({
        afi: fc.constant(1),
        safi: fc.constant(1),
        nextHops: fc.oneof(
          fc.array(ipv6, { minLength: 1, maxLength: 2 }),
          ipv4.map((hop) => [hop]),
        ),
        nlri: fc.array(prefix, { maxLength: 20 }),
      }),
      fc.record({
        afi: fc.constant(25),
        safi: u8,
        nextHops: fc.constant([]),
        nlri: fc.constant([]),
        raw: bytes(40),
      }),
    ),
    MP_UNREACH_NLRI: fc.record({
      afi: fc.constant(2),
      safi: fc.constant(1),
      withdrawn: fc.array(prefix6, { maxLength: 20 }),
    }),
    unknown: fc
      .uniqueArray(
        fc.record({
          code: fc.integer({ min: 200, max: 254 }),
          flags: fc.constantFrom(0x80, 0xc0, 0xe0),
          value: bytes(300),
        }),
        { selector: ({ code }) => code, minLength: 1, maxLength: 2 },
      )
      .map((list) => list.sort((a, b) => a.code - b.code)),
  };
  const internal = isExternal ? {} : { LOCAL_PREF: u32 };
  return fc.record(
    { ...mandatory, ...internal, ...optional },
    { requiredKeys: ["ORIGIN", "AS_PATH", "NEXT_HOP", ...(Object.keys(internal) as [])] },
  ) as fc.Arbitrary<PathAttributes>;
}

const capability = fc.oneof(
  fc.record({ name: fc.constant("Multiprotocol" as const), value: family }),
  fc.record({
    name: fc.constantFrom(
      "RouteRefresh" as const,
      "ExtendedMessage" as const,
      "EnhancedRouteRefresh" as const,
    ),
    value: fc.constant(true as const),
  }),
  fc.record({ name: fc.constant("FourOctetAs" as const), value: u32 }),
  fc.record({
    name: fc.constant("ExtendedNextHop" as const),
    value: fc.array(fc.record({ afi: u16, safi: u16, nextHopAfi: u16 }), { maxLength: 2 }),
  }),
  fc.record({
    name: fc.constant("GracefulRestart" as const),
    value: fc.record({
      hasRestarted: flag,
      survivesNotification: flag,
      restartTimeSeconds: fc.integer({ min: 0, max: 4095 }),
      families: fc.array(fc.record({ afi: u16, safi: u8, forwardingPreserved: flag }), { maxLength: 2 }),
    }),
  }),
  fc.record({
    name: fc.constant("LongLivedGracefulRestart" as const),
    value: fc.array(
      fc.record({
        afi: u16,
        safi: u8,
        forwardingPreserved: flag,
        staleTimeSeconds: fc.integer({ min: 0, max: 0xffffff }),
      }),
      { maxLength: 2 },
    ),
  }),
  fc.record({
    name: fc.constant("Fqdn" as const),
    value: fc.record({
      host: fc.string({ maxLength: 5, unit: "grapheme" }),
      domain: fc.string({ maxLength: 5 }),
    }),
  }),
  fc.record({
    name: fc.constant("unknown" as const),
    code: fc.integer({ min: 128, max: 255 }),
    value: bytes(8),
  }),
);

const open = fc.record({
  type: fc.constant("OPEN" as const),
  myAS: u16,
  holdTimeSeconds: u16,
  bgpIdentifier: u32,
  capabilities: fc.array(capability, { maxLength: 4 }),
});

function message(given: CodecContext): fc.Arbitrary<Message> {
  const withdrawn = fc.array(prefix, { maxLength: 20 });
  const announcing = fc.record({
    type: fc.constant("UPDATE" as const),
    withdrawn,
    attributes: attributes(given),
    nlri: fc.array(prefix, { minLength: 1, maxLength: 20 }),
    problems: fc.constant([]),
  });
  const withdrawing = fc.record({
    type: fc.constant("UPDATE" as const),
    withdrawn,
    attributes: fc.constant({}),
    nlri: fc.constant([]),
    problems: fc.constant([]),
  });
  return fc.oneof(
    open,
    announcing,
    withdrawing,
    fc.record({ type: fc.constant("NOTIFICATION" as const), code: u8, subcode: u8, data: bytes(40) }),
    fc.constant({ type: "KEEPALIVE" as const }),
    fc.record({ type: fc.constant("ROUTE-REFRESH" as const), afi: u16, subtype: u8, safi: u8 }),
  );
}

const inContext = context.chain((given) => fc.record({ given: fc.constant(given), sent: message(given) }));

/** Reads bytes as a peer's stream; a BgpError ends it, anything else is a bug. */
function readAll(stream: Uint8Array, given: CodecContext): (Message | BgpError)[] {
  const read: (Message | BgpError)[] = [];
  try {
    for (const whole of new MessageFramer().push(stream)) read.push(decodeMessage(whole, given));
  } catch (error) {
    if (!(error instanceof BgpError)) throw error;
    read.push(error);
  }
  return read;
}

describe("decodeMessage()", () => {
  test("reads back what encodeMessage() wrote, AS numbers of four octets over a peer of two included", () => {
    fc.assert(
      fc.property(inContext, ({ given, sent }) => {
        expect(decodeMessage(encodeMessage(sent, given), given)).toEqual(sent);
      }),
      { numRuns: 1000 },
    );
  });

  test("throws nothing but a BgpError, for any bytes after a good header", () => {
    fc.assert(
      fc.property(context, fc.integer({ min: 0, max: 6 }), bytes(200), (given, type, body) => {
        const length = 19 + body.length;
        const header = [...new Array(16).fill(0xff), length >> 8, length & 0xff, type];
        readAll(Uint8Array.from([...header, ...body]), given);
      }),
      { numRuns: 5000 },
    );
  });

  test("throws nothing but a BgpError, and describes all it reads, for messages cut and changed", () => {
    const change = fc.record({ at: fc.nat(), value: u8 });
    fc.assert(
      fc.property(
        inContext,
        fc.array(change, { maxLength: 4 }),
        fc.option(fc.nat()),
        ({ given, sent }, changes, cut) => {
          const encoded = encodeMessage(sent, given);
          for (const { at, value } of changes) encoded[19 + (at % Math.max(1, encoded.length - 19))] = value;
          const kept = cut === null ? encoded : encoded.slice(0, 19 + (cut % (encoded.length - 18)));
          kept[16] = kept.length >> 8;
          kept[17] = kept.length & 0xff;
          for (const each of readAll(kept, given)) {
            expect(each instanceof BgpError ? each.message : describeMessage(each)).toMatch(/./);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe("MessageFramer", () => {
  test("gives the same messages however the stream is chopped", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ type: fc.constant("NOTIFICATION" as const), code: u8, subcode: u8, data: bytes(60) }),
        ),
        fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }),
        (sent, sizes) => {
          const given = { fourOctetAs: true, isExternal: true };
          const stream = Buffer.concat(sent.map((each) => encodeMessage(each, given)));
          const framer = new MessageFramer();
          const read: Message[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            for (const whole of framer.push(stream.subarray(at, at + size)))
              read.push(decodeMessage(whole, given));
            at += size;
          }
          expect(read).toEqual(sent);
          expect(framer.pending).toBe(0);
        },
      ),
    );
  });
});
