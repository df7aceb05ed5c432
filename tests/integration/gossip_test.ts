import { afterEach, describe, expect, test } from "bun:test";
import { lanSettings } from "#core/membership/memberlist/mod.ts";
import { createLogger } from "#io/mod.ts";
import { Gossip } from "#speaker/gossip/mod.ts";
import { eventually } from "./harness/eventually.ts";

const isLinux = process.platform === "linux";
/** Ten times as fast as a LAN's, so that a death is found within a second or two. */
const quick = {
  ...lanSettings,
  probeIntervalMs: 200,
  probeTimeoutMs: 100,
  gossipIntervalMs: 50,
  pushPullIntervalMs: 2000,
  tcpTimeoutMs: 2000,
};
const patienceMs = 30_000;
const port = 17_946;
/** Of this process alone: Linux answers on all of 127.0.0.0/8. */
const addressOf = (node: string) =>
  `127.${1 + (process.pid % 250)}.${(process.pid >> 8) & 255}.${node.slice(-1)}`;

const running: Gossip[] = [];
const lines: string[] = [];

async function member(node: string, secret: string, seeds: string[] = []): Promise<Gossip> {
  const gossip = new Gossip({
    node,
    address: addressOf(node),
    port,
    settings: quick,
    secret: new TextEncoder().encode(secret),
    fastPort: 7947,
    log: createLogger({ level: "info", component: node, write: (line) => void lines.push(line) }),
  });
  running.push(gossip);
  await gossip.start();
  gossip.setSeeds(seeds.map(addressOf));
  return gossip;
}

const stateOf = (gossip: Gossip, node: string) =>
  gossip.members().find((fellow) => fellow.node === node)?.state;
const sees = (gossip: Gossip, node: string, state: string) =>
  eventually(`${node} is ${state}`, () => stateOf(gossip, node) === state, patienceMs);

async function ringOfThree(): Promise<[Gossip, Gossip, Gossip]> {
  const node1 = await member("node1", "the secret of three");
  const node2 = await member("node2", "the secret of three", ["node1"]);
  const node3 = await member("node3", "the secret of three", ["node1"]);
  const all = [node1, node2, node3] as const;
  for (const [at, gossip] of all.entries())
    for (const other of ["node1", "node2", "node3"].filter((_, index) => index !== at))
      await sees(gossip, other, "alive");
  return [...all];
}

afterEach(() => {
  for (const gossip of running.splice(0)) gossip.stop();
  lines.length = 0;
});

describe.skipIf(!isLinux)("a memberlist ring of three drivers, encrypted", () => {
  test("everybody finds everybody through one seed, with capability, port and round trip", async () => {
    const [node1] = await ringOfThree();
    const fellow = await eventually(
      "node3 was probed",
      () => node1.members().find(({ node, rttMs }) => node === "node3" && rttMs !== undefined),
      patienceMs,
    );
    expect(fellow).toMatchObject({ address: addressOf("node3"), port, capability: 1, fastPort: 7947 });
    expect(fellow?.protocol).toEqual([1, 5, 2]);
    expect(node1.state()).toMatchObject({ isListening: true, isEncrypted: true });
  }, 60_000);

  test("one that dies without a word is found dead, and is back with the same name and address", async () => {
    const [node1, node2, node3] = await ringOfThree();
    node3.stop();
    await Promise.all([sees(node1, "node3", "dead"), sees(node2, "node3", "dead")]);
    expect(stateOf(node1, "node2")).not.toBe("dead");
    const again = await member("node3", "the secret of three", ["node1", "node2"]);
    await Promise.all([sees(node1, "node3", "alive"), sees(node2, "node3", "alive")]);
    await sees(again, "node2", "alive");
    // Its old record was worth more than its first word: only a higher incarnation made it alive again.
    expect(node1.members().find(({ node }) => node === "node3")?.incarnation).toBeGreaterThan(1);
  }, 90_000);

  test("one that leaves is gone at once for all, as left and not as dead", async () => {
    const [node1, node2, node3] = await ringOfThree();
    await node3.leave();
    await Promise.all([sees(node1, "node3", "left"), sees(node2, "node3", "left")]);
  }, 60_000);

  test("a verdict from elsewhere counts at once everywhere; a wrong one is denied by the accused", async () => {
    const [node1, node2, node3] = await ringOfThree();
    const states: string[] = [];
    node2.onChange(({ member: { node, state } }) => void (node === "node3" && states.push(state)));
    node1.declareDead("node3");
    expect(stateOf(node1, "node3")).toBe("dead");
    await eventually("node2 heard of it and of the denial", () => states.at(-1) === "alive", patienceMs);
    await sees(node1, "node3", "alive");
    expect(node3.state().refutations).toBeGreaterThan(0);
  }, 60_000);

  test("one with another key stays outside, and both sides say so in words", async () => {
    const node1 = await member("node1", "the right secret");
    const stranger = await member("node2", "another secret", ["node1"]);
    const complaint = await eventually(
      "node1 complains",
      () => node1.state().complaints.find(({ peer }) => peer.startsWith("127.")),
      patienceMs,
    );
    expect(complaint?.code).toBe("cannot-decrypt");
    const told = await eventually(
      "the stranger complains",
      () => stranger.state().complaints.find(({ code }) => code === "cannot-decrypt"),
      patienceMs,
    );
    expect(told).toMatchObject({ peer: addressOf("node1") });
    expect(told?.text).toContain("its secret key is another one than this node's (Secret memberlist");
    expect(node1.members()).toEqual([]);
    expect(lines.some((line) => line.includes("cannot be decrypted"))).toBe(true);
  }, 60_000);

  test("a port that is taken is told, and taken when it is free", async () => {
    const squatter = await Bun.udpSocket({ hostname: addressOf("node4"), port });
    const late = await member("node4", "secret");
    expect(late.state().isListening).toBe(false);
    expect(late.state().complaints[0]?.text).toContain(`cannot listen on port ${port}`);
    squatter.close();
    await eventually("it listens", () => late.state().isListening, patienceMs);
  }, 60_000);
});
