import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeHandover, encodeHandover, handoverBytesMax, Yielding } from "./mod.ts";

const address = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);

describe("hand-over messages", () => {
  test("name every address in order, in messages of at most 1,000 bytes", () => {
    fc.assert(
      fc.property(fc.array(address, { maxLength: 600 }), (addresses) => {
        const messages = encodeHandover(addresses);
        for (const message of messages) {
          expect(message.length).toBeGreaterThan(0);
          expect(message.length).toBeLessThanOrEqual(handoverBytesMax);
        }
        expect(messages.flatMap((each) => decodeHandover(each) ?? [])).toEqual(addresses);
      }),
      { numRuns: 30 },
    );
  });

  test("10,000 IPv4 addresses take 50 of them", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => Uint8Array.of(10, 0, index >> 8, index & 255));
    expect(encodeHandover(many)).toHaveLength(50);
  });

  test.each([
    ["an address that is cut", [4, 192, 0, 2]],
    ["a cut one after a whole one", [4, 192, 0, 2, 1, 6, 0x20]],
    ["another family", [5, 192, 0, 2, 1]],
    ["a family alone", [6]],
  ])("%s is no message", (_, bytes) => expect(decodeHandover(Uint8Array.from(bytes))).toBeUndefined());

  test("any bytes are read or refused, and what is read is what is written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_100 }), (bytes) => {
        const addresses = decodeHandover(bytes);
        if (!addresses || addresses.length === 0) return;
        expect(encodeHandover(addresses)).toEqual([bytes]);
      }),
    );
  });
});

describe("Yielding", () => {
  const timing = { offerIntervalMs: 100, offersMax: 3, limitMs: 10_000 };

  test("offers at once and each 100 ms, until it is stopped", () => {
    const yielding = new Yielding<string>(timing);
    yielding.start("a", "node2", 50);
    expect(yielding.nextDeadline()).toBe(50);
    expect(yielding.takeDue(50).offers).toEqual(new Map([["node2", ["a"]]]));
    expect(yielding.nextDeadline()).toBe(150);
    expect(yielding.takeDue(149).offers.size).toBe(0);
    expect(yielding.takeDue(150).offers.size).toBe(1);
    expect(yielding.stop("a")).toBeTrue();
    expect(yielding.nextDeadline()).toBe(Infinity);
  });

  test("gives up what nobody claimed within the limit, however often the same is asked for", () => {
    const yielding = new Yielding<string>(timing);
    yielding.start("a", "node2", 0);
    yielding.start("a", "node2", 9_000);
    expect(yielding.takeDue(9_999).overdue).toEqual([]);
    expect(yielding.takeDue(10_000).overdue).toEqual([{ address: "a", to: "node2" }]);
    expect(yielding.size).toBe(0);
    expect(yielding.nextDeadline()).toBe(Infinity);
  });

  test("begins anew for another node", () => {
    const yielding = new Yielding<string>(timing);
    yielding.start("a", "node2", 0);
    yielding.start("a", "node3", 9_000);
    expect(yielding.takeDue(10_000)).toEqual({ offers: new Map([["node3", ["a"]]]), overdue: [] });
  });

  test("with more than fit at once, all have their turn", () => {
    const yielding = new Yielding<number>(timing);
    for (let address = 0; address < 7; address++) yielding.start(address, address % 2 ? "odd" : "even", 0);
    const rounds = [0, 100, 200].map((now) => [...yielding.takeDue(now).offers.values()].flat());
    expect(rounds.map((each) => each.length)).toEqual([3, 3, 3]);
    expect(new Set(rounds.flat()).size).toBe(7);
  });

  test("keeps what was yielded to a node that died", () => {
    const yielding = new Yielding<string>(timing);
    yielding.start("a", "node2", 0);
    yielding.start("b", "node3", 0);
    expect(yielding.abandon("node2")).toEqual(["a"]);
    expect(yielding.target("a")).toBeUndefined();
    expect(yielding.target("b")).toBe("node3");
  });
});
