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
  detect-multiplier 5
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
    await speaker.until("fd99::3", "agreed", ({ detectionTimeMs }) => detectionTimeMs === 500);
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
      "remote-detect-multiplier": 5,
    });
    frr.signal("SIGSTOP");
    for (const key of ["10.99.0.3", "fd99::3"]) {
      const down = await speaker.until(key, "down", ({ state }) => state === "Down");
      expect(down.lastDown?.why).toBe("Control Detection Time Expired");
    }
    frr.signal("SIGCONT");
    for (const key of ["10.99.0.3", "fd99::3"]) await speaker.up(key);
  });
});
