/** UPDATEs built from their parts, each part bent in a way that RFC 7606 or RFC 4271 has a word for. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatPrefix } from "#core/net/mod.ts";
import {
  asn,
  bytesOf,
  codes,
  framed,
  known,
  mandatory,
  outcome,
  type Part,
  partOf,
  updateOf,
  wide,
} from "./fuzz_parts.ts";
import { BgpError, decodeMessage, describeMessage, encodeMessage, type Message } from "./mod.ts";

const ours = ["10.1.2.0/24", "172.16.0.0/16"];

/** Whether the routes 10.1.2.0/24 and 172.16.0.0/16, both or none, are announced, or withdrawn. */
function actionOf(read: Message | BgpError): "reset" | "withdraw" | "announce" {
  if (read instanceof BgpError) {
    expect([read.handling, read.code]).toEqual(["session-reset", 3]);
    return "reset";
  }
  if (read.type !== "UPDATE") return expect.unreachable();
  const [announced, withdrawn] = [read.nlri.map(formatPrefix), read.withdrawn.map(formatPrefix)];
  if (announced.length === 0) {
    expect(withdrawn).toEqual(expect.arrayContaining(ours));
    return "withdraw";
  }
  expect(announced).toEqual(ours);
  for (const each of ours) expect(withdrawn).not.toContain(each);
  return "announce";
}

/** A whole UPDATE: what is mandatory, and some of the rest; with the code of one part that will be bent. */
const whole = fc
  .record({ bent: fc.constantFrom(...codes), also: fc.subarray(codes), isExternal: fc.boolean() })
  .map(({ bent, also, isExternal: wish }) => {
    const isExternal = wish && !known[bent]?.isInternal;
    const wanted = new Set([
      ...mandatory(isExternal),
      ...also.filter((code) => !known[code]?.isInternal),
      bent,
    ]);
    return { bent, isExternal, wanted: codes.filter((code) => wanted.has(code)) };
  });

const runs = { numRuns: 1_000 };

describe("UPDATEs bent in one place", () => {
  test("a value one octet too short or too long is handled as RFC 7606 §7 says of its attribute", () => {
    fc.assert(
      fc.property(whole, fc.boolean(), ({ bent, isExternal, wanted }, isShort) => {
        const parts = wanted.map(partOf);
        const part = parts.find(({ code }) => code === bent) ?? expect.unreachable();
        if (isShort && part.value.length > 0) part.value.pop();
        else part.value.push(0xff);
        const read = outcome(updateOf(parts), { fourOctetAs: true, isExternal });
        const { wrongLength } = known[bent] ?? expect.unreachable();
        expect(actionOf(read)).toBe(wrongLength === "discard" ? "announce" : wrongLength);
        if (!(read instanceof BgpError) && read.type === "UPDATE") expect(read.problems).not.toEqual([]);
      }),
      runs,
    );
  });

  test("flags that are not the attribute's withdraw the routes (§3 c), unless it is discarded anyway", () => {
    fc.assert(
      fc.property(whole, fc.constantFrom(0x80, 0x40, 0xc0), ({ bent, isExternal, wanted }, flip) => {
        const parts = wanted.map(partOf);
        const part = parts.find(({ code }) => code === bent) ?? expect.unreachable();
        part.flags ^= flip;
        const read = outcome(updateOf(parts), { fourOctetAs: true, isExternal });
        expect(actionOf(read)).toBe(known[bent]?.isOld ? "announce" : "withdraw");
      }),
      runs,
    );
  });

  test("of an attribute that comes twice the first counts, and of routes none (§3 g)", () => {
    fc.assert(
      fc.property(whole, ({ bent, isExternal, wanted }) => {
        const parts = wanted.map(partOf);
        const context = { fourOctetAs: true, isExternal };
        const once = outcome(updateOf(parts), context) as Message & { type: "UPDATE" };
        const other = partOf(bent);
        if (other.value.length > 0) other.value[other.value.length - 1] = 1;
        const read = outcome(updateOf([...parts, other]), context);
        if (bent === 14 || bent === 15) return expect(actionOf(read)).toBe("reset");
        expect(actionOf(read)).toBe("announce");
        expect((read as Message & { type: "UPDATE" }).attributes).toEqual(once.attributes);
      }),
      runs,
    );
  });

  test("without a mandatory attribute the routes are withdrawn (§3 d)", () => {
    for (const isExternal of [true, false])
      for (const missing of mandatory(isExternal)) {
        const parts = mandatory(isExternal).filter((code) => code !== missing);
        const read = outcome(updateOf(parts.map(partOf)), { fourOctetAs: true, isExternal });
        expect(actionOf(read)).toBe("withdraw");
      }
  });

  test("a well-known attribute that nobody knows resets the session with 3/2, an optional one passes (RFC 4271 §6.3)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 36, max: 255 }), fc.uint8Array({ maxLength: 300 }), (code, value) => {
        const bare = [1, 2, 3].map(partOf);
        const context = { fourOctetAs: true, isExternal: true };
        const part = { code, value: [...value] };
        const strange = outcome(updateOf([...bare, { ...part, flags: 0x40 }]), context);
        expect(strange).toMatchObject({ code: 3, subcode: 2 });
        const passed = outcome(updateOf([...bare, { ...part, flags: 0xc0 }]), context);
        expect(actionOf(passed)).toBe("announce");
        expect(passed).toMatchObject({ attributes: { unknown: [{ code, flags: 0xc0, value }] } });
      }),
      { numRuns: 300 },
    );
  });

  test("a prefix longer than its family resets the session with 3/10 (RFC 4271 §6.3, RFC 7606 §5.3)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 33, max: 255 }), (bits) => {
        const octets = new Array(Math.ceil(bits / 8)).fill(1);
        const read = outcome(updateOf([1, 2, 3].map(partOf), [bits, ...octets]), {
          fourOctetAs: true,
          isExternal: true,
        });
        expect(read).toMatchObject({ code: 3, subcode: 10, handling: "session-reset" });
      }),
    );
  });
});

describe("UPDATEs bent all over", () => {
  const bend = fc.record({
    at: fc.nat(),
    how: fc.constantFrom("flags", "code", "drop", "repeat", "swap", "cut", "grow", "flip", "long"),
    value: fc.integer({ min: 0, max: 255 }),
  });
  type Bend = { at: number; how: string; value: number };

  function bendAll(parts: Part[], bends: readonly Bend[]): void {
    for (const { at, how, value } of bends) {
      const index = at % Math.max(1, parts.length);
      const part = parts[index];
      if (!part) continue;
      if (how === "flags") part.flags = value & ~0x10;
      else if (how === "long") part.flags |= 0x10;
      else if (how === "code") part.code = value;
      else if (how === "drop") parts.splice(index, 1);
      else if (how === "repeat") parts.push({ ...part, value: [...part.value] });
      else if (how === "swap") parts.unshift(...parts.splice(index, 1));
      else if (how === "cut") part.value.length = Math.min(part.value.length, value % 5);
      else if (how === "grow") part.value.push(...new Array(value).fill(value));
      else part.value[at % Math.max(1, part.value.length)] = value;
    }
  }

  /** Attributes are written ascending by code. */
  function inOrder(read: Message & { type: "UPDATE" }): Message {
    const { unknown, ...rest } = read.attributes;
    if (!unknown) return read;
    return { ...read, attributes: { ...rest, unknown: unknown.toSorted((a, b) => a.code - b.code) } };
  }

  test("either reset the session, or every route is announced or withdrawn, never both, never lost", () => {
    fc.assert(
      fc.property(
        whole,
        fc.array(bend, { maxLength: 6 }),
        fc.boolean(),
        ({ wanted, isExternal }, bends, fourOctetAs) => {
          const parts = wanted.map(partOf);
          bendAll(parts, bends);
          const context = { fourOctetAs, isExternal };
          const read = outcome(updateOf(parts), context);
          if (read instanceof BgpError) {
            expect([read.code, read.handling]).toEqual([3, "session-reset"]);
            expect(read.subcode).toBeWithin(1, 12);
            return;
          }
          actionOf(read);
          expect(describeMessage(read)).toMatch(/./);
          if (read.type !== "UPDATE" || read.problems.length > 0 || !fourOctetAs) return;
          expect(decodeMessage(encodeMessage(inOrder(read), context), context)).toEqual(inOrder(read));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test("lengths that lie give a message or the NOTIFICATION of RFC 4271 §6.3", () => {
    fc.assert(
      fc.property(whole, fc.constantFrom(19, 21), fc.nat(0xffff), ({ wanted, isExternal }, at, lie) => {
        const parts = wanted.map(partOf);
        const bytes = updateOf(parts);
        const honest = bytes.slice(at, at + 2).toHex();
        bytes.set(wide(lie), at);
        const read = outcome(bytes, { fourOctetAs: true, isExternal });
        if (bytes.slice(at, at + 2).toHex() === honest) return;
        const room = bytes.length - 23;
        if (lie > room) expect(read).toMatchObject({ code: 3, subcode: 1 });
        else if (read instanceof BgpError) expect(read.code).toBe(3);
      }),
      runs,
    );
  });

  test.each([
    ["attributes of no octet", Array.from({ length: 21_000 }, () => [0xc0, 200, 0]).flat(), []],
    [
      "AS_PATH segments",
      bytesOf({ code: 2, flags: 0x50, value: new Array(10_000).fill([2, 1, ...asn]).flat() }),
      [],
    ],
    ["prefixes of no octet", [1, 2, 3].flatMap((code) => bytesOf(partOf(code))), new Array(65_000).fill(0)],
  ])("65,535 octets of %s take no longer than reading them", (_, attributes, routes) => {
    const bytes = framed(2, [0, 0, ...wide(attributes.length), ...attributes, ...routes]);
    expect(bytes.length).toBeLessThanOrEqual(65_535);
    const startedAt = performance.now();
    outcome(bytes, { fourOctetAs: true, isExternal: true });
    // Some milliseconds; seconds where something grows with the square.
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });
});
