import { describe, expect, test } from "bun:test";
import { decodeMessage, describeMessage, encodeMessage, type Message, MessageFramer } from "./mod.ts";
import corpus from "./router_corpus.json" with { type: "json" };

const marker = "ff".repeat(16);

describe.each(corpus)("messages of $router", ({ messages }) => {
  test.each(messages)("$says", ({ hex, isExternal, says }) => {
    const context = { fourOctetAs: true, isExternal };
    const [whole] = [...new MessageFramer().push(Uint8Array.fromHex(marker + hex))];
    const message = decodeMessage(whole ?? expect.unreachable(), context);
    expect(describeMessage(message)).toBe(says);
    if (message.type === "UPDATE") expect(message.problems).toEqual([]);
    // Order and lengths of what we write are ours; what it says is not.
    expect(decodeMessage(encodeMessage(message, context), context)).toEqual(message as Message);
  });
});

test("the corpus has an OPEN and an UPDATE of each router that the lab runs", () => {
  for (const router of ["FRR", "BIRD", "GoBGP", "ExaBGP", "OpenBGPD"]) {
    const { messages } = corpus.find((each) => each.router.startsWith(`${router} `)) ?? expect.unreachable();
    for (const type of ["OPEN", "UPDATE announces"])
      expect(messages.some(({ says }) => says.startsWith(type))).toBe(true);
  }
});
