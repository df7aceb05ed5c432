import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { run } from "#sandbox/lab/mod.ts";
import { eventually } from "./harness/eventually.ts";
import { L2NdpLab, limitMs, otherVip, vip } from "./harness/l2_ndp_lab.ts";
import { cannotRun } from "./harness/netns_pair.ts";

/** The groups in which questions arrive, as kernel and switch see them, and interfaces that come and go. */
const skipReason = cannotRun("ndisc6", "bridge");
/** The same last 24 bits as the first, and so the same group. */
const twinVip = "fd77::1:0:240";
const vipGroup = "ff0200000000000000000001ff000240";
const otherGroup = "ff0200000000000000000001ff000241";
// Generous, for a machine that is busy with other things.
setDefaultTimeout(30_000);

describe.skipIf(skipReason !== undefined)(`NDP groups${skipReason ? `: ${skipReason}` : ""}`, () => {
  let lab: L2NdpLab;
  beforeAll(() => {
    lab = new L2NdpLab();
  });
  afterEach(() => lab.clear());
  afterAll(() => lab?.remove());

  test("a group is joined with its first address and left with its last", async () => {
    const node = await lab.start("node1");
    expect(lab.lan.groups("node1")).not.toContain(vipGroup);
    node.own(vip, twinVip, otherVip);
    await node.until("announced", ({ address }) => address === otherVip);
    expect(lab.lan.groups("node1")).toEqual(expect.arrayContaining([vipGroup, otherGroup]));
    node.own(twinVip);
    await eventually(
      "the other's group is left",
      () => !lab.lan.groups("node1").includes(otherGroup),
      limitMs,
    );
    expect(lab.lan.groups("node1")).toContain(vipGroup);
    node.own();
    await eventually("the last group is left", () => !lab.lan.groups("node1").includes(vipGroup), limitMs);
  });

  test("groups are joined on an interface that was deleted and made again, and on one that is new", async () => {
    const node = await lab.owning("node1", vip);
    const before = lab.lan.mac("node1");
    lab.lan.ip("node1", "link", "del", "eth0");
    await node.until("interfaces", ({ interfaces }) => interfaces.every((each) => each.name !== "eth0"));
    lab.lan.plug("node1");
    const mac = lab.lan.mac("node1");
    expect(mac).not.toBe(before);
    const pluggedAt = performance.now();
    await lab.answersWith(mac);
    console.log(`an interface made anew: answered after ${Math.round(performance.now() - pluggedAt)} ms`);
    expect(lab.lan.groups("node1")).toContain(vipGroup);
    await node.until("announced", ({ interfaces }) => interfaces.length === 1 && interfaces[0]?.mac === mac);
    lab.lan.ip("node1", "link", "add", "eth7", "type", "veth", "peer", "name", "eth8");
    lab.lan.ip("node1", "link", "set", "eth8", "up");
    lab.lan.ip("node1", "link", "set", "eth7", "up");
    try {
      await eventually(
        "eth7 has the group",
        () => lab.lan.groups("node1", "eth7").includes(vipGroup),
        limitMs,
      );
    } finally {
      lab.lan.ip("node1", "link", "del", "eth7");
    }
  });

  test("groups are joined on an interface that was made again with its index before anybody looked", async () => {
    const node = await lab.owning("node1", vip);
    const before = lab.lan.index("node1");
    node.signal("SIGSTOP");
    lab.lan.ip("node1", "link", "del", "eth0");
    lab.lan.plug("node1", before);
    expect(lab.lan.groups("node1")).not.toContain(vipGroup);
    node.signal("SIGCONT");
    await lab.answersWith(lab.lan.mac("node1"));
    expect(lab.lan.index("node1")).toBe(before);
    expect(lab.lan.groups("node1")).toContain(vipGroup);
  });

  test("it answers again after link down and up, and with the MAC that the interface has now", async () => {
    const node = await lab.owning("node1", vip);
    lab.lan.ip("node1", "link", "set", "eth0", "down");
    await node.until("interfaces", ({ interfaces }) => interfaces.some((each) => each.unusable === "down"));
    expect(lab.lan.ndisc6("client", vip)).toEqual([]);
    lab.lan.ip("node1", "link", "set", "eth0", "address", "02:00:00:00:00:77");
    lab.lan.ip("node1", "link", "set", "eth0", "up");
    await lab.answersWith("02:00:00:00:00:77");
    lab.lan.ip("node1", "link", "set", "eth0", "address", "02:00:00:00:00:78");
    await lab.answersWith("02:00:00:00:00:78");
    expect(lab.lan.groups("node1")).toContain(vipGroup);
  });

  test("without a link-local address of its own it is silent, and answers when it has one again", async () => {
    const node = await lab.owning("node1", vip);
    const address = lab.linkLocal("node1");
    lab.lan.ip("node1", "addr", "del", `${address}/64`, "dev", "eth0");
    await eventually("the group is left", () => !lab.lan.groups("node1").includes(vipGroup), limitMs);
    expect(lab.lan.ndisc6("client", vip)).toEqual([]);
    // While the kernel still asks whether anybody has it, nothing may be sent from it.
    lab.lan.detectDuplicates("node1", true);
    try {
      const after = node.reports.length;
      lab.lan.ip("node1", "addr", "add", `${address}/64`, "dev", "eth0");
      expect(lab.lan.ndisc6("client", vip)).toEqual([]);
      await lab.answersWith(lab.lan.mac("node1"), 4_000);
      await node.until("announced", () => true, { after });
    } finally {
      lab.lan.detectDuplicates("node1", false);
    }
  });

  test("a switch that snoops passes questions on to the owner's port", async () => {
    const snooping = ["mcast_snooping", "1", "mcast_querier", "1", "mcast_query_response_interval", "10"];
    lab.lan.ip(
      "lan",
      "link",
      "set",
      "br0",
      "type",
      "bridge",
      ...snooping,
      "mcast_startup_query_interval",
      "10",
    );
    try {
      await lab.owning("node1", vip);
      const members = () => run(["bridge", "-n", lab.lan.namespace("lan"), "mdb", "show"]);
      await eventually(
        "the switch knows the member",
        () => /port node1 grp ff02::1:ff00:240/.test(members()),
        3_000,
      );
      expect(members()).not.toMatch(/port node2 grp ff02::1:ff00:240/);
      expect(lab.lan.ndisc6("client", vip)).toEqual([lab.lan.mac("node1")]);
    } finally {
      lab.lan.ip("lan", "link", "set", "br0", "type", "bridge", "mcast_querier", "0");
    }
  });

  test("it answers for more addresses than one socket has room for groups, the first and the last", async () => {
    const node = await lab.start("node1");
    const addresses = Array.from({ length: 3_400 }, (_, index) => `fd77::8:${(index + 1).toString(16)}`);
    node.own(...addresses);
    await node.until("announced", ({ address }) => address === addresses.at(-1));
    const joined = () =>
      lab.lan.groups("node1").filter((group) => group.startsWith("ff0200000000000000000001ff08"));
    await eventually("all groups are joined", () => joined().length === 3_400, limitMs);
    expect(lab.lan.ndisc6("client", addresses[0] ?? "")).toHaveLength(1);
    expect(lab.lan.ndisc6("client", addresses.at(-1) ?? "")).toHaveLength(1);
    node.own(...addresses.slice(1, 3_000));
    await eventually("what is given up is left", () => joined().length === 2_999, limitMs);
    expect(lab.lan.ndisc6("client", addresses[0] ?? "")).toEqual([]);
    expect(lab.lan.ndisc6("client", addresses[2_999] ?? "")).toHaveLength(1);
    expect(node.reports.filter(({ type }) => type === "problem")).toEqual([]);
  });
});
