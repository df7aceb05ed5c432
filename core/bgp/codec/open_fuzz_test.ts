/** OPENs, NOTIFICATIONs and ROUTE-REFRESHes built from their parts, with parts that lie. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { framed, outcome, wide } from "./fuzz_parts.ts";
import { BgpError, describeMessage, type Message } from "./mod.ts";

const runs = { numRuns: 1_000 };

describe("OPENs", () => {
  const header = [4, 0xfc, 1, 0, 90, 10, 0, 0, 1];
  const capability = fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 12 }));
  const capabilities = fc.array(capability, { maxLength: 6 });
  const context = { fourOctetAs: true, isExternal: true };
  const tlv = (type: number, value: readonly number[]) => [type, value.length, ...value];

  function openOf(each: readonly (readonly [number, Uint8Array])[], isExtended: boolean): Uint8Array {
    const values = each.map(([code, value]) => tlv(code, [...value]));
    if (!isExtended) {
      const parameters = values.flatMap((value) => tlv(2, value));
      return framed(1, [...header, parameters.length, ...parameters]);
    }
    // RFC 9072 §2
    const parameters = values.flatMap((value) => [2, ...wide(value.length), ...value]);
    return framed(1, [...header, 255, 255, ...wide(parameters.length), ...parameters]);
  }

  test("whatever capabilities say, they are read or the OPEN is refused with 2/0, in both forms alike (RFC 9072)", () => {
    fc.assert(
      fc.property(capabilities, (each) => {
        const plain = outcome(openOf(each, false), context);
        if (plain instanceof BgpError) expect([plain.code, plain.handling]).toEqual([2, "session-reset"]);
        else expect(describeMessage(plain)).toMatch(/^OPEN /);
        if (each.length === 0) return;
        const extended = outcome(openOf(each, true), context);
        if (plain instanceof BgpError)
          expect(extended).toMatchObject({ code: plain.code, subcode: plain.subcode });
        else expect(extended).toEqual(plain);
      }),
      runs,
    );
  });

  test("every lying octet gives a message or a NOTIFICATION of OPEN errors", () => {
    fc.assert(
      fc.property(capabilities, fc.boolean(), fc.nat(), fc.nat(255), (each, isExtended, at, value) => {
        const bytes = openOf(each, isExtended);
        bytes[19 + (at % (bytes.length - 19))] = value;
        const read = outcome(bytes, context);
        if (read instanceof BgpError) expect(read.code).toBe(2);
        if (bytes[19] !== 4) expect(read).toMatchObject({ code: 2, subcode: 1, data: Uint8Array.of(0, 4) });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("NOTIFICATIONs and ROUTE-REFRESHes", () => {
  const context = { fourOctetAs: true, isExternal: true };

  test("every NOTIFICATION is read, whatever it says, and answered with none (RFC 4271 §6.4)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 300 }), (body) => {
        const read = outcome(framed(3, [...body]), context);
        expect(read).toMatchObject({
          type: "NOTIFICATION",
          code: body[0],
          subcode: body[1],
          data: body.slice(2),
        });
        expect(describeMessage(read as Message)).toMatch(/^NOTIFICATION /);
      }),
      runs,
    );
  });

  test("a ROUTE-REFRESH of another length is refused: too short 1/2 (RFC 4271 §6.1), too long 7/1 (RFC 7313 §5)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
        const read = outcome(framed(5, [...body]), context);
        if (body.length < 4) expect(read).toMatchObject({ code: 1, subcode: 2 });
        else if (body.length > 4) expect(read).toMatchObject({ code: 7, subcode: 1 });
        else expect(read).toMatchObject({ type: "ROUTE-REFRESH", subtype: body[2] });
      }),
    );
  });
});
