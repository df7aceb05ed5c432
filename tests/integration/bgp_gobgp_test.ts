import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { GoBgp } from "./harness/gobgp.ts";
import { Lowest } from "./harness/lowest.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("gobgpd", "gobgp");
const group = reason ? `BGP against GoBGP: skipped, ${reason}` : "BGP against GoBGP";

// GoBGP waits about five seconds before it takes a neighbour.
setDefaultTimeout(60_000);

let lab: BgpLab<GoBgp>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<GoBgp>("gobgp");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

const family = (name: string) => `
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${name}"
    [neighbors.afi-safis.mp-graceful-restart.config]
      enabled = true`;

const neighbor = (address: string, ...families: string[]) => `
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${address}"
    peer-as = 65100
    auth-password = "s3cret"
  [neighbors.transport.config]
    passive-mode = true
  [neighbors.timers.config]
    hold-time = 9
    keepalive-interval = 3
  [neighbors.graceful-restart.config]
    enabled = true
    restart-time = 60
${families.map(family).join("")}`;

const configuration = `
[global.config]
  as = 65004
  router-id = "10.99.0.3"
  port = 179
  local-address-list = ["10.99.0.3", "fd99::3"]
${neighbor("10.99.0.8", "ipv4-unicast")}
${neighbor("fd99::8", "ipv6-unicast")}
`;

const four: ChildPeer = {
  name: "four",
  address: "10.99.0.3",
  myASN: 65100,
  peerASN: 65004,
  password: "s3cret",
  enableGracefulRestart: true,
};
const six = { ...four, name: "six", address: "fd99::3" };
const three = [
  { first: "192.168.1.240", count: 3 },
  { first: "2001:db8::240", count: 3 },
];

const count = () => lab.router.table("ipv4").size + lab.router.table("ipv6").size;
const routesInGoBgp = (wanted: number) =>
  eventually(`${wanted} routes in GoBGP`, () => count() === wanted, 20_000, 50);

describe.skipIf(reason !== undefined)(group, () => {
  test("IPv4 and IPv6 with MD5; routes stay while the speaker is killed and comes back", async () => {
    await lab.startRouter((namespace) => GoBgp.start(namespace, configuration));
    await lab.startSpeaker([four, six], three);
    await routesInGoBgp(6);
    const hop = (table: "ipv4" | "ipv6", prefix: string) =>
      lab.router
        .table(table)
        .get(prefix)
        ?.attrs.flatMap(({ nexthop }) => nexthop ?? []);
    expect(hop("ipv4", "192.168.1.240/32")).toEqual(["10.99.0.8"]);
    expect(hop("ipv6", "2001:db8::240/128")).toEqual(["fd99::8"]);
    const lowest = new Lowest(count, 50);
    await lab.speaker.end();
    await eventually(
      "GoBGP sees it",
      () => lab.router.table("ipv6").get("2001:db8::240/128")?.stale === true,
    );
    const two = three.map(({ first }) => ({ first, count: 2 }));
    await lab.startSpeaker([four, six], two);
    await routesInGoBgp(4);
    expect(await lowest.stop()).toBeGreaterThanOrEqual(4);
    expect(lab.router.table("ipv6").get("2001:db8::240/128")?.stale).not.toBe(true);
  });
});
