import { describe, expect, test } from "bun:test";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { encodeCompound } from "./compound.ts";
import corpus from "./corpus/memberlist_v0.5.1.json" with { type: "json" };
import { encodeMessage, encodePushPull, encodeUserMessage } from "./message.ts";
import type { Message } from "./messages.ts";
import { type Cipher, Wire, WireFault } from "./mod.ts";

const key = Buffer.concat([Buffer.from(corpus.secret), Buffer.from("e3b0c44298fc1c149afb", "hex")]);

/** Seals with the nonce of what it opened last, so that the real library's bytes can be made again. */
class RepeatingCipher implements Cipher {
  #nonce = Buffer.alloc(12);

  seal(plain: Uint8Array, associated: Uint8Array): Uint8Array {
    const cipher = createCipheriv("aes-256-gcm", key, this.#nonce).setAAD(associated);
    return Buffer.concat([this.#nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  open(sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
    this.#nonce = Buffer.from(sealed.subarray(0, 12));
    const decipher = createDecipheriv("aes-256-gcm", key, this.#nonce).setAAD(associated);
    decipher.setAuthTag(sealed.subarray(-16));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

type Scenario = keyof typeof corpus.scenarios;

function wireOf(scenario: Scenario): Wire {
  const isPlain = scenario === "plain" || scenario === "compressed";
  return new Wire({
    ...(isPlain ? {} : { cipher: new RepeatingCipher() }),
    ...(scenario === "labelled" ? { label: "blue" } : {}),
    isCompressing: scenario !== "plain" && scenario !== "padded",
    verifiesIncoming: true,
    verifiesOutgoing: true,
    encryptionVersion: scenario === "padded" ? 0 : 1,
  });
}

function encode(message: Message, medium: "datagram" | "stream"): Uint8Array {
  if (message.type === "push-pull") return encodePushPull(message);
  return message.type === "user" ? encodeUserMessage(message, medium) : encodeMessage(message);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const rows = corpus.messages.map((row) => ({ ...row, bytes: Uint8Array.from(Buffer.from(row.hex, "hex")) }));
const seen = new Set<string>();

describe.each(Object.keys(corpus.scenarios) as Scenario[])("memberlist's own bytes, %s", (scenario) => {
  const of = (kind: string) => rows.filter((row) => row.scenario === scenario && row.kind === kind);

  test("datagrams are read, and made again byte for byte", () => {
    for (const { bytes } of of("datagram")) {
      const wire = wireOf(scenario);
      const { messages, faults } = wire.openPacket(bytes);
      expect(faults).toEqual([]);
      expect(messages.length).toBeGreaterThan(0);
      for (const { type } of messages) seen.add(type);
      const body = encodeCompound(messages.map((message) => encode(message, "datagram")));
      const again = [false, true].map((hasChecksum) => hex(wire.sealPacket(body, hasChecksum)));
      expect(again).toContain(hex(bytes));
    }
  });

  test.each(["request", "response"])(
    "streams are read from any pieces, and made again byte for byte: %s",
    (kind) => {
      for (const { bytes } of of(kind)) {
        const isOpener = kind === "request";
        for (const pieceBytes of [1, 7, bytes.length]) {
          const wire = wireOf(scenario);
          const decoder = wire.streamDecoder(isOpener);
          let message: ReturnType<typeof decoder.push>;
          for (let at = 0; at < bytes.length; at += pieceBytes) {
            expect(message).toBeUndefined();
            message = decoder.push(bytes.subarray(at, at + pieceBytes));
          }
          if (!message || message instanceof WireFault)
            throw new Error(`not read: ${JSON.stringify(message)}`);
          seen.add(`stream ${message.type}`);
          expect(hex(wire.sealStream(encode(message, "stream"), isOpener))).toBe(hex(bytes));
        }
      }
    },
  );
});

test("the corpus holds every message that a MetalLB speaker sends", () => {
  expect([...seen].sort()).toEqual(
    [
      ...["ping", "indirect-ping", "ack", "nack", "suspect", "alive", "dead", "user"],
      ...["stream ping", "stream ack", "stream push-pull", "stream user", "stream error"],
    ].sort(),
  );
});
