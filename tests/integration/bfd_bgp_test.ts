import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type BfdBgpCommand, BfdBgpProcess } from "./harness/bfd_bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { Frr } from "./harness/frr.ts";
import { cannotRun, NetnsPair } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bfdd", "zebra", "bgpd");
const group = reason ? `BGP with BFD against FRR: skipped, ${reason}` : "BGP with BFD against FRR";

setDefaultTimeout(30_000);

let pair: NetnsPair;
let frr: Frr;
let speaker: BfdBgpProcess;

beforeAll(() => {
  if (!reason) pair = new NetnsPair("bfdbgp", ["10.99.0.8/24"], ["10.99.0.3/24"]);
});
afterEach(async () => {
  await speaker?.end();
  await frr?.end();
});
afterAll(() => pair?.remove());

function start(hasBfd = true, more = ""): void {
  const configuration = `frr defaults datacenter
bfd
 profile test
  receive-interval 100
  transmit-interval 100
  detect-multiplier 10
 exit
exit
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 neighbor 10.99.0.8 remote-as 65100
 neighbor 10.99.0.8 passive
 ${hasBfd ? "neighbor 10.99.0.8 bfd profile test" : ""}
${more}
 address-family ipv4 unicast
  neighbor 10.99.0.8 activate
exit
`;
  frr = Frr.start(pair.router, configuration, { hasBfd });
  speaker = new BfdBgpProcess(pair.speaker);
}

/** The router as the only peer, with BFD where it is asked for. */
function peers(change: { bfdProfile?: string; enableGracefulRestart?: boolean } = {}): BfdBgpCommand {
  const peer = { name: "tor", peerAddress: "10.99.0.3", ...change };
  return { do: "peers", peers: [peer], profiles: [{ name: "fast" }] };
}

/** FRR makes its BFD session anew when BGP comes up, and takes that for a failure where it was up before. */
async function bothUp(change: { enableGracefulRestart?: boolean } = {}): Promise<void> {
  await speaker.tell(peers(change));
  await speaker.until("BGP up", (bgp) => bgp.state === "Established");
  await speaker.tell(peers({ ...change, bfdProfile: "fast" }));
  await speaker.until(
    "both up",
    (bgp, bfd) => bgp.state === "Established" && bgp.bfd === "up" && bfd?.state === "Up",
  );
}

function frrNeighbor(): { bgpState: string; connectionsDropped: number } {
  return JSON.parse(frr.ask("show bgp neighbors 10.99.0.8 json"))["10.99.0.8"];
}

function frrRoutes(): string[] {
  return Object.keys(JSON.parse(frr.ask("show bgp ipv4 unicast json")).routes ?? {});
}

describe.skipIf(reason !== undefined)(group, () => {
  test("a router that falls silent takes the BGP session down by BFD, long before the hold time", async () => {
    start();
    await bothUp();
    frr.signal("SIGSTOP");
    const { sessions, bfd } = await speaker.until("down", (bgp) => bgp.state !== "Established");
    expect(sessions[0]).toMatchObject({
      bfd: "down",
      lastError: { text: "NOTIFICATION sent: Cease, BFD Down" },
    });
    expect(bfd[0]?.lastDown?.why).toBe("Control Detection Time Expired");
    frr.signal("SIGCONT");
    await speaker.until("BFD up again", (_, bfd) => bfd?.state === "Up");
  });

  test("1,000 changes of routes while the main thread is held up flap neither session", async () => {
    start();
    await bothUp();
    const before = frrNeighbor().connectionsDropped;
    // Held up for longer than BFD's patience of 1 s, twice.
    await speaker.tell({ do: "churn", peer: "tor", changes: 1_000, busyMs: 20 });
    await speaker.tell({ do: "churn", peer: "tor", changes: 100, busyMs: 1_300 });
    const { bfd, sessions } = await speaker.until("heard of", (_, bfd) => bfd?.state === "Up");
    expect(bfd[0]?.counters).toMatchObject({ up: 1, down: 0 });
    expect(sessions[0]).toMatchObject({ state: "Established", flaps: 0 });
    expect(frrNeighbor()).toMatchObject({ bgpState: "Established", connectionsDropped: before });
  });

  test("BFD that the router's administrator switches off ends no BGP session", async () => {
    start();
    await bothUp();
    frr.configure("bfd\n profile test\n  shutdown\n exit\nexit\n");
    await speaker.until("told so", (bgp) => bgp.bfd === "adminDown");
    frr.configure("bfd\n profile test\n  no shutdown\n exit\nexit\n");
    const { sessions } = await speaker.until("watched again", (bgp) => bgp.bfd === "up");
    expect(sessions[0]).toMatchObject({ state: "Established", flaps: 0 });
  });

  test("a speaker that stops to come back leaves its routes with FRR, whose BFD it ends after BGP", async () => {
    start(true, " bgp graceful-restart\n");
    await bothUp({ enableGracefulRestart: true });
    await speaker.tell({ do: "churn", peer: "tor", changes: 1, busyMs: 0 });
    await eventually("FRR has the route", () => frrRoutes().length === 1);
    await speaker.tell({ do: "stop" });
    await eventually(
      "FRR's BFD ended",
      () => JSON.parse(frr.ask("show bfd peers json"))[0].status === "down",
    );
    expect(frrRoutes()).toEqual(["172.20.0.0/32"]);
    expect(frrNeighbor().bgpState).not.toBe("Established");
  });

  test("BGP does not wait for a router that has no BFD", async () => {
    start(false);
    await speaker.tell(peers({ bfdProfile: "fast" }));
    const { sessions } = await speaker.until(
      "up",
      (bgp, bfd) => bgp.state === "Established" && bfd?.state === "Down",
    );
    expect(sessions[0]?.bfd).toBe("down");
  });

  test("an unnumbered router is watched on its link-local address", async () => {
    const configuration = `frr defaults datacenter
bfd
 profile test
  receive-interval 100
  transmit-interval 100
  detect-multiplier 10
 exit
exit
interface eth0
 ipv6 nd ra-interval 1
 no ipv6 nd suppress-ra
exit
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 neighbor eth0 interface remote-as external
 neighbor eth0 bfd profile test
exit
`;
    frr = Frr.start(pair.router, configuration, { hasBfd: true });
    speaker = new BfdBgpProcess(pair.speaker);
    const peer = { name: "tor", interface: "eth0", bfdProfile: "fast" };
    await speaker.tell({ do: "peers", peers: [peer], profiles: [{ name: "fast" }] });
    const { bfd } = await speaker.until(
      "both up",
      (bgp, bfd) => bgp.state === "Established" && bgp.bfd === "up" && bfd?.state === "Up",
      20_000,
    );
    expect(bfd[0]).toMatchObject({ interface: "eth0", isMultihop: false });
    expect(bfd[0]?.address).toStartWith("fe80::");
    frr.signal("SIGSTOP");
    const { sessions } = await speaker.until("down", (bgp) => bgp.state !== "Established");
    expect(sessions[0]?.bfd).toBe("down");
  });
});
