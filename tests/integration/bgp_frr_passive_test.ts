import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { Frr } from "./harness/frr.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bgpd", "zebra");
const group = reason ? `FRR that dials: skipped, ${reason}` : "FRR that dials";

setDefaultTimeout(90_000);

let lab: BgpLab<Frr>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<Frr>("frrdials");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

const configuration = (more = "", asn = 65100) => `frr defaults datacenter
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 neighbor 10.99.0.8 remote-as ${asn}
 neighbor 10.99.0.8 timers connect 1
 ${more}
exit
`;

const peer: ChildPeer = {
  name: "tor",
  address: "10.99.0.3",
  myASN: 65100,
  peerASN: 65003,
  connection: "passive",
};
const routes = [{ first: "192.168.1.240", count: 3 }];

async function start(given: ChildPeer, text: string): Promise<void> {
  await lab.startRouter((namespace) => Frr.start(namespace, text));
  await lab.startSpeaker([given], routes);
}

interface Neighbor {
  bgpState: string;
  connectionsEstablished: number;
}

function neighbor(): Neighbor {
  const text = lab.router.ask("show bgp neighbors 10.99.0.8 json");
  return (JSON.parse(text) as Record<string, Neighbor>)["10.99.0.8"] ?? expect.unreachable();
}

interface Path {
  locPrf?: number;
  community?: { string: string };
}

/** What FRR has of each of our prefixes. */
function paths(): Path[] {
  return [240, 241, 242].map((last) => {
    const shown = lab.router.ask(`show bgp ipv4 unicast 192.168.1.${last}/32 json`);
    return (JSON.parse(shown) as { paths?: Path[] }).paths?.[0] ?? {};
  });
}

function count(): number {
  const { routes: table = {} } = JSON.parse(lab.router.ask("show bgp ipv4 unicast json")) as {
    routes?: object;
  };
  return Object.keys(table).length;
}

describe.skipIf(reason !== undefined)(group, () => {
  test.each([
    ["is waited for", {}, ""],
    ["is waited for under TCP MD5", { password: "s3cret" }, "neighbor 10.99.0.8 password s3cret"],
    [
      "is waited for on the source address, with GTSM",
      { sourceAddress: "10.99.0.8", isTtlSecured: true },
      "neighbor 10.99.0.8 ttl-security hops 1",
    ],
  ])("%s, and learns every route", async (_, settings, more) => {
    await start({ ...peer, ...settings }, configuration(more));
    await lab.established("tor", 40_000);
    await eventually("three routes in FRR", () => count() === 3, 40_000);
    expect(neighbor().connectionsEstablished).toBe(1);
  });

  test("is waited for over IPv6 under TCP MD5", async () => {
    await lab.startRouter((namespace) =>
      Frr.start(
        namespace,
        `frr defaults datacenter
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 neighbor fd99::8 remote-as 65100
 neighbor fd99::8 timers connect 1
 neighbor fd99::8 password s3cret
 address-family ipv6 unicast
  neighbor fd99::8 activate
exit
`,
      ),
    );
    await lab.startSpeaker(
      [{ ...peer, address: "fd99::3", password: "s3cret" }],
      [{ first: "2001:db8::240", count: 3 }],
    );
    await lab.established("tor", 40_000);
    const routesOf = () =>
      Object.keys(
        (JSON.parse(lab.router.ask("show bgp ipv6 unicast json")) as { routes?: object }).routes ?? {},
      );
    await eventually("three routes in FRR", () => routesOf().length === 3, 40_000);
  });

  test("both dial: one session comes of it, and it stays", async () => {
    await start({ ...peer, connection: "both" }, configuration());
    await lab.established("tor", 40_000);
    await eventually("three routes in FRR", () => count() === 3, 40_000);
    await Bun.sleep(2_500);
    expect((await lab.session()).flaps).toBe(0);
    expect([neighbor().bgpState, count()]).toEqual(["Established", 3]);
  });

  test("another program on the port is said plainly", async () => {
    await lab.startRouter((namespace) => Frr.start(namespace, configuration()));
    const holder = Bun.spawn(
      [
        "ip",
        "netns",
        "exec",
        lab.namespace("speaker"),
        process.execPath,
        "-e",
        'Bun.listen({ hostname: "0.0.0.0", port: 179, socket: { data() {} } }); console.log("up")',
      ],
      { stdout: "pipe" },
    );
    try {
      await holder.stdout.getReader().read();
      await lab.startSpeaker([peer], routes);
      await lab.trouble("cannot listen on 0.0.0.0:179: EADDRINUSE (another program listens there");
    } finally {
      holder.kill();
      await holder.exited;
    }
    await lab.established("tor", 40_000);
  });

  test("draining puts GRACEFUL_SHUTDOWN on every route (RFC 8326), and LOCAL_PREF 0 inside the AS", async () => {
    await start({ ...peer, myASN: 65003 }, configuration("", 65003));
    await eventually("three routes in FRR", () => count() === 3, 40_000);
    await lab.speaker.tell({ do: "drain", isDraining: true });
    const isGoing = ({ locPrf, community }: Path) =>
      locPrf === 0 && community?.string === "graceful-shutdown";
    await eventually("the community and LOCAL_PREF 0 on all", () => paths().every(isGoing), 40_000);
    await lab.speaker.tell({ do: "drain", isDraining: false });
    const isStaying = ({ locPrf, community }: Path) => locPrf === 100 && community === undefined;
    await eventually("neither any more", () => paths().every(isStaying), 40_000);
    expect((await lab.session()).flaps).toBe(0);
  });
});
