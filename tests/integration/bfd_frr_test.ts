import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BfdProcess, bfdSettings } from "./harness/bfd_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { Frr } from "./harness/frr.ts";
import { cannotRun, NetnsPair, run } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bfdd", "zebra", "bgpd");
const group = reason ? `BFD against FRR: skipped, ${reason}` : "BFD against FRR";

setDefaultTimeout(30_000);

let pair: NetnsPair;
let frr: Frr;
let speaker: BfdProcess;

beforeAll(() => {
  if (reason) return;
  pair = new NetnsPair("bfdfrr", ["10.99.0.8/24", "fd99::8/64"], ["10.99.0.3/24", "fd99::3/64"]);
  for (const namespace of [pair.speaker, pair.router])
    for (const setting of ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"])
      run("ip", "netns", "exec", namespace, "sysctl", "-qw", setting);
});
afterEach(async () => {
  await speaker?.end();
  await frr?.end();
});
afterAll(() => pair?.remove());

/** Peers as FRR's `bfd` node lists them, with their profile. */
function start(peers: string, profile = ""): void {
  const configuration = `bfd
 profile test
  receive-interval 100
  transmit-interval 100
  detect-multiplier 10
${profile}
 exit
${peers}
exit
`;
  frr = Frr.start(pair.router, configuration, { hasBfd: true });
  speaker = new BfdProcess(pair.speaker);
}

interface FrrPeer {
  peer: string;
  status: string;
  diagnostic: string;
  "remote-diagnostic": string;
  "remote-receive-interval": number;
  "remote-transmit-interval": number;
  "remote-detect-multiplier": number;
  "remote-echo-receive-interval": number;
  "echo-transmit-interval": number;
}

function frrPeers(): FrrPeer[] {
  return JSON.parse(frr.ask("show bfd peers json")) as FrrPeer[];
}

function frrPeer(address: string): FrrPeer {
  return frrPeers().find(({ peer }) => peer === address) ?? expect.unreachable();
}

describe.skipIf(reason !== undefined)(group, () => {
  test("IPv4 and IPv6, one hop: up, the agreed intervals, down when FRR falls silent, up again", async () => {
    start(` peer 10.99.0.8 local-address 10.99.0.3 interface eth0
  profile test
 exit
 peer fd99::8 local-address fd99::3 interface eth0
  profile test
 exit`);
    await speaker.set(
      bfdSettings({ address: "10.99.0.3" }),
      bfdSettings({ address: "fd99::3", transmitIntervalMs: 150 }),
    );
    for (const key of ["10.99.0.3", "fd99::3"]) await speaker.up(key);
    await speaker.until("fd99::3", "agreed", ({ detectionTimeMs }) => detectionTimeMs === 1_000);
    const slow = await speaker.until(
      "fd99::3",
      "paced",
      ({ transmitIntervalMs }) => transmitIntervalMs === 150,
    );
    expect(slow).toMatchObject({ state: "Up", remoteState: "Up" });
    await eventually("FRR knows the intervals", () => frrPeer("fd99::8")["remote-transmit-interval"] === 150);
    expect(frrPeer("10.99.0.8")).toMatchObject({
      status: "up",
      "remote-receive-interval": 100,
      "remote-transmit-interval": 100,
      "remote-detect-multiplier": 10,
    });
    frr.signal("SIGSTOP");
    for (const key of ["10.99.0.3", "fd99::3"]) {
      const down = await speaker.until(key, "down", ({ state }) => state === "Down");
      expect(down.lastDown?.why).toBe("Control Detection Time Expired");
    }
    frr.signal("SIGCONT");
    for (const key of ["10.99.0.3", "fd99::3"]) await speaker.up(key);
  });

  test("other intervals are agreed on without a flap", async () => {
    start(" peer 10.99.0.8 local-address 10.99.0.3 interface eth0\n  profile test\n exit");
    const settings = bfdSettings({ address: "10.99.0.3" });
    await speaker.set(settings);
    await speaker.up("10.99.0.3");
    const changes = [
      { transmitIntervalMs: 400, receiveIntervalMs: 400 },
      { transmitIntervalMs: 60, receiveIntervalMs: 80, detectMultiplier: 20 },
    ];
    for (const change of changes) {
      await speaker.set({ ...settings, ...change });
      await eventually("FRR knows them", () => {
        const peer = frrPeer("10.99.0.8");
        const said = [peer["remote-transmit-interval"], peer["remote-receive-interval"]];
        return Bun.deepEquals(said, [change.transmitIntervalMs, change.receiveIntervalMs]);
      });
      const agreed = Math.max(100, change.receiveIntervalMs) * 10;
      await speaker.until("10.99.0.3", "agreed", ({ detectionTimeMs }) => detectionTimeMs === agreed);
    }
    expect((await speaker.session("10.99.0.3"))?.counters).toMatchObject({ up: 1, down: 0 });
    expect(frrPeer("10.99.0.8").status).toBe("up");
  });

  test("several hops: port 4784, both ways, and the minimum TTL", async () => {
    start(" peer 10.99.0.8 multihop local-address 10.99.0.3\n  profile test\n exit");
    const multihop = bfdSettings({ address: "10.99.0.3", isMultihop: true, localAddress: "10.99.0.8" });
    await speaker.set(multihop);
    await speaker.up("10.99.0.3");
    // FRR sends with 255, so that 255 is met and nothing above it can be.
    await speaker.set({ ...multihop, minimumTtl: 256 });
    const down = await speaker.until("10.99.0.3", "down", ({ state }) => state === "Down");
    expect(down.lastDiscard?.why).toBe("below the minimum TTL of the session");
  });

  test.each(["ours", "FRR's"])("the passive role is %s", async (whose) => {
    start(
      " peer 10.99.0.8 local-address 10.99.0.3 interface eth0\n  profile test\n exit",
      whose === "ours" ? "" : "  passive-mode\n",
    );
    await speaker.set(bfdSettings({ address: "10.99.0.3", passiveMode: whose === "ours" }));
    await speaker.up("10.99.0.3");
  });

  test("echo over IPv4 finds the failure; FRR sends its own", async () => {
    start(
      " peer 10.99.0.8 local-address 10.99.0.3 interface eth0\n  profile test\n exit",
      "  echo-mode\n  echo transmit-interval 100\n  echo receive-interval 100\n",
    );
    await speaker.set(bfdSettings({ address: "10.99.0.3", echoMode: true, echoIntervalMs: 100 }));
    const echoing = await speaker.until("10.99.0.3", "echoing", ({ counters }) => counters.echoIn >= 10);
    expect(echoing.echoIntervalMs).toBe(100);
    await speaker.until(
      "10.99.0.3",
      "slow control packets",
      ({ detectionTimeMs = 0 }) => detectionTimeMs >= 10_000,
    );
    expect(frrPeer("10.99.0.8")).toMatchObject({ status: "up", "remote-echo-receive-interval": 100 });
    // FRR's forwarding, which sends the echoes back, ends; FRR itself lives on.
    run("ip", "netns", "exec", pair.router, "sysctl", "-qw", "net.ipv4.ip_forward=0");
    try {
      await speaker.until("10.99.0.3", "down", ({ lastDown }) => lastDown?.why === "Echo Function Failed");
    } finally {
      run("ip", "netns", "exec", pair.router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    }
    await speaker.up("10.99.0.3");
  });

  test("echo over IPv6: ours is forwarded back, FRR's is sent back", async () => {
    start(
      " peer fd99::8 local-address fd99::3 interface eth0\n  profile test\n exit",
      "  echo-mode\n  echo transmit-interval 100\n  echo receive-interval 100\n",
    );
    await speaker.set(bfdSettings({ address: "fd99::3", echoMode: true, echoIntervalMs: 100 }));
    await speaker.until("fd99::3", "echoing", ({ counters }) => counters.echoIn >= 10);
    expect(frrPeer("fd99::8").status).toBe("up");
  });

  test("a session that ends says AdminDown, and FRR takes it for no failure", async () => {
    start(" peer 10.99.0.8 local-address 10.99.0.3 interface eth0\n  profile test\n exit");
    await speaker.set(bfdSettings({ address: "10.99.0.3" }));
    await speaker.up("10.99.0.3");
    await speaker.set();
    await eventually("FRR heard it", () =>
      frrPeer("10.99.0.8")["remote-diagnostic"].includes("administratively"),
    );
    expect(frrPeer("10.99.0.8")).toMatchObject({
      status: "down",
      diagnostic: "neighbor signaled session down",
    });
  });

  test("a peer that nobody asked for is named, and not answered", async () => {
    start(" peer 10.99.0.8 local-address 10.99.0.3 interface eth0\n  profile test\n exit");
    await speaker.set(bfdSettings({ address: "10.99.0.77" }));
    await eventually("a word of it", async () =>
      (await speaker.look()).problems.find((each) =>
        each.includes("BFD packets from 10.99.0.3 are dropped: no session with the sender"),
      ),
    );
    expect(frrPeer("10.99.0.8").status).toBe("down");
  });
});
