import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildPeer, type ChildRoutes, SpeakerProcess } from "./harness/bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { Frr } from "./harness/frr.ts";
import { cannotRun, NetnsPair } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bgpd", "zebra");
const group = reason ? `BGP against FRR: skipped, ${reason}` : "BGP against FRR";

setDefaultTimeout(30_000);

let pair: NetnsPair;
let frr: Frr;
let speaker: SpeakerProcess;

beforeAll(() => {
  if (!reason) pair = new NetnsPair("frr", ["10.99.0.8/24"], ["10.99.0.3/24"]);
});
afterEach(async () => {
  await speaker?.end();
  await frr?.end();
});
afterAll(() => pair?.remove());

function configuration(remoteAs: string): string {
  return `frr defaults datacenter
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.99.0.8 remote-as ${remoteAs}
 neighbor 10.99.0.8 passive
 address-family ipv4 unicast
  network 172.16.0.0/16
  neighbor 10.99.0.8 activate
exit
`;
}

const peer: ChildPeer = { name: "tor", address: "10.99.0.3", myASN: 65100, peerASN: 65003 };

async function start(remoteAs: string, peers: ChildPeer[], routes: ChildRoutes[] = []): Promise<void> {
  frr = Frr.start(pair.router, configuration(remoteAs));
  speaker = new SpeakerProcess(pair.speaker);
  await speaker.tell({ do: "peers", peers });
  for (const { name } of peers) await speaker.tell({ do: "routes", peer: name, routes });
}

async function session() {
  const [only] = (await speaker.look()).sessions;
  return only ?? expect.unreachable();
}

/** Prefixes that FRR has from us; NaN while there is no session. */
function received(): number {
  const summary = JSON.parse(frr.ask("show bgp ipv4 unicast summary json")) as {
    peers?: Record<string, { state: string; pfxRcd: number }>;
  };
  const us = summary.peers?.["10.99.0.8"];
  return us?.state === "Established" ? us.pfxRcd : Number.NaN;
}

const routesInFrr = (count: number) =>
  eventually(`${count} routes in FRR`, () => received() === count, 20_000, 20);

describe.skipIf(reason !== undefined)(group, () => {
  test("announces, counts, withdraws and says goodbye", async () => {
    await start(
      "65100",
      [peer],
      [{ first: "192.168.1.240", count: 3, communities: ["65000:1", "large:65100:1:2"] }],
    );
    await routesInFrr(3);
    const shown = frr.ask("show bgp ipv4 unicast 192.168.1.241/32 json");
    const [path] = (JSON.parse(shown) as { paths: Record<string, unknown>[] }).paths;
    expect(path).toMatchObject({
      aspath: { string: "65100" },
      origin: "IGP",
      valid: true,
      community: { string: "65000:1" },
      largeCommunity: { string: "65100:1:2" },
      nexthops: [{ ip: "10.99.0.8" }],
    });
    // FRR tells us its own route, and our three again.
    await eventually("four prefixes counted", async () => (await session()).prefixesReceived === 4);
    await speaker.tell({ do: "routes", peer: "tor", routes: [] });
    await routesInFrr(0);
    await speaker.tell({ do: "stop", text: "node drained" });
    await eventually("the farewell", () =>
      frr.ask("show bgp neighbors 10.99.0.8 json").includes("Administrative Shutdown"),
    );
  });

  test("takes 10,000 routes and the withdrawal of 5,000 at once without losing the session, where MetalLB loses it", async () => {
    await start("65100", [peer], [{ first: "10.0.0.0", count: 10_000 }]);
    await routesInFrr(10_000);
    await speaker.tell({ do: "routes", peer: "tor", routes: [{ first: "10.0.0.0", count: 5_000 }] });
    await routesInFrr(5_000);
    expect(await session()).toMatchObject({ state: "Established", flaps: 0, prefixesSent: 5_000 });
    expect(frr.log()).not.toContain("NOTIFICATION");
  });

  test("BFD that goes down ends the session at once, and FRR reads why (RFC 9384)", async () => {
    await start("65100", [{ ...peer, bfdProfile: "fast" }], [{ first: "192.168.1.240", count: 3 }]);
    await routesInFrr(3);
    for (const state of ["up", "down"] as const)
      await speaker.tell({ do: "bfd", address: peer.address ?? "", state });
    await eventually("the Cease in FRR's log", () => frr.log().includes("6/10"));
    await routesInFrr(3);
    expect(await session()).toMatchObject({ state: "Established", flaps: 1, bfd: "down" });
  });

  test("a router that expects another AS is read in words", async () => {
    await start("64999", [peer]);
    const error = await eventually("words", async () => {
      const { lastError } = await session();
      return lastError?.text.includes("NOTIFICATION") ? lastError : undefined;
    });
    expect(error.text).toContain("NOTIFICATION received: OPEN Message Error, Bad Peer AS");
  });
});
