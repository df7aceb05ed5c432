import { expect, test } from "bun:test";
import { Authenticator, authenticatorBytes } from "./authenticator.ts";

const key = new Uint8Array(32).fill(7);
const payload = new TextEncoder().encode("node1 lives");

function sealed(withKey = key): Uint8Array {
  const bytes = new Uint8Array(100);
  return bytes.slice(0, new Authenticator(withKey).seal(payload, bytes));
}

test("Authenticator opens what the same key sealed", () => {
  expect(sealed()).toHaveLength(payload.length + authenticatorBytes);
  expect(new Authenticator(key).open(sealed())).toEqual(payload);
});

test("Authenticator is HMAC-SHA-256 (RFC 4231, test case 2)", () => {
  const bytes = new Uint8Array(100);
  const data = new TextEncoder().encode("what do ya want for nothing?");
  const length = new Authenticator(new TextEncoder().encode("Jefe")).seal(data, bytes);
  expect(Buffer.from(bytes.subarray(data.length, length)).toString("hex")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("Authenticator opens nothing that another key sealed, that was changed, cut or lengthened", () => {
  const authenticator = new Authenticator(key);
  expect(authenticator.open(sealed(new Uint8Array(32)))).toBeUndefined();
  const datagram = sealed();
  for (const [at, byte] of datagram.entries())
    expect(authenticator.open(datagram.with(at, byte ^ 1))).toBeUndefined();
  for (let length = 0; length < datagram.length; length++)
    expect(authenticator.open(datagram.subarray(0, length))).toBeUndefined();
  expect(authenticator.open(new Uint8Array([...datagram, 0]))).toBeUndefined();
});
