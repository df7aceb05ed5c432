import { expect, test } from "bun:test";
import { decodeSpeakerFacts } from "#core/announce/mod.ts";
import { type Prefix, parsePrefix } from "#core/net/mod.ts";
import { Facts } from "./facts.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;

test("Facts says each change at once, with all that is known, and nothing of link-local networks", () => {
  const said: unknown[] = [];
  const facts = new Facts(1_000, (bytes) => said.push(decodeSpeakerFacts(bytes)));
  facts.setInterfaces(
    [{ name: "eth0", connected: ["192.0.2.0/24", "fe80::/64", "2001:db8::/64"].map(prefix) }],
    1,
  );
  const interfaces = [{ name: "eth0", connected: ["192.0.2.0/24", "2001:db8::/64"].map(prefix) }];
  const first = { interfaces, isTruncated: false, stableSince: 1_000, flaps: 0, isAnswering: true };
  facts.setAnswering(false, 2);
  facts.setFlaps(1, 1_500, 3);
  facts.setFlaps(0, 1_900, 4);
  facts.setInterfaces([], 5);
  expect(said).toEqual([
    first,
    { ...first, isAnswering: false },
    { ...first, isAnswering: false, flaps: 1, stableSince: 1_500 },
    // A loss that is long ago is counted no longer, and the node is stable since the last one.
    { ...first, isAnswering: false, stableSince: 1_500 },
    { ...first, interfaces: [], isAnswering: false, stableSince: 1_500 },
  ]);
});
