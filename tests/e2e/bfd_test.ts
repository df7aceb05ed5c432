import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { bgp } from "./support/manifests.ts";
import { must } from "./support/run.ts";

const lacking = missing("bird", "curl");
const nodes = ["node1", "node2", "node3"];

const profile = `
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata:
  name: fast
  namespace: metallb-system
spec:
  transmitInterval: 100
  receiveInterval: 100
  detectMultiplier: 5
`;

describe.skipIf(lacking !== undefined)(`BFD to a real router${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.apply(bgp);
    await everywhere("BGP is up", async (node) => (await gauge(node, "metallb_bgp_session_up")) === 1);
    const file = await birdFile("bird.conf");
    const config = readFileSync(file, "utf8");
    const bfd =
      'protocol bfd { interface "*" { interval 100 ms; multiplier 5; }; }\nprotocol bgp speakers {\n  bfd on;';
    writeFileSync(file, config.replace("protocol bgp speakers {", bfd));
    await birdc("configure");
    await everywhere(
      "BGP is up with BFD",
      async (node) => (await gauge(node, "metallb_bgp_session_up")) === 1,
    );
  }, 90_000);
  afterAll(() => cluster?.stop());

  test("a BFDProfile that a BGPPeer names makes a session on each node", async () => {
    await cluster.apply(profile);
    await patchPeer({ bfdProfile: "fast" });
    await everywhere("BFD is up", async (node) => (await gauge(node, "metallb_bfd_session_up")) === 1);
    expect((await birdc("show", "bfd", "sessions")).match(/ Up /g)).toHaveLength(nodes.length);
    for (const node of nodes)
      expect(await gauge(node, "metallb_bfd_session_up_events")).toBeGreaterThanOrEqual(1);
    for (const packets of ["control_packet_input", "control_packet_output"])
      await everywhere(
        "packets are counted",
        async (node) => ((await gauge(node, `metallb_bfd_${packets}`)) ?? 0) > 0,
      );
    for (const packets of ["echo_packet_input", "echo_packet_output"])
      expect(await gauge("node1", `metallb_bfd_${packets}`)).toBe(0);
  }, 40_000);

  test("a router that freezes is lost long before the hold time, and back when it thaws", async () => {
    const pid = Number(readFileSync(await birdFile("bird.pid"), "utf8"));
    process.kill(pid, "SIGSTOP");
    try {
      await everywhere("BGP is down", async (node) => (await gauge(node, "metallb_bgp_session_up")) === 0);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    for (const node of nodes)
      expect(await gauge(node, "metallb_bfd_session_down_events")).toBeGreaterThanOrEqual(1);
    await everywhere("both are up again", async (node) => {
      return (
        (await gauge(node, "metallb_bfd_session_up")) === 1 &&
        (await gauge(node, "metallb_bgp_session_up")) === 1
      );
    });
  }, 60_000);

  /** BIRD 2.0 takes the end of BFD for a failure, though it is told AdminDown; BGP then comes back without BFD. */
  test("without the profile BFD ends, its metrics too, and BGP does without", async () => {
    await patchPeer({ bfdProfile: null });
    await everywhere("no BFD", async (node) => (await gauge(node, "metallb_bfd_session_up")) === undefined);
    await eventually(
      "BIRD heard of it",
      async () => !(await birdc("show", "bfd", "sessions")).includes(" Up "),
    );
    await everywhere("BGP is up", async (node) => (await gauge(node, "metallb_bgp_session_up")) === 1);
  }, 40_000);

  function everywhere(what: string, isSo: (node: string) => Promise<boolean>): Promise<unknown> {
    const all = async () => (await Promise.all(nodes.map(isSo))).every(Boolean);
    return eventually(`${what} on each node`, all, 30_000);
  }

  async function gauge(node: string, name: string): Promise<number | undefined> {
    const socket = `${cluster.stateDirectory}/sockets/speaker-${node}.sock`;
    const text = await must(["curl", "-sS", "--unix-socket", socket, "http://metallb/metrics"]);
    const value = new RegExp(`^${name}\\{peer="192.168.1.1",vrf="default"\\} (\\S+)$`, "m").exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  }

  async function patchPeer(spec: object): Promise<void> {
    const patch = JSON.stringify({ spec });
    await cluster.kubectl("patch", "bgppeer", "router", "-n", "metallb-system", "--type=merge", "-p", patch);
  }

  async function birdFile(name: string): Promise<string> {
    const [found] = [...new Bun.Glob(`**/${name}`).scanSync(cluster.stateDirectory)];
    if (!found) throw new Error(`The sandbox has no ${name}`);
    return `${cluster.stateDirectory}/${found}`;
  }

  async function birdc(...command: string[]): Promise<string> {
    const socket = `${cluster.stateDirectory}/sockets/bird.sock`;
    return (await cluster.exec("router", ["birdc", "-s", socket, ...command])).stdout;
  }
});
