import { describe, expect, test } from "bun:test";
import { type Heartbeat, Membership, type MembershipAction } from "./mod.ts";

const intervalMs = 150;

/** Numbers from a seed (mulberry32): a failure is the seed that shows it again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Station {
  name: string;
  membership: Membership;
  isRunning: boolean;
  /** Neither hears nor speaks nor looks at the clock until then: a process that got no CPU. */
  frozenUntil: number;
  inbox: Heartbeat[];
}
type Verdict = Extract<MembershipAction, { type: "member" }> & { by: string; at: number };

/** Nodes in one process on virtual time, with a network that loses, delays and is cut as told. */
class Ring {
  now = 0;
  readonly verdicts: Verdict[] = [];
  readonly settled = new Map<string, number>();
  readonly stations = new Map<string, Station>();
  readonly recorded: Heartbeat[] = [];
  #flying: { at: number; to: string; beat: Heartbeat }[] = [];
  #boots = 0;
  lossRate = 0;
  isCut = (_from: string, _to: string) => false;

  constructor(
    readonly random: () => number,
    readonly names: string[],
  ) {
    for (const name of names) this.start(name);
  }

  start(name: string): void {
    const membership = new Membership({ node: name, boot: ++this.#boots, intervalMs });
    const station = { name, membership, isRunning: true, frozenUntil: 0, inbox: [] };
    this.stations.set(name, station);
    this.#carryOut(station, membership.setPeers(this.names, this.now));
  }

  station(name: string): Station {
    const station = this.stations.get(name);
    if (!station) throw new Error(`no station ${name}`);
    return station;
  }

  kill(name: string): void {
    this.station(name).isRunning = false;
  }

  stop(name: string): void {
    const station = this.station(name);
    this.#carryOut(station, station.membership.leave());
    station.isRunning = false;
  }

  run(forMs: number): void {
    for (const end = this.now + forMs; this.now < end; ) {
      this.now = Math.min(end, this.#nextMoment());
      this.#deliver();
      for (const station of this.stations.values()) this.#turn(station);
    }
  }

  /** What each living node thinks of another, by its last verdict. */
  opinions(about: string): string[] {
    return this.names
      .filter((name) => name !== about && this.station(name).isRunning)
      .map((by) => this.verdicts.findLast((each) => each.by === by && each.node === about)?.state ?? "none");
  }

  #nextMoment(): number {
    let next = Math.min(...this.#flying.map((each) => each.at), Infinity);
    for (const { isRunning, membership, frozenUntil } of this.stations.values())
      if (isRunning) next = Math.min(next, Math.max(membership.nextDeadline(), frozenUntil));
    return Math.max(next, this.now + 0.01);
  }

  #deliver(): void {
    const arrived = this.#flying.filter((each) => each.at <= this.now);
    this.#flying = this.#flying.filter((each) => each.at > this.now);
    for (const { to, beat } of arrived) this.station(to).inbox.push(beat);
  }

  /** As the worker does: what waits is read first, and then what is due is done. */
  #turn(station: Station): void {
    if (!station.isRunning || this.now < station.frozenUntil) return;
    for (const beat of station.inbox.splice(0))
      this.#carryOut(station, station.membership.receive(beat, this.now));
    if (station.membership.nextDeadline() <= this.now)
      this.#carryOut(station, station.membership.expire(this.now));
  }

  #carryOut({ name }: Station, actions: MembershipAction[]): void {
    for (const action of actions) {
      if (action.type === "member") this.verdicts.push({ ...action, by: name, at: this.now });
      else if (action.type === "settled") this.settled.set(name, this.now);
      else if (!this.isCut(name, action.to) && this.random() >= this.lossRate) {
        const beat = { ...action.beat, sentAt: this.now };
        this.recorded.push(beat);
        this.#flying.push({ at: this.now + 0.1 + this.random() * 2, to: action.to, beat });
      }
    }
  }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `node${index + 1}`);
const seeds = Array.from({ length: 20 }, (_, index) => [index + 1] as const);

describe("Membership, simulated", () => {
  test.each(seeds)("seed %i: everybody is alive to everybody within a second, and stays so", (seed) => {
    const ring = new Ring(randomFrom(seed), names(5));
    ring.run(60_000);
    expect(ring.verdicts).toHaveLength(5 * 4);
    for (const { state, at } of ring.verdicts) expect([state, at < 1_000]).toEqual(["alive", true]);
    expect([...ring.settled.values()].every((at) => at < 1_000)).toBeTrue();
  });

  test.each(seeds)("seed %i: a crash is known to all survivors within four intervals", (seed) => {
    const random = randomFrom(seed);
    const ring = new Ring(random, names(2 + Math.floor(random() * 8)));
    ring.run(2_000 + random() * 1_000);
    const killedAt = ring.now;
    ring.kill("node2");
    ring.run(3_000);
    expect(new Set(ring.opinions("node2"))).toEqual(new Set(["dead"]));
    for (const { at, state, lastHeardAt } of ring.verdicts.slice(-(ring.names.length - 1))) {
      expect(state).toBe("dead");
      expect(at - killedAt).toBeGreaterThan(3 * intervalMs - 3);
      expect(at - killedAt).toBeLessThan(4 * intervalMs + 5);
      expect(at - lastHeardAt).toBeGreaterThanOrEqual(4 * intervalMs - 0.01);
    }
  });

  test.each(seeds)("seed %i: most of the nodes at once are found as fast as one", (seed) => {
    const ring = new Ring(randomFrom(seed), names(10));
    ring.run(2_000);
    const killedAt = ring.now;
    for (const name of ring.names.slice(0, 8)) ring.kill(name);
    ring.run(2_000);
    const dead = ring.verdicts.filter((each) => each.state === "dead");
    expect(dead).toHaveLength(8 * 2);
    for (const { at } of dead) expect(at - killedAt).toBeLessThan(4 * intervalMs + 5);
  });

  test("a goodbye is known as soon as it arrives, and no death follows", () => {
    const ring = new Ring(randomFrom(1), names(4));
    ring.run(2_000);
    const stoppedAt = ring.now;
    ring.stop("node3");
    ring.run(3_000);
    const said = ring.verdicts.slice(-3);
    expect(said.map((each) => each.state)).toEqual(["left", "left", "left"]);
    for (const { at } of said) expect(at - stoppedAt).toBeLessThan(3);
  });

  test("a node that is restarted is alive again, whatever was last thought of it", () => {
    const ring = new Ring(randomFrom(1), names(3));
    ring.run(2_000);
    for (const [end, waitMs] of [
      ["kill", 2_000],
      ["stop", 2_000],
      ["kill", 100],
      ["stop", 0],
    ] as const) {
      ring[end]("node1");
      ring.run(waitMs);
      ring.start("node1");
      ring.run(2_000);
      expect(ring.opinions("node1")).toEqual(["alive", "alive"]);
    }
  });

  test.each(seeds)("seed %i: who was frozen accuses nobody when it wakes", (seed) => {
    const random = randomFrom(seed);
    const ring = new Ring(random, names(6));
    ring.run(2_000 + random() * 500);
    const before = ring.verdicts.length;
    ring.station("node1").frozenUntil = ring.now + 200 + random() * 5_000;
    // Its socket buffer was lost with the time, so that nothing speaks for the others when it wakes.
    ring.isCut = (_, to) => to === "node1";
    ring.run(ring.station("node1").frozenUntil - ring.now);
    ring.isCut = () => false;
    ring.run(3_000);
    expect(ring.verdicts.slice(before).filter((each) => each.by === "node1")).toEqual([]);
  });

  test("who was frozen for less than four intervals is not accused, for longer it is, and returns at once", () => {
    for (const [frozenMs, expected] of [
      [400, []],
      [900, ["dead", "alive"]],
    ] as const) {
      const ring = new Ring(randomFrom(2), names(2));
      ring.run(2_000);
      const before = ring.verdicts.length;
      ring.station("node1").frozenUntil = ring.now + frozenMs;
      ring.run(3_000);
      const said = ring.verdicts.slice(before).filter((each) => each.by === "node2");
      expect(said.map((each) => each.state)).toEqual([...expected]);
    }
  });

  test("who was frozen for long still finds, in the usual time, whoever dies after it woke", () => {
    const ring = new Ring(randomFrom(5), names(2));
    ring.run(2_000);
    ring.station("node1").frozenUntil = ring.now + 10_000;
    ring.run(10_010);
    ring.kill("node2");
    const killedAt = ring.now;
    ring.run(2_000);
    const verdict = ring.verdicts.at(-1);
    expect(verdict).toMatchObject({ by: "node1", node: "node2", state: "dead" });
    expect((verdict?.at ?? 0) - killedAt).toBeLessThan(4 * intervalMs + 5);
  });

  test("both sides of a partition call the other dead, and alive with the first beat after it healed", () => {
    const ring = new Ring(randomFrom(3), names(4));
    const side = (name: string) => (name <= "node2" ? 1 : 2);
    ring.run(2_000);
    ring.isCut = (from, to) => side(from) !== side(to);
    ring.run(2_000);
    expect(ring.opinions("node1").toSorted()).toEqual(["alive", "dead", "dead"]);
    ring.isCut = () => false;
    const healedAt = ring.now;
    ring.run(1_000);
    for (const name of ring.names) expect(new Set(ring.opinions(name))).toEqual(new Set(["alive"]));
    for (const { at } of ring.verdicts.slice(-8)) expect(at - healedAt).toBeLessThan(intervalMs + 5);
  });

  test("with one datagram in a hundred lost, nobody is accused in five minutes", () => {
    const ring = new Ring(randomFrom(4), names(5));
    ring.lossRate = 0.01;
    ring.run(300_000);
    expect(ring.verdicts.filter((each) => each.state !== "alive")).toEqual([]);
  });

  test.each(seeds)("seed %i: no replay of anything recorded brings a dead node back", (seed) => {
    const random = randomFrom(seed);
    const ring = new Ring(random, names(3));
    ring.run(3_000);
    ring.kill("node2");
    ring.run(2_000);
    ring.start("node2");
    ring.run(3_000);
    ring.kill("node2");
    ring.run(2_000);
    const before = ring.verdicts.length;
    const old = ring.recorded.filter((beat) => beat.node === "node2");
    for (let round = 0; round < 200; round++) {
      const start = Math.floor(random() * old.length);
      ring.station("node1").inbox.push(...old.slice(start, start + 12));
      ring.run(20);
    }
    expect(ring.verdicts.slice(before)).toEqual([]);
  });

  test("forgets a peer that is gone from the list, without a verdict", () => {
    const ring = new Ring(randomFrom(1), names(3));
    ring.run(2_000);
    const { membership } = ring.station("node1");
    expect(membership.setPeers(["node3"], ring.now)).toEqual([]);
    ring.kill("node2");
    const before = ring.verdicts.length;
    ring.run(2_000);
    expect(ring.verdicts.slice(before).map((each) => each.by)).toEqual(["node3"]);
  });
});
