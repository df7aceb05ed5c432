import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { scenarios } from "./ring_scenarios.ts";
import { nodes, RingWorld } from "./ring_world.ts";

/** `MLBT_RING_SEEDS` asks for more: `bun run test:long` takes thousands. */
const seedCount = Number(process.env.MLBT_RING_SEEDS ?? 3);
setDefaultTimeout(30_000 + seedCount * 1_000);

describe("the ring of watchers, simulated", () => {
  for (const [name, run] of Object.entries(scenarios))
    test(name, () => {
      for (let seed = 1; seed <= seedCount; seed++)
        expect({ seed, complaints: run(seed) }).toEqual({ seed, complaints: [] });
    });

  test("each node sends 33 heartbeats a second at any size, and at most six datagrams beside them", () => {
    for (const count of [10, 100]) {
      const world = new RingWorld({ seed: 1, names: nodes(count), isEncoded: false });
      world.run(4_000);
      const before = new Map(world.sent.kinds);
      world.run(10_000);
      const rates = new Map(
        [...world.sent.kinds].map(([kind, sent]) => [kind, (sent - (before.get(kind) ?? 0)) / count / 10]),
      );
      expect(rates.get("beat")).toBeWithin(33, 34);
      const all = [...rates.values()].reduce((sum, rate) => sum + rate, 0);
      expect(all - (rates.get("beat") ?? 0)).toBeLessThan(6);
    }
  });

  test("facts reach everybody within 200 ms, the newest wins, and one that joins later has them all", () => {
    const world = new RingWorld({ seed: 3, names: nodes(40) });
    world.kill("node40");
    world.run(4_000);
    const facts = (node: string, round: number) => `${node}, round ${round}`;
    for (const round of [1, 2]) {
      for (const name of nodes(39))
        world.act(name, (ring, now) => ring.setFacts(new TextEncoder().encode(facts(name, round)), now));
      world.run(200);
      for (const { name, facts: known } of world.running())
        for (const other of nodes(39)) if (other !== name) expect(known.get(other)).toBe(facts(other, round));
    }
    world.start("node40");
    world.run(3_000);
    for (const other of nodes(39)) expect(world.station("node40").facts.get(other)).toBe(facts(other, 2));
  });

  test("what a restarted speaker says of itself replaces what it said before, also where its clock went back", () => {
    const world = new RingWorld({ seed: 4, names: nodes(8) });
    world.run(3_000);
    const say = (text: string) =>
      world.act("node1", (ring, now) => ring.setFacts(new TextEncoder().encode(text), now));
    say("before");
    world.run(500);
    world.kill("node1");
    world.start("node1", 1e11);
    say("after");
    world.run(4_000);
    for (const name of nodes(8).slice(1)) expect(world.station(name).facts.get("node1")).toBe("after");
  });

  test("what a speaker says of itself is told again when it is back, and of a run that is gone it is not", () => {
    const world = new RingWorld({ seed: 13, names: nodes(9) });
    world.run(3_000);
    world.act("node1", (ring, now) => ring.setFacts(new TextEncoder().encode("first run"), now));
    world.run(500);
    const forget = () => {
      for (const { facts } of world.stations.values()) facts.clear();
    };
    const known = () =>
      nodes(9)
        .slice(1)
        .map((name) => world.station(name).facts.get("node1"));
    world.freeze("node1", 2_000);
    world.run(1_500);
    forget();
    world.run(1_500);
    expect(known()).toEqual(Array(8).fill("first run"));
    world.kill("node1");
    world.run(2_000);
    forget();
    world.start("node1");
    world.run(3_000);
    expect(world.wrong()).toEqual([]);
    expect(known()).toEqual(Array(8).fill(undefined));
  });

  test("what is told comes once, to a node that is no neighbour too, and a replay of it never", () => {
    const world = new RingWorld({ seed: 5, names: nodes(20) });
    world.run(3_000);
    world.isRecording = true;
    for (const name of nodes(20).slice(1))
      world.act("node1", (ring, now) => ring.tell(name, 7, new TextEncoder().encode(`for ${name}`), now));
    world.isRecording = false;
    world.run(100);
    const expected = nodes(20)
      .slice(1)
      .map((by) => ({ by, from: "node1", topic: 7, text: `for ${by}` }));
    expect(world.told.toSorted((a, b) => a.text.localeCompare(b.text))).toEqual(
      expected.toSorted((a, b) => a.text.localeCompare(b.text)),
    );
    const told = world.recorded.filter(({ datagram }) => datagram.message.kind === "tell");
    for (const { to, datagram } of told) {
      world.inject(to, datagram);
      world.inject("node2", datagram);
    }
    world.kill("node3");
    world.start("node3");
    world.run(3_000);
    for (const { datagram } of told) world.inject("node3", datagram);
    world.run(100);
    expect(world.told).toHaveLength(19);
  });

  test("one that left still gives and takes what is told, and nothing else", () => {
    const world = new RingWorld({ seed: 6, names: nodes(3) });
    world.run(3_000);
    world.leave("node1");
    world.run(200);
    world.act("node1", (ring, now) => ring.tell("node2", 1, new TextEncoder().encode("offer"), now));
    world.act("node2", (ring, now) => ring.tell("node1", 2, new TextEncoder().encode("claim"), now));
    world.run(2_000);
    expect(world.told.map(({ by, text }) => `${by}: ${text}`).toSorted()).toEqual([
      "node1: claim",
      "node2: offer",
    ]);
    expect(world.beliefsOf("node1")).toEqual(new Set(["left"]));
  });

  test("no replay of anything recorded brings a dead node back, nor changes what is believed", () => {
    for (const seed of [1, 2, 3]) {
      const world = new RingWorld({ seed, names: nodes(4) });
      world.isRecording = true;
      world.run(3_000);
      world.kill("node2");
      world.run(2_000);
      world.start("node2");
      world.run(3_000);
      world.kill("node2");
      world.run(2_000);
      world.isRecording = false;
      const said = world.said.length;
      const old = world.recorded.filter(({ datagram }) => datagram.node === "node2");
      for (let round = 0; round < 300; round++) {
        const start = Math.floor(world.random() * old.length);
        for (const { to, datagram } of old.slice(start, start + 12)) {
          world.inject("node1", datagram);
          if (to !== "node2") world.inject(to, datagram);
        }
        world.run(20);
      }
      expect(world.said.slice(said)).toEqual([]);
    }
  });

  test("the heirs of the dead are told before all others", () => {
    const world = new RingWorld({ seed: 8, names: nodes(40) });
    world.latencyMs = { least: 1, most: 1 };
    world.run(3_000);
    const { watchers } = world.station("node1").ring.state(0);
    const heir = nodes(40).find((name) => name !== "node1" && !watchers.includes(name)) ?? "";
    world.act("node1", (ring, now) => ring.setHeirs([heir], now));
    world.run(1_000);
    const since = world.said.length;
    world.kill("node1");
    world.run(2_000);
    const found = world.said.slice(since).filter(({ node }) => node === "node1");
    const byOthers = found.filter(({ by }) => !watchers.includes(by));
    expect(byOthers[0]?.by).toBe(heir);
    expect(found).toHaveLength(39);
  });

  test("a node that was lost is told how often, and forgets it after ten minutes", () => {
    const world = new RingWorld({ seed: 9, names: nodes(4) });
    world.run(2_000);
    for (const _ of [1, 2, 3]) {
      world.freeze("node1", 2_000);
      world.run(5_000);
    }
    expect(world.flaps.get("node1")).toBe(3);
    world.run(10 * 60_000);
    expect(world.flaps.get("node1")).toBe(0);
  });

  test("two nodes: without a word of the gateway nobody is found dead; with it, or where there is none, in time", () => {
    for (const [answer, limit] of [
      ["silent", Infinity],
      ["confirms", 665],
      ["absent", 665],
    ] as const) {
      const world = new RingWorld({ seed: 10, names: nodes(2) });
      world.witness = () => answer;
      world.run(2_000);
      const killedAt = world.now;
      world.kill("node2");
      world.run(5_000);
      const found = world.said.find(({ state }) => state === "dead")?.at ?? Infinity;
      if (limit === Infinity) expect(found).toBe(Infinity);
      else expect(found - killedAt).toBeLessThan(limit);
    }
  });

  test("who has no carrier accuses nobody, and accuses again when it is back", () => {
    const world = new RingWorld({ seed: 11, names: nodes(2) });
    world.run(2_000);
    world.act("node1", (ring, now) => ring.setCarrier(false, now));
    world.kill("node2");
    world.run(3_000);
    expect(world.beliefsOf("node2")).toEqual(new Set(["alive"]));
    world.act("node1", (ring, now) => ring.setCarrier(true, now));
    world.run(1_000);
    expect(world.beliefsOf("node2")).toEqual(new Set(["dead"]));
  });

  test("a rack that dies whole is found as fast as one node, for its watchers stand in other racks", () => {
    const zoneOf = (name: string) => `rack${Number(name.slice(4)) % 3}`;
    for (const seed of [1, 2, 3]) {
      const world = new RingWorld({ seed, names: nodes(30), zoneOf });
      world.run(4_000);
      const since = world.said.length;
      const killedAt = world.now;
      world.kill(...world.names.filter((name) => zoneOf(name) === "rack0"));
      world.run(3_000);
      expect(world.wrong()).toEqual([]);
      const dead = world.said.slice(since).filter(({ state }) => state === "dead");
      expect(Math.max(...dead.map(({ at }) => at)) - killedAt).toBeLessThan(665);
    }
  });

  test("a peer whose port is blocked is never heard, never accused, and named", () => {
    const world = new RingWorld({ seed: 12, names: nodes(4) });
    world.isCut = (from, to) => from === "node4" || to === "node4";
    world.run(10_000);
    expect(world.said.filter(({ by, node }) => by !== "node4" && node === "node4")).toEqual([]);
    expect(world.station("node1").ring.state(world.now).neverHeard).toEqual(["node4"]);
    expect([...world.settled.keys()].toSorted()).toEqual(nodes(4));
  });
});
