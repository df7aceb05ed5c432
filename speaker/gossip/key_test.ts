import { describe, expect, test } from "bun:test";
import { AesGcm, gossipKey } from "./mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");

describe("gossipKey()", () => {
  test("MetalLB's own secret of 22 characters is followed by ten bytes of SHA-256 of nothing", () => {
    expect(hex(gossipKey(bytes("abcdefghijklmnopqrstuv")))).toBe(
      `${hex(bytes("abcdefghijklmnopqrstuv"))}e3b0c44298fc1c149afb`,
    );
  });

  test.each([1, 31, 32, 33, 172])("a secret of %i characters makes 32 bytes, its own first", (length) => {
    const secret = bytes("s".repeat(length));
    const key = gossipKey(secret);
    expect(key.length).toBe(32);
    expect(hex(key.subarray(0, Math.min(length, 32)))).toBe(hex(secret.subarray(0, 32)));
  });
});

describe("AesGcm", () => {
  /** NIST's GCM specification (McGrew and Viega), test case 16: AES-256 with additional data. */
  test("opens NIST's test case", () => {
    const key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    const nonce = "cafebabefacedbaddecaf888";
    const associated = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    const sealed =
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b";
    const plain =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    const of = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
    const opened = new AesGcm(of(key)).open(of(nonce + sealed), of(associated));
    expect(opened && hex(opened)).toBe(plain);
  });

  test("gives back what it sealed, under a new nonce each time, and nothing of what was changed", () => {
    const cipher = new AesGcm(gossipKey(bytes("secret")));
    const [plain, associated] = [bytes("who lives"), bytes("blue")];
    const sealed = cipher.seal(plain, associated);
    expect(cipher.open(sealed, associated)).toEqual(plain);
    expect(hex(cipher.seal(plain, associated))).not.toBe(hex(sealed));
    expect(cipher.open(sealed, bytes("red"))).toBeUndefined();
    expect(new AesGcm(gossipKey(bytes("other"))).open(sealed, associated)).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(cipher.open(changed, associated)).toBeUndefined();
    }
    for (let length = 0; length < 28; length++)
      expect(cipher.open(sealed.subarray(0, length), associated)).toBeUndefined();
  });

  test("refuses a key that is none", () => {
    expect(() => new AesGcm(new Uint8Array(31))).toThrow("16, 24 or 32 bytes, not 31");
  });
});
