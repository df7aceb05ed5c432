import { describe, expect, test } from "bun:test";
import { extendedMessageLengthMax, MessageFramer } from "./mod.ts";

function header(length: number, type: number): Uint8Array {
  return Uint8Array.from([...new Array(16).fill(0xff), length >> 8, length & 0xff, type]);
}

describe("MessageFramer", () => {
  test.each([
    ["a broken marker", Uint8Array.fromHex(`${"ff".repeat(15)}fe001304`), "Connection Not Synchronized"],
    [
      "something that is not BGP",
      new TextEncoder().encode("HTTP/1.1 400 Bad Request"),
      "Connection Not Synchronized",
    ],
    ["a length below the header's", header(18, 4), "Bad Message Length"],
    ["a length above 4096", header(4097, 2), "Bad Message Length"],
  ])("refuses %s", (_, bytes, words) => {
    expect(() => [...new MessageFramer().push(bytes)]).toThrow(`Message Header Error, ${words}`);
  });

  test("takes a long message where Extended Message was offered, but no long OPEN or KEEPALIVE (RFC 8654 §4)", () => {
    const framer = new MessageFramer();
    framer.lengthMax = extendedMessageLengthMax;
    const message = new Uint8Array(65535);
    message.set(header(65535, 2));
    expect([...framer.push(message.subarray(0, 60000))]).toEqual([]);
    expect([...framer.push(message.subarray(60000))].map(({ length }) => length)).toEqual([65535]);
    for (const type of [1, 4])
      expect(() => [...framer.push(header(4097, type))]).toThrow("Bad Message Length");
  });

  test("puts messages together from chunks of one octet", () => {
    const message = new Uint8Array(4096);
    message.set(header(4096, 2));
    const framer = new MessageFramer();
    let count = 0;
    for (let round = 0; round < 50; round++) {
      for (let at = 0; at < message.length; at++) {
        for (const _ of framer.push(message.subarray(at, at + 1))) count++;
      }
    }
    expect(count).toBe(50);
  });
});
