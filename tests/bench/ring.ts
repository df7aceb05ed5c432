/**
 * The ring of watchers on virtual time: how soon a death is known, what it costs, and who is lost wrongly. `--full` adds
 * 1,000 members, which takes some minutes; the table of docs/membership.md is its output. Then what the proof of each
 * datagram costs on this machine.
 */
import { encodeDatagram } from "#core/membership/ring/mod.ts";
import { Authenticator } from "#speaker/data_plane/ring/authenticator.ts";
import { nodes, RingWorld } from "../simulation/ring_world.ts";

const isFull = process.argv.includes("--full");
const sizes = isFull ? [10, 100, 1_000] : [10, 100];
/** Of virtual time, all members together. */
const memberHours = isFull ? 10 : 0.2;

function line(...cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
const header = (...cells: readonly string[]) => {
  line(...cells);
  line(...cells.map(() => "---"));
};
const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
const span = (values: readonly number[]) =>
  `${Math.round(mean(values))} (${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))})`;

function worldOf(count: number, seed: number, intervalMs = 150): RingWorld {
  const world = new RingWorld({ seed, names: nodes(count), intervalMs });
  world.run(20 * intervalMs);
  return world;
}

/** Kills one after another, and gives when the first and when the last survivor knew. */
function crashes(world: RingWorld, times: number): { first: number[]; last: number[] } {
  const first: number[] = [];
  const last: number[] = [];
  for (let count = 0; count < times; count++) {
    const node = world.names[Math.floor(world.random() * world.names.length)] ?? "node1";
    world.run(1_000 * world.random());
    const since = world.said.length;
    const killedAt = world.now;
    world.kill(node);
    world.run(2_500);
    const found = world.said.slice(since).filter((each) => each.node === node && each.state === "dead");
    if (found.length !== world.names.length - 1) throw new Error(`${found.length} found ${node}`);
    first.push(Math.min(...found.map(({ at }) => at)) - killedAt);
    last.push(Math.max(...found.map(({ at }) => at)) - killedAt);
    world.start(node);
    world.run(3_000);
  }
  return { first, last };
}

console.log("\n150 ms profile, times in ms: mean (least to most)\n");
header(
  "members",
  "first verdict",
  "last survivor knows",
  "datagrams/s a member",
  "bytes/s a member",
  "8 of 10 at once",
);
for (const count of sizes) {
  const world = worldOf(count, 1);
  const before = { ...world.sent };
  const forMs = count > 100 ? 5_000 : 20_000;
  world.run(forMs);
  const rate = (now: number, then: number) => Math.round((((now - then) / count) * 1_000) / forMs);
  const datagrams = rate(world.sent.datagrams, before.datagrams);
  const bytes = rate(world.sent.bytes, before.bytes);
  const { first, last } = crashes(world, isFull && count <= 100 ? 20 : 5);
  const since = world.said.length;
  const killedAt = world.now;
  world.kill(...world.names.slice(0, count * 0.8));
  world.run(6_000);
  const mass = world.said.slice(since).filter(({ state }) => state === "dead");
  line(
    count,
    span(first),
    span(last),
    datagrams,
    bytes,
    `all known after ${Math.round(Math.max(...mass.map(({ at }) => at)) - killedAt)}`,
  );
}

console.log("\nProfiles, 10 members\n");
header("interval", "first verdict", "last survivor knows", "datagrams/s a member");
for (const intervalMs of [100, 150, 300]) {
  const world = worldOf(10, 2, intervalMs);
  const before = world.sent.datagrams;
  world.run(10_000);
  const datagrams = Math.round((world.sent.datagrams - before) / 100);
  const { first, last } = crashes(world, isFull ? 20 : 5);
  line(`${intervalMs} ms`, span(first), span(last), datagrams);
}

console.log(`\nLoss of each datagram on its own, ${memberHours} member-hours each\n`);
header("members", "loss", "living members lost", "first verdict", "last survivor knows");
for (const count of sizes)
  for (const lossRate of [0.01, 0.05, 0.2]) {
    const world = worldOf(count, 3);
    world.lossRate = lossRate;
    const since = world.said.length;
    world.run((memberHours * 3_600_000) / count);
    const lost = world.said.slice(since).filter(({ state }) => state === "dead").length;
    const { first, last } = crashes(world, 5);
    line(count, `${lossRate * 100} %`, lost, span(first), span(last));
  }

const datagram = encodeDatagram({
  node: "a-node-of-usual-length.example",
  boot: 1,
  receiverBoot: 2,
  sequence: 3,
  message: { kind: "beat", number: 1, incarnation: 1, lateMs: 0, awareness: 0, digest: 1 },
});
const authenticator = new Authenticator(new Uint8Array(32));
const sealed = new Uint8Array(1_400);
const rounds = 50_000;
for (const what of ["warm-up", "measured"]) {
  const startedAt = performance.now();
  let length = 0;
  for (let count = 0; count < rounds; count++) length = authenticator.seal(datagram, sealed);
  const sealedAt = performance.now();
  for (let count = 0; count < rounds; count++) authenticator.open(sealed.subarray(0, length));
  const openedAt = performance.now();
  if (what === "measured")
    console.log(
      `\nHMAC-SHA-256 of a heartbeat (${length} bytes): seal ${(((sealedAt - startedAt) * 1_000) / rounds).toFixed(1)} us, open ${(((openedAt - sealedAt) * 1_000) / rounds).toFixed(1)} us; 74 a second cost ${((((openedAt - startedAt) / rounds / 2) * 74) / 10).toFixed(2)} % of a core`,
    );
}
