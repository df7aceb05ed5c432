import { lanSettings, pushPullIntervalMs } from "#core/membership/memberlist/mod.ts";
import { SimulatedRing } from "./ring.ts";

export interface MeasureOptions {
  members: number;
  seed: number;
  loss: number;
  /** How long it is watched before the kill. */
  calmMs: number;
}

export interface Measured {
  /** From the kill to the first verdict, and to that of the last member; undefined: not within two minutes. */
  firstMs?: number;
  allMs?: number;
  /** In the calm, by each member each second: what it sent over UDP. */
  datagramsPerSecond: number;
  bytesPerSecond: number;
  /** In the calm: verdicts against members that live, each counted once however many members heard it. */
  falseDeaths: number;
  falseSuspicions: number;
  /** Of all pairs at the end of the calm, those where one holds the other for dead that lives. */
  wrongPairs: number;
}

/** How long the traffic settles before it is counted. */
const warmUpMs = 5000;
const patienceMs = 120_000;

/** A calm in which nobody dies, then one member is killed: what each costs and how soon it is known. */
export function measure({ members, seed, loss, calmMs }: MeasureOptions): Measured {
  const ring = new SimulatedRing({ members, seed, loss });
  const falseDeaths = new Set<string>();
  const falseSuspicions = new Set<string>();
  ring.onMember = (_, { name, state, incarnation }) => {
    if (state === "dead") falseDeaths.add(`${name} ${incarnation}`);
    if (state === "suspect") falseSuspicions.add(`${name} ${incarnation}`);
  };
  ring.run(warmUpMs + ring.random() * 1000);
  const before = { ...ring.traffic };
  falseDeaths.clear();
  falseSuspicions.clear();
  ring.run(calmMs);
  const perSecond = (count: number) => count / (calmMs / 1000) / members;
  const calm = {
    datagramsPerSecond: perSecond(ring.traffic.datagrams - before.datagrams),
    bytesPerSecond: perSecond(ring.traffic.datagramBytes - before.datagramBytes),
    falseDeaths: falseDeaths.size,
    falseSuspicions: falseSuspicions.size,
    wrongPairs: wrongPairs(ring),
  };
  return { ...calm, ...kill(ring) };
}

/** What full exchanges of states come to for each member: one of its own in each interval, and one that it answers. */
export function exchangeBytesPerSecond(members: number): number {
  const ring = new SimulatedRing({ members, seed: 1, loss: 0 });
  ring.at(0).join(ring.at(1));
  ring.run(100);
  return ring.traffic.streamBytes / (pushPullIntervalMs(lanSettings.pushPullIntervalMs, members) / 1000);
}

function wrongPairs(ring: SimulatedRing): number {
  let wrong = 0;
  for (const { machine } of ring.members)
    for (const { state } of machine.members()) if (state === "dead" || state === "left") wrong++;
  return wrong;
}

function kill(ring: SimulatedRing): { firstMs?: number; allMs?: number } {
  const victim = ring.at(0);
  const killedAt = ring.now;
  const knowing = new Set<string>();
  let firstMs: number | undefined;
  for (const member of ring.members.slice(1)) if (!member.seesAlive(victim.name)) knowing.add(member.name);
  ring.onMember = (at, { name, state }) => {
    if (name !== victim.name || at === victim) return;
    if (state === "dead") {
      knowing.add(at.name);
      firstMs ??= ring.now - killedAt;
    } else if (state === "alive") knowing.delete(at.name);
  };
  victim.kill();
  const isKnown = ring.runUntil(() => knowing.size === ring.members.length - 1, killedAt + patienceMs);
  return {
    ...(firstMs === undefined ? {} : { firstMs }),
    ...(isKnown ? { allMs: ring.now - killedAt } : {}),
  };
}
