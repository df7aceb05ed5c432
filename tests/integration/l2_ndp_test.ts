import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { encodeNdp, type NdpFrame, writeNdpChecksum } from "#core/l2/mod.ts";
import { type IpAddress, macToBytes, parseAddress } from "#core/net/mod.ts";
import { run, runTolerant } from "#sandbox/lab/mod.ts";
import { eventually } from "./harness/eventually.ts";
import { L2Lan } from "./harness/l2_lan.ts";
import { L2NdpCapture } from "./harness/l2_ndp_capture.ts";
import { L2Node } from "./harness/l2_node.ts";
import { cannotRun } from "./harness/netns_pair.ts";

/** Real frames between namespaces: `node1` and `node2` hold a data plane each, `client` asks and looks on. */
const skipReason = cannotRun("ndisc6", "tcpdump", "bridge");
const vip = "fd77::240";
const otherVip = "fd77::241";
/** The same last 24 bits as the first, and so the same group. */
const twinVip = "fd77::1:0:240";
const vipGroup = "ff0200000000000000000001ff000240";
const otherGroup = "ff0200000000000000000001ff000241";
/** Of a wait; less than what a test may take. */
const limitMs = 3_000;
// Generous, for a machine that is busy with other things.
setDefaultTimeout(30_000);
const mended = (frame: Uint8Array) => {
  writeNdpChecksum(frame);
  return frame;
};
const ip = (text: string) => parseAddress(text) as IpAddress;

describe.skipIf(skipReason !== undefined)(`NDP on real frames${skipReason ? `: ${skipReason}` : ""}`, () => {
  let lan: L2Lan;
  let nodes: L2Node[] = [];
  let captures: L2NdpCapture[] = [];

  beforeAll(() => {
    lan = new L2Lan(["node1", "node2", "client"]);
  });

  afterEach(async () => {
    await Promise.all([...nodes.map((node) => node.kill()), ...captures.map((capture) => capture.stop())]);
    nodes = [];
    captures = [];
  });

  afterAll(() => lan?.remove());

  /** A node whose interface is ready for NDP. */
  async function start(name: string): Promise<L2Node> {
    const node = new L2Node(lan, name);
    nodes.push(node);
    await node.until("interfaces", ({ interfaces }) =>
      interfaces.some((each) => each.addresses.some((text) => text.startsWith("fe80:"))),
    );
    return node;
  }

  async function owning(name: string, ...addresses: string[]): Promise<L2Node> {
    const node = await start(name);
    node.own(...addresses);
    await node.until("announced", ({ address }) => address === addresses.at(-1));
    return node;
  }

  async function capture(station = "client"): Promise<L2NdpCapture> {
    const started = await L2NdpCapture.start(lan, station);
    captures.push(started);
    return started;
  }

  async function answersWith(mac: string, withinMs = 2_000): Promise<void> {
    await eventually(
      `only ${mac} answers for ${vip}`,
      () => lan.ndisc6("client", vip).join() === mac,
      withinMs,
    );
  }

  const linkLocal = (name: string) => {
    const links = JSON.parse(lan.ip(name, "-6", "-j", "addr", "show", "dev", "eth0", "scope", "link"));
    return links[0].addr_info.findLast((each: { local?: string }) => each.local)?.local as string;
  };

  /** A question of the client, as it would be put on the wire. */
  function solicitation(changes: Partial<NdpFrame> = {}): Uint8Array {
    return encodeNdp({
      destination: "33:33:ff:00:02:40",
      source: lan.mac("client"),
      trafficClassAndFlow: 0,
      sourceAddress: ip(lan.address6("client")),
      destinationAddress: ip("ff02::1:ff00:240"),
      type: 135,
      flags: 0,
      target: ip(vip),
      options: [{ type: 1, value: macToBytes(lan.mac("client")) }],
      trailer: new Uint8Array(0),
      ...changes,
    });
  }

  test("each question is answered once, with the MAC of the interface, and counted", async () => {
    const node = await owning("node1", "10.77.0.240", vip);
    const mac = lan.mac("node1");
    expect(lan.ndisc6("client", vip, 3)).toEqual([mac, mac, mac]);
    expect(lan.arping("client", "10.77.0.240", 1)).toEqual([mac]);
    const counted = () => [vip, "10.77.0.240"].map((address) => node.counters(address)?.responses);
    await eventually("all questions are counted", () => counted().join() === "3,1", limitMs);
    expect(node.counters(vip)).toMatchObject({ requests: 3, responses: 3 });
    expect(node.counters("10.77.0.240")).toMatchObject({ requests: 1, responses: 1 });
  });

  test("the answer goes to the asker alone: from the address itself, solicited, without override", async () => {
    await owning("node1", vip);
    const [seen, besides] = [await capture(), await capture("node2")];
    expect(lan.ndisc6("client", vip)).toEqual([lan.mac("node1")]);
    const answered = () => seen.of(vip).find(({ flags }) => flags.includes("solicited"));
    await eventually("tcpdump sees the answer", () => answered() !== undefined, limitMs);
    expect(answered()).toMatchObject({
      source: lan.mac("node1"),
      destination: lan.mac("client"),
      from: vip,
      flags: ["solicited"],
      isSumRight: true,
      hopLimit: 255,
      isAt: lan.mac("node1"),
    });
    expect(besides.of(vip).filter(({ to }) => to !== "ff02::1")).toEqual([]);
  });

  test("nobody answers for what is not owned or is owned on another interface", async () => {
    const node = await start("node1");
    node.command({
      type: "own",
      addresses: [
        { address: vip, interfaces: ["eth0"] },
        { address: otherVip, interfaces: ["eth1"] },
      ],
    });
    await node.until("announced");
    expect(lan.ndisc6("client", vip)).toHaveLength(1);
    expect(lan.ndisc6("client", otherVip)).toEqual([]);
    expect(lan.ndisc6("client", twinVip)).toEqual([]);
    node.own(otherVip);
    await node.until("announced", ({ address }) => address === otherVip);
    expect(lan.ndisc6("client", vip)).toEqual([]);
    expect(lan.ndisc6("client", otherVip)).toHaveLength(1);
  });

  test("what comes from beyond the link or is broken is not answered, and what is right is", async () => {
    const node = await owning("node1", vip);
    const seen = await capture();
    const question = solicitation();
    const asker = (last: number) => ({ sourceAddress: ip(`fd77::${last}`) });
    const beyond = solicitation(asker(1)).with(21, 64);
    const brokenSum = solicitation(asker(2));
    brokenSum[57] = (brokenSum[57] ?? 0) ^ 1;
    const badCode = mended(solicitation(asker(3)).with(55, 1));
    const cutOption = mended(solicitation(asker(4)).with(79, 9));
    lan.send("client", beyond, brokenSum, badCode, cutOption, question);
    await eventually(
      "the right one is answered",
      () => seen.of(vip).some(({ to }) => to === lan.address6("client")),
      limitMs,
    );
    await Bun.sleep(200);
    const answered = seen.of(vip).filter(({ to }) => to !== "ff02::1");
    expect(answered.map(({ to }) => to)).toEqual([lan.address6("client")]);
    await eventually("one question is counted", () => node.counters(vip)?.requests === 1, limitMs);
  });

  test("a host that tries to take an owned address finds it taken (RFC 4862 §5.4)", async () => {
    const node = await owning("node1", vip);
    // Until the burst of announcements is over, which would tell the host before it asks.
    await Bun.sleep(4_800);
    const seen = await capture();
    lan.detectDuplicates("node2", true);
    try {
      lan.ip("node2", "addr", "add", `${vip}/128`, "dev", "eth0");
      const flags = () => lan.ip("node2", "-6", "addr", "show", "dev", "eth0", "to", vip);
      await eventually("the address is a duplicate", () => flags().includes("dadfailed"), 4_000);
      await eventually("the probe is counted", () => (node.counters(vip)?.responses ?? 0) > 0, limitMs);
      for (const advertisement of seen.unsolicited(vip))
        expect(advertisement).toMatchObject({
          flags: ["override"],
          isSumRight: true,
          isAt: lan.mac("node1"),
        });
      expect(lan.ndisc6("client", vip)).toEqual([lan.mac("node1")]);
    } finally {
      lan.detectDuplicates("node2", false);
      lan.ip("node2", "addr", "del", `${vip}/128`, "dev", "eth0");
    }
  });

  test("a takeover is announced at once and every 1.1 s for 5 s to everybody, and then it is quiet", async () => {
    const node = await start("node1");
    const seen = await capture();
    const ownedAt = Date.now();
    node.own(vip);
    const announced = await node.until("announced");
    const mac = lan.mac("node1");
    expect(announced).toMatchObject({ address: vip, interfaces: [{ name: "eth0", mac }] });
    expect(announced.at - ownedAt).toBeLessThan(250);
    await Bun.sleep(6_300);
    const frames = seen.unsolicited(vip);
    expect(frames).toHaveLength(5);
    const first = frames[0]?.at ?? 0;
    for (const [index, { at, ...frame }] of frames.entries()) {
      expect(frame).toEqual({
        source: mac,
        destination: "33:33:00:00:00:01",
        from: linkLocal("node1"),
        to: "ff02::1",
        target: vip,
        flags: ["override"],
        isSumRight: true,
        hopLimit: 255,
        isAt: mac,
      });
      expect(at - first).toBeGreaterThanOrEqual(index * 1_100 - 20);
      expect(at - first).toBeLessThan(index * 1_100 + 300);
    }
    expect(node.counters(vip)?.gratuitous).toBe(5);
  });

  test("a group is joined with its first address and left with its last", async () => {
    const node = await start("node1");
    expect(lan.groups("node1")).not.toContain(vipGroup);
    node.own(vip, twinVip, otherVip);
    await node.until("announced", ({ address }) => address === otherVip);
    expect(lan.groups("node1")).toEqual(expect.arrayContaining([vipGroup, otherGroup]));
    node.own(twinVip);
    await eventually("the other's group is left", () => !lan.groups("node1").includes(otherGroup), limitMs);
    expect(lan.groups("node1")).toContain(vipGroup);
    node.own();
    await eventually("the last group is left", () => !lan.groups("node1").includes(vipGroup), limitMs);
  });

  test("groups are joined on an interface that was deleted and made again, and on one that is new", async () => {
    const node = await owning("node1", vip);
    const before = lan.mac("node1");
    lan.ip("node1", "link", "del", "eth0");
    await node.until("interfaces", ({ interfaces }) => interfaces.every((each) => each.name !== "eth0"));
    lan.plug("node1");
    const mac = lan.mac("node1");
    expect(mac).not.toBe(before);
    const pluggedAt = performance.now();
    await answersWith(mac);
    console.log(`an interface made anew: answered after ${Math.round(performance.now() - pluggedAt)} ms`);
    expect(lan.groups("node1")).toContain(vipGroup);
    await node.until("announced", ({ interfaces }) => interfaces.length === 1 && interfaces[0]?.mac === mac);
    lan.ip("node1", "link", "add", "eth7", "type", "veth", "peer", "name", "eth8");
    lan.ip("node1", "link", "set", "eth8", "up");
    lan.ip("node1", "link", "set", "eth7", "up");
    try {
      await eventually("eth7 has the group", () => lan.groups("node1", "eth7").includes(vipGroup), limitMs);
    } finally {
      lan.ip("node1", "link", "del", "eth7");
    }
  });

  test("groups are joined on an interface that was made again with its index before anybody looked", async () => {
    const node = await owning("node1", vip);
    const before = lan.index("node1");
    node.signal("SIGSTOP");
    lan.ip("node1", "link", "del", "eth0");
    lan.plug("node1", before);
    expect(lan.groups("node1")).not.toContain(vipGroup);
    node.signal("SIGCONT");
    await answersWith(lan.mac("node1"));
    expect(lan.index("node1")).toBe(before);
    expect(lan.groups("node1")).toContain(vipGroup);
  });

  test("it answers again after link down and up, and with the MAC that the interface has now", async () => {
    const node = await owning("node1", vip);
    lan.ip("node1", "link", "set", "eth0", "down");
    await node.until("interfaces", ({ interfaces }) => interfaces.some((each) => each.unusable === "down"));
    expect(lan.ndisc6("client", vip)).toEqual([]);
    lan.ip("node1", "link", "set", "eth0", "address", "02:00:00:00:00:77");
    lan.ip("node1", "link", "set", "eth0", "up");
    await answersWith("02:00:00:00:00:77");
    lan.ip("node1", "link", "set", "eth0", "address", "02:00:00:00:00:78");
    await answersWith("02:00:00:00:00:78");
    expect(lan.groups("node1")).toContain(vipGroup);
  });

  test("without a link-local address of its own it is silent, and answers when it has one again", async () => {
    const node = await owning("node1", vip);
    const address = linkLocal("node1");
    lan.ip("node1", "addr", "del", `${address}/64`, "dev", "eth0");
    await eventually("the group is left", () => !lan.groups("node1").includes(vipGroup), limitMs);
    expect(lan.ndisc6("client", vip)).toEqual([]);
    // While the kernel still asks whether anybody has it, nothing may be sent from it.
    lan.detectDuplicates("node1", true);
    try {
      const after = node.reports.length;
      lan.ip("node1", "addr", "add", `${address}/64`, "dev", "eth0");
      expect(lan.ndisc6("client", vip)).toEqual([]);
      await answersWith(lan.mac("node1"), 4_000);
      await node.until("announced", () => true, { after });
    } finally {
      lan.detectDuplicates("node1", false);
    }
  });

  test("a switch that snoops passes questions on to the owner's port", async () => {
    const snooping = ["mcast_snooping", "1", "mcast_querier", "1", "mcast_query_response_interval", "10"];
    lan.ip("lan", "link", "set", "br0", "type", "bridge", ...snooping, "mcast_startup_query_interval", "10");
    try {
      await owning("node1", vip);
      const members = () => run(["bridge", "-n", lan.namespace("lan"), "mdb", "show"]);
      await eventually(
        "the switch knows the member",
        () => /port node1 grp ff02::1:ff00:240/.test(members()),
        3_000,
      );
      expect(members()).not.toMatch(/port node2 grp ff02::1:ff00:240/);
      expect(lan.ndisc6("client", vip)).toEqual([lan.mac("node1")]);
    } finally {
      lan.ip("lan", "link", "set", "br0", "type", "bridge", "mcast_querier", "0");
    }
  });

  test("it answers for more addresses than one socket has room for groups, the first and the last", async () => {
    const node = await start("node1");
    const addresses = Array.from({ length: 3_400 }, (_, index) => `fd77::8:${(index + 1).toString(16)}`);
    node.own(...addresses);
    await node.until("announced", ({ address }) => address === addresses.at(-1));
    const joined = () =>
      lan.groups("node1").filter((group) => group.startsWith("ff0200000000000000000001ff08"));
    await eventually("all groups are joined", () => joined().length === 3_400, limitMs);
    expect(lan.ndisc6("client", addresses[0] ?? "")).toHaveLength(1);
    expect(lan.ndisc6("client", addresses.at(-1) ?? "")).toHaveLength(1);
    node.own(...addresses.slice(1, 3_000));
    await eventually("what is given up is left", () => joined().length === 2_999, limitMs);
    expect(lan.ndisc6("client", addresses[0] ?? "")).toEqual([]);
    expect(lan.ndisc6("client", addresses[2_999] ?? "")).toHaveLength(1);
    expect(node.reports.filter(({ type }) => type === "problem")).toEqual([]);
  });

  test("another host that advertises an owned address is reported with its MAC", async () => {
    const node = await owning("node1", vip);
    const foreign = lan.mac("node2");
    lan.send(
      "node2",
      solicitation({
        destination: "33:33:00:00:00:01",
        destinationAddress: ip("ff02::1"),
        source: foreign,
        type: 136,
        flags: 0x20000000,
        options: [{ type: 2, value: macToBytes(foreign) }],
      }),
    );
    const conflict = await node.until("conflict");
    expect(conflict).toMatchObject({ address: vip, mac: foreign, interface: "eth0" });
    expect(node.reports.filter((each) => each.type === "conflict")).toHaveLength(1);
  });

  test("after kill -9 the next owner's first frame turns the client to it", async () => {
    const node1 = await owning("node1", vip);
    const node2 = await start("node2");
    node1.peers(lan, "node2");
    node2.peers(lan, "node1");
    await node2.until("settled");
    // The kernel of the client asks for itself; the answer may come or not.
    runTolerant(lan.command("client", "bash", "-c", `echo > /dev/udp/${vip}/9`));
    await eventually(
      "the client knows the owner",
      () => lan.neighbour("client", vip) === lan.mac("node1"),
      limitMs,
    );
    const killedAt = performance.now();
    await node1.kill();
    await node2.until("member", ({ state }) => state === "dead");
    node2.own(vip);
    await eventually("the client turned", () => lan.neighbour("client", vip) === lan.mac("node2"), limitMs);
    console.log(
      `kill -9 of an IPv6 owner: the client turned after ${Math.round(performance.now() - killedAt)} ms`,
    );
    expect(performance.now() - killedAt).toBeLessThan(1_500);
    await answersWith(lan.mac("node2"));
  });
});
