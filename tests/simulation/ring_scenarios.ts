import { nodes, RingWorld, type Said } from "./ring_world.ts";

/** What must hold whatever the seed. Each scenario gives its complaints: none, when all is well. */
export type Scenario = (seed: number) => string[];

const intervals = [100, 150, 300] as const;
/** The end of starting: beats that say whom they hear, five in a row, word for those that are not heard directly. */
const startMs = 16;

/** A world of between 2 and `most` speakers with a profile chosen by the seed, started and at rest. */
export function settledWorld(seed: number, least: number, most: number, lossRate = 0) {
  const count = least + Math.floor((seed * 7919) % (most - least + 1));
  const intervalMs = intervals[seed % 3] ?? 150;
  const world = new RingWorld({ seed, names: nodes(count), intervalMs, isEncoded: count <= 12 });
  world.lossRate = lossRate;
  world.run(startMs * intervalMs + world.random() * intervalMs);
  return { world, intervalMs, complaints: world.wrong().map((each) => `at the start, ${each}`) };
}

function deaths(world: RingWorld, since: number): Said[] {
  return world.said.slice(since).filter(({ state }) => state === "dead");
}

/** Whom the survivors lost that lives, and whom they did not find in time. */
function judge(
  world: RingWorld,
  since: number,
  killed: readonly string[],
  killedAt: number,
  limitMs: number,
) {
  const found = deaths(world, since);
  const dead = new Set(killed);
  return [
    ...found.filter(({ node }) => !dead.has(node)).map(({ by, node }) => `${by} lost ${node}, which lives`),
    ...found
      .filter(({ node, at }) => dead.has(node) && at - killedAt > limitMs)
      .map(({ by, node, at }) => `${by} found ${node} after ${Math.round(at - killedAt)} ms`),
    ...world.wrong(),
  ];
}

/** Silence, the last question, two hops and a repair of what a lossless network does not lose. */
const crashLimit = (intervalMs: number) => 4 * intervalMs + 50 + 15;

export const scenarios: Readonly<Record<string, Scenario>> = {
  "a crash is known to all within four intervals, a last question and two hops"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 2, 30);
    const since = world.said.length;
    const killedAt = world.now;
    world.kill("node1");
    world.run(20 * intervalMs);
    return [...complaints, ...judge(world, since, ["node1"], killedAt, crashLimit(intervalMs))];
  },

  "three of four at once: two intervals more, for nobody is left to agree"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 4, 4);
    const since = world.said.length;
    const killedAt = world.now;
    const killed = nodes(3);
    world.kill(...killed);
    world.run(20 * intervalMs);
    return [...complaints, ...judge(world, since, killed, killedAt, crashLimit(intervalMs) + 3 * intervalMs)];
  },

  "eight of ten at once: no node is lost from sight because its watchers died"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 10, 10);
    const since = world.said.length;
    const killedAt = world.now;
    const killed = nodes(8);
    world.kill(...killed);
    world.run(40 * intervalMs);
    return [...complaints, ...judge(world, since, killed, killedAt, crashLimit(intervalMs) + 5 * intervalMs)];
  },

  "a node and all its watchers at once"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 14, 40);
    const since = world.said.length;
    const killedAt = world.now;
    const { watchers } = world.station("node1").ring.state(0);
    const killed = ["node1", ...watchers];
    world.kill(...killed);
    world.run(40 * intervalMs);
    return [...complaints, ...judge(world, since, killed, killedAt, crashLimit(intervalMs) + 6 * intervalMs)];
  },

  "a goodbye reaches everybody at once, and no death follows"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 2, 40);
    const since = world.said.length;
    const leftAt = world.now;
    world.leave("node2");
    world.run(200);
    world.kill("node2");
    world.run(20 * intervalMs);
    const said = world.said.slice(since);
    return [
      ...complaints,
      ...said
        .filter(({ state, at }) => state !== "left" || at - leftAt > 20)
        .map(({ by, state, at }) => `${by} says ${state} after ${Math.round(at - leftAt)} ms`),
      ...(said.length === world.names.length - 1 ? [] : [`${said.length} heard the goodbye`]),
    ];
  },

  "with a fifth lost, goodbyes, deaths and facts reach everybody all the same"(seed) {
    const { world, intervalMs } = settledWorld(seed, 3, 40, 0.2);
    world.run(20 * intervalMs);
    const facts = `facts of ${seed}`;
    world.act("node1", (ring, now) => ring.setFacts(new TextEncoder().encode(facts), now));
    world.leave("node2");
    world.run(200);
    world.kill("node2", "node3");
    world.run(60 * intervalMs);
    const uninformed = world
      .running()
      .filter(({ name, facts: known }) => name !== "node1" && known.get("node1") !== facts)
      .map(({ name }) => `${name} does not know the facts`);
    return [...world.wrong(), ...uninformed];
  },

  "both sides of a partition find the other, and after it all are alive to all, once"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 2, 30);
    const border = 1 + Math.floor(world.random() * (world.names.length - 1));
    const side = (name: string) => world.names.indexOf(name) < border;
    world.isCut = (from, to) => side(from) !== side(to);
    world.run(40 * intervalMs);
    const apart = world
      .running()
      .flatMap(({ name, beliefs }) =>
        [...beliefs].filter(([node, state]) => (state === "alive") !== (side(node) === side(name))),
      ).length;
    world.isCut = () => false;
    const healedAt = world.now;
    const since = world.said.length;
    world.run(60 * intervalMs);
    const said = world.said.slice(since);
    const late = said.filter(({ at }) => at - healedAt > 2_000);
    return [
      ...complaints,
      ...(apart > 0 ? [`${apart} wrong beliefs while apart`] : []),
      ...world.wrong(),
      ...said
        .filter(({ state }) => state !== "alive")
        .map(({ by, node, state }) => `${by}: ${node} ${state}`),
      ...late.map(({ by, node, at }) => `${by} has ${node} back after ${Math.round(at - healedAt)} ms`),
    ];
  },

  "one whose every link is cut is lost to all, finds nobody dead without a witness, and returns"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 2, 20);
    world.witness = (name) => (name === "node1" ? "silent" : "confirms");
    world.isCut = (from, to) => from === "node1" || to === "node1";
    const since = world.said.length;
    world.run(30 * intervalMs);
    const said = world.said.slice(since);
    const lost = world.beliefsOf("node1");
    world.isCut = () => false;
    world.run(30 * intervalMs);
    return [
      ...complaints,
      ...said
        .filter(({ by }) => by === "node1")
        .map(({ node, state }) => `the cut one says ${node} ${state}`),
      ...([...lost].join() === "dead" ? [] : [`believed ${[...lost]}`]),
      ...world.wrong(),
    ];
  },

  "nobody is lost where one direction of one link is cut"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 3, 20);
    world.isCut = (from, to) => from === "node1" && to === "node2";
    const since = world.said.length;
    world.run(100 * intervalMs);
    return [...complaints, ...judge(world, since, [], world.now, 0)];
  },

  "nobody is lost where one in twenty links is cut, each in one direction"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 5, 20);
    const cut = new Set<string>();
    for (const from of world.names)
      for (const to of world.names) if (world.random() < 0.05) cut.add(`${from} ${to}`);
    world.isCut = (from, to) => cut.has(`${from} ${to}`);
    const since = world.said.length;
    world.run(100 * intervalMs);
    return [...complaints, ...judge(world, since, [], world.now, 0)];
  },

  "who is frozen for less than three intervals is not lost, and accuses nobody"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 2, 20);
    const since = world.said.length;
    world.freeze("node1", (2.66 + world.random() * 0.3) * intervalMs);
    world.run(30 * intervalMs);
    return [...complaints, ...judge(world, since, [], world.now, 0)];
  },

  "who is frozen for longer is lost, returns as soon as it wakes, and accuses nobody"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 2, 20);
    const since = world.said.length;
    const forMs = (6 + world.random() * 60) * intervalMs;
    world.freeze("node1", forMs);
    const wakesAt = world.now + forMs;
    world.run(forMs + 30 * intervalMs);
    const said = world.said.slice(since);
    const late = said.filter(({ state, at }) => state === "alive" && at - wakesAt > intervalMs);
    return [
      ...complaints,
      ...said
        .filter(({ by }) => by === "node1")
        .map(({ node, state }) => `the frozen one says ${node} ${state}`),
      ...(said.length === 2 * (world.names.length - 1) ? [] : [`${said.length} reports`]),
      ...late.map(({ by, at }) => `${by} has it back after ${Math.round(at - wakesAt)} ms`),
      ...world.wrong(),
    ];
  },

  "a process that is restarted at once or later is alive again to all, also where its clock went back"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 2, 20);
    const waits = [0, 1, 2, 3.9, 4.5, 10];
    const end = seed % 2 === 0 ? "kill" : "leave";
    if (end === "leave") world.leave("node1");
    world.run(5);
    world.kill("node1");
    world.run((waits[seed % waits.length] ?? 0) * intervalMs);
    world.start("node1", seed % 5 === 0 ? 1e11 : undefined);
    world.run(40 * intervalMs);
    return [...complaints, ...world.wrong()];
  },

  "clocks that run one in a thousand apart, and delays of tens of ms, lose nobody"(seed) {
    const { world, intervalMs, complaints } = settledWorld(seed, 2, 12);
    for (const station of world.stations.values()) station.skew = 1 + world.random() / 1_000;
    world.latencyMs = { least: 0.1, most: 40 };
    const since = world.said.length;
    world.run(200 * intervalMs);
    return [...complaints, ...judge(world, since, [], world.now, 0)];
  },

  "one in twenty lost: nobody is lost in a minute"(seed) {
    const { world } = settledWorld(seed, 2, 20, 0.05);
    world.run(2_000);
    const since = world.said.length;
    world.run(60_000);
    return judge(world, since, [], world.now, 0);
  },

  "a speaker that the list loses is forgotten without a verdict, and one that comes back on it is believed"(
    seed,
  ) {
    const { world, intervalMs, complaints } = settledWorld(seed, 3, 20);
    const since = world.said.length;
    world.listed = () => world.names.filter((name) => name !== "node3");
    for (const name of world.names) if (name !== "node3") world.list(name);
    world.run(20 * intervalMs);
    const verdicts = deaths(world, since).filter(({ by }) => by !== "node3");
    world.listed = () => world.names;
    for (const name of world.names) world.list(name);
    world.run(40 * intervalMs);
    return [...complaints, ...verdicts.map(({ by, node }) => `${by} says ${node} is dead`), ...world.wrong()];
  },

  "one that joins is alive to all, knows all, and has settled, within two seconds of its start"(seed) {
    const { world, complaints } = settledWorld(seed, 3, 30);
    const listed = world.names;
    world.kill("node1");
    world.run(4_000);
    world.start("node1");
    const startedAt = world.now;
    world.run(Math.max(14 * (intervals[seed % 3] ?? 150), 1_500));
    const settledAt = world.settled.get("node1") ?? Infinity;
    return [
      ...complaints,
      ...world.wrong(),
      ...(settledAt >= startedAt && listed.length > 0 && settledAt < Infinity ? [] : ["it has not settled"]),
    ];
  },
};
