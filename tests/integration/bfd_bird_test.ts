import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BfdProcess, bfdSettings } from "./harness/bfd_speaker.ts";
import { Bird } from "./harness/bird.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun, NetnsPair, run } from "./harness/netns_pair.ts";

const reason = cannotRun("bird");
const group = reason ? `BFD against BIRD: skipped, ${reason}` : "BFD against BIRD";

setDefaultTimeout(30_000);

let pair: NetnsPair;
let bird: Bird;
let speaker: BfdProcess;

beforeAll(() => {
  if (!reason)
    pair = new NetnsPair("bfdbird", ["10.99.0.8/24", "fd99::8/64"], ["10.99.0.3/24", "fd99::3/64"]);
});
afterEach(async () => {
  await speaker?.end();
  await bird?.end();
});
afterAll(() => pair?.remove());

const pace = "min rx interval 100 ms; min tx interval 100 ms; multiplier 10;";

function configuration(neighbours: string, options = pace): string {
  return `router id 10.99.0.3;
    protocol device {}
    protocol bfd {
      interface "eth0" { ${options} };
      multihop { ${options} };
      ${neighbours}
    }`;
}

async function start(neighbours: string): Promise<void> {
  bird = await Bird.start(pair.router, configuration(neighbours));
  speaker = new BfdProcess(pair.speaker);
}

function linkLocal(namespace: string): string {
  const [link] = JSON.parse(run("ip", "-n", namespace, "-j", "-6", "addr", "show", "dev", "eth0"));
  return link.addr_info.find((each: { scope: string }) => each.scope === "link").local;
}

/** BIRD's line on its session with us. */
async function inBird(address: string): Promise<string> {
  const answer = await bird.ask("show bfd sessions");
  return answer.split("\n").find((line) => line.includes(address)) ?? "";
}

describe.skipIf(reason !== undefined)(group, () => {
  test("IPv4, IPv6 and link-local: up, down when BIRD falls silent, up again", async () => {
    const [ours, theirs] = [linkLocal(pair.speaker), linkLocal(pair.router)];
    await start(`neighbor 10.99.0.8 dev "eth0"; neighbor fd99::8 dev "eth0"; neighbor ${ours} dev "eth0";`);
    const addresses = ["10.99.0.3", "fd99::3", theirs];
    await speaker.set(
      ...addresses.map((address) =>
        bfdSettings({ address, ...(address === theirs && { interface: "eth0" }) }),
      ),
    );
    for (const address of addresses) await speaker.up(address);
    for (const address of ["10.99.0.8", "fd99::8", ours]) expect(await inBird(address)).toContain("Up");
    process.kill(bird.pid, "SIGSTOP");
    for (const address of addresses) {
      const down = await speaker.until(address, "down", ({ state }) => state === "Down");
      expect(down.lastDown?.why).toBe("Control Detection Time Expired");
    }
    process.kill(bird.pid, "SIGCONT");
    for (const address of addresses) await speaker.up(address);
  });

  /** BIRD sends over several hops with the system's own TTL, 64, where FRR sends with 255. */
  test("several hops; then the passive role is ours, then BIRD's", async () => {
    await start("neighbor 10.99.0.8 local 10.99.0.3 multihop on;");
    const settings = bfdSettings({
      address: "10.99.0.3",
      isMultihop: true,
      minimumTtl: 64,
      localAddress: "10.99.0.8",
    });
    await speaker.set(settings);
    await speaker.up("10.99.0.3");
    const single = bfdSettings({ address: "10.99.0.3" });
    await bird.configure(configuration('neighbor 10.99.0.8 dev "eth0";'));
    await speaker.set({ ...single, passiveMode: true });
    await speaker.up("10.99.0.3");
    await bird.configure(configuration('neighbor 10.99.0.8 dev "eth0";', `${pace} passive on;`));
    await speaker.set();
    await speaker.set(single);
    await speaker.up("10.99.0.3");
  });

  test("BIRD's other intervals are taken without a flap; its authentication is refused with the reason", async () => {
    await start('neighbor 10.99.0.8 dev "eth0";');
    await speaker.set(bfdSettings({ address: "10.99.0.3" }));
    await speaker.up("10.99.0.3");
    await bird.configure(
      configuration(
        'neighbor 10.99.0.8 dev "eth0";',
        "min rx interval 60 ms; min tx interval 300 ms; multiplier 7;",
      ),
    );
    const agreed = await speaker.until(
      "10.99.0.3",
      "agreed",
      ({ detectionTimeMs }) => detectionTimeMs === 2_100,
    );
    expect(agreed).toMatchObject({ transmitIntervalMs: 100, counters: { up: 1, down: 0 } });
    await bird.configure(
      configuration(
        'neighbor 10.99.0.8 dev "eth0";',
        `${pace} authentication keyed sha1; password "secret";`,
      ),
    );
    const refused = await speaker.until(
      "10.99.0.3",
      "refused",
      ({ lastDiscard }) => lastDiscard !== undefined,
    );
    expect(refused.lastDiscard?.why).toBe("authenticated, and authentication is not in use");
  });

  test("a session that ends says AdminDown, which BIRD understands", async () => {
    await start('neighbor 10.99.0.8 dev "eth0";');
    await speaker.set(bfdSettings({ address: "10.99.0.3" }));
    await speaker.up("10.99.0.3");
    await speaker.set();
    await eventually("BIRD heard it", async () => !(await inBird("10.99.0.8")).includes("Up"), 5_000);
  });
});
