import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeNdpChecksum } from "#core/l2/mod.ts";
import { macToBytes } from "#core/net/mod.ts";
import { runTolerant } from "#sandbox/lab/mod.ts";
import { eventually } from "./harness/eventually.ts";
import { ip, L2NdpLab, limitMs, otherVip, vip } from "./harness/l2_ndp_lab.ts";
import { cannotRun } from "./harness/netns_pair.ts";

/** Real frames between namespaces. */
const skipReason = cannotRun("ndisc6", "tcpdump");
/** The same last 24 bits as the first, and so the same group. */
const twinVip = "fd77::1:0:240";
// Generous, for a machine that is busy with other things.
setDefaultTimeout(30_000);
const mended = (frame: Uint8Array) => {
  writeNdpChecksum(frame);
  return frame;
};

describe.skipIf(skipReason !== undefined)(`NDP on real frames${skipReason ? `: ${skipReason}` : ""}`, () => {
  let lab: L2NdpLab;
  beforeAll(() => {
    lab = new L2NdpLab();
  });
  afterEach(() => lab.clear());
  afterAll(() => lab?.remove());

  test("each question is answered once, with the MAC of the interface, and counted", async () => {
    const node = await lab.owning("node1", "10.77.0.240", vip);
    const mac = lab.lan.mac("node1");
    expect(lab.lan.ndisc6("client", vip, 3)).toEqual([mac, mac, mac]);
    expect(lab.lan.arping("client", "10.77.0.240", 1)).toEqual([mac]);
    const counted = () => [vip, "10.77.0.240"].map((address) => node.counters(address)?.responses);
    await eventually("all questions are counted", () => counted().join() === "3,1", limitMs);
    expect(node.counters(vip)).toMatchObject({ requests: 3, responses: 3 });
    expect(node.counters("10.77.0.240")).toMatchObject({ requests: 1, responses: 1 });
  });

  test("the answer goes to the asker alone: from the address itself, solicited, without override", async () => {
    await lab.owning("node1", vip);
    const [seen, besides] = [await lab.capture(), await lab.capture("node2")];
    expect(lab.lan.ndisc6("client", vip)).toEqual([lab.lan.mac("node1")]);
    const answered = () => seen.of(vip).find(({ flags }) => flags.includes("solicited"));
    await eventually("tcpdump sees the answer", () => answered() !== undefined, limitMs);
    expect(answered()).toMatchObject({
      source: lab.lan.mac("node1"),
      destination: lab.lan.mac("client"),
      from: vip,
      flags: ["solicited"],
      isSumRight: true,
      hopLimit: 255,
      isAt: lab.lan.mac("node1"),
    });
    expect(besides.of(vip).filter(({ to }) => to !== "ff02::1")).toEqual([]);
  });

  test("nobody answers for what is not owned or is owned on another interface", async () => {
    const node = await lab.start("node1");
    node.command({
      type: "own",
      addresses: [
        { address: vip, interfaces: ["eth0"] },
        { address: otherVip, interfaces: ["eth1"] },
      ],
    });
    await node.until("announced");
    expect(lab.lan.ndisc6("client", vip)).toHaveLength(1);
    expect(lab.lan.ndisc6("client", otherVip)).toEqual([]);
    expect(lab.lan.ndisc6("client", twinVip)).toEqual([]);
    node.own(otherVip);
    await node.until("announced", ({ address }) => address === otherVip);
    expect(lab.lan.ndisc6("client", vip)).toEqual([]);
    expect(lab.lan.ndisc6("client", otherVip)).toHaveLength(1);
  });

  test("what comes from beyond the link or is broken is not answered, and what is right is", async () => {
    const node = await lab.owning("node1", vip);
    const seen = await lab.capture();
    const question = lab.solicitation();
    const asker = (last: number) => ({ sourceAddress: ip(`fd77::${last}`) });
    const beyond = lab.solicitation(asker(1)).with(21, 64);
    const brokenSum = lab.solicitation(asker(2));
    brokenSum[57] = (brokenSum[57] ?? 0) ^ 1;
    const badCode = mended(lab.solicitation(asker(3)).with(55, 1));
    const cutOption = mended(lab.solicitation(asker(4)).with(79, 9));
    lab.lan.send("client", beyond, brokenSum, badCode, cutOption, question);
    await eventually(
      "the right one is answered",
      () => seen.of(vip).some(({ to }) => to === lab.lan.address6("client")),
      limitMs,
    );
    await Bun.sleep(200);
    const answered = seen.of(vip).filter(({ to }) => to !== "ff02::1");
    expect(answered.map(({ to }) => to)).toEqual([lab.lan.address6("client")]);
    await eventually("one question is counted", () => node.counters(vip)?.requests === 1, limitMs);
  });

  test("a host that tries to take an owned address finds it taken (RFC 4862 §5.4)", async () => {
    const node = await lab.owning("node1", vip);
    // Until the burst of announcements is over, which would tell the host before it asks.
    await Bun.sleep(4_800);
    const seen = await lab.capture();
    lab.lan.detectDuplicates("node2", true);
    try {
      lab.lan.ip("node2", "addr", "add", `${vip}/128`, "dev", "eth0");
      const flags = () => lab.lan.ip("node2", "-6", "addr", "show", "dev", "eth0", "to", vip);
      await eventually("the address is a duplicate", () => flags().includes("dadfailed"), 4_000);
      await eventually("the probe is counted", () => (node.counters(vip)?.responses ?? 0) > 0, limitMs);
      for (const advertisement of seen.unsolicited(vip))
        expect(advertisement).toMatchObject({
          flags: ["override"],
          isSumRight: true,
          isAt: lab.lan.mac("node1"),
        });
      expect(lab.lan.ndisc6("client", vip)).toEqual([lab.lan.mac("node1")]);
    } finally {
      lab.lan.detectDuplicates("node2", false);
      lab.lan.ip("node2", "addr", "del", `${vip}/128`, "dev", "eth0");
    }
  });

  test("a takeover is announced at once and every 1.1 s for 5 s to everybody, and then it is quiet", async () => {
    const node = await lab.start("node1");
    const seen = await lab.capture();
    const ownedAt = Date.now();
    node.own(vip);
    const announced = await node.until("announced");
    const mac = lab.lan.mac("node1");
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
        from: lab.linkLocal("node1"),
        to: "ff02::1",
        target: vip,
        flags: ["override"],
        isSumRight: true,
        hopLimit: 255,
        isAt: mac,
      });
      // Each round is due at its time; the first may have left a little late, and so may this one.
      expect(Math.abs(at - first - index * 1_100)).toBeLessThan(300);
    }
    expect(node.counters(vip)?.gratuitous).toBe(5);
  });

  test("another host that advertises an owned address is reported with its MAC", async () => {
    const node = await lab.owning("node1", vip);
    const foreign = lab.lan.mac("node2");
    lab.lan.send(
      "node2",
      lab.solicitation({
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
    const node1 = await lab.owning("node1", vip);
    const node2 = await lab.start("node2");
    node1.peers(lab.lan, "node2");
    node2.peers(lab.lan, "node1");
    await node2.until("settled");
    // The kernel of the client asks for itself; the answer may come or not.
    runTolerant(lab.lan.command("client", "bash", "-c", `echo > /dev/udp/${vip}/9`));
    await eventually(
      "the client knows the owner",
      () => lab.lan.neighbour("client", vip) === lab.lan.mac("node1"),
      limitMs,
    );
    const killedAt = performance.now();
    await node1.kill();
    await node2.until("member", ({ state }) => state === "dead");
    node2.own(vip);
    await eventually(
      "the client turned",
      () => lab.lan.neighbour("client", vip) === lab.lan.mac("node2"),
      limitMs,
    );
    console.log(
      `kill -9 of an IPv6 owner: the client turned after ${Math.round(performance.now() - killedAt)} ms`,
    );
    expect(performance.now() - killedAt).toBeLessThan(1_500);
    await lab.answersWith(lab.lan.mac("node2"));
  });
});
