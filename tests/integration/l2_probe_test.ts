import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "./harness/eventually.ts";
import { L2Capture } from "./harness/l2_capture.ts";
import { L2Lan } from "./harness/l2_lan.ts";
import { L2Node } from "./harness/l2_node.ts";
import { L2Tcpdump } from "./harness/l2_tcpdump.ts";
import { cannotRun } from "./harness/netns_pair.ts";

/** Before an address is used for the first time, and when another host uses it too. */
const skipReason = cannotRun("arping", "ndisc6", "tcpdump");
const vip = "10.77.0.240";
const vip6 = "fd77::240";
const limitMs = 5_000;
setDefaultTimeout(30_000);

describe.skipIf(skipReason !== undefined)(
  `Probes on real frames${skipReason ? `: ${skipReason}` : ""}`,
  () => {
    let lan: L2Lan;
    let nodes: L2Node[] = [];
    let captures: { stop(): Promise<void> }[] = [];

    beforeAll(() => {
      lan = new L2Lan(["node1", "node2", "client"]);
    });
    afterEach(async () => {
      await Promise.all([...nodes.map((node) => node.kill()), ...captures.map((capture) => capture.stop())]);
      nodes = [];
      captures = [];
    });
    afterAll(() => lan?.remove());

    async function start(name: string): Promise<L2Node> {
      const node = new L2Node(lan, name);
      nodes.push(node);
      await node.until("interfaces", ({ interfaces }) =>
        interfaces.some((each) => each.addresses.some((text) => text.startsWith("fe80:"))),
      );
      return node;
    }

    async function capture(): Promise<L2Capture> {
      const started = await L2Capture.start(lan, "client");
      captures.push(started);
      return started;
    }

    const probe = (node: L2Node, ...addresses: string[]) =>
      node.command({
        type: "own",
        addresses: addresses.map((address) => ({ address, interfaces: [], isProbed: true })),
      });
    /** Who answers; an answer to another's question, which goes to everybody, may be among them. */
    const asked = (address: string) => [
      ...new Set(address.includes(":") ? lan.ndisc6("client", address) : lan.arping("client", address, 1)),
    ];

    test("an address that nobody has is asked for three times, and then announced and answered", async () => {
      const node = await start("node1");
      const seen = await capture();
      probe(node, vip);
      const { at } = await node.until("announced");
      await eventually("the announcement arrives", () => seen.gratuitous(vip).length >= 2, limitMs);
      const probes = seen.probes(vip);
      expect(probes.map(({ source, destination }) => [source, destination])).toEqual(
        Array(3).fill([lan.mac("node1"), "ff:ff:ff:ff:ff:ff"]),
      );
      const times = [...probes.map((each) => each.at), seen.gratuitous(vip)[0]?.at ?? 0];
      for (let index = 1; index < times.length; index++)
        expect((times[index] ?? 0) - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(90);
      expect(at).toBeGreaterThanOrEqual((times[0] ?? 0) + 290);
      expect(lan.arping("client", vip, 2)).toEqual([lan.mac("node1"), lan.mac("node1")]);
      expect(node.reports.filter(({ type }) => type === "conflict")).toEqual([]);
      // Once it is there it is not asked for again, whatever is said of it.
      probe(node, vip);
      await Bun.sleep(300);
      expect(seen.probes(vip)).toHaveLength(3);
    });

    test("IPv6 is asked for from the unspecified address, in the group, with a nonce (RFC 7527)", async () => {
      const node = await start("node1");
      const lines: string[] = [];
      const filter = ["-v", "-x", "icmp6 and ip6[40] == 135 and src host ::"];
      captures.push(await L2Tcpdump.start(lan, "client", filter, (line) => lines.push(line)));
      probe(node, vip6);
      await node.until("announced", ({ address }) => address === vip6);
      const words = () => lines.join("\n");
      const count = () => words().match(/:: > ff02::1:ff00:240: .*neighbor solicitation.*who has fd77::240/g);
      await eventually("three questions", () => count()?.length === 3, limitMs);
      expect(words().match(/\[icmp6 sum ok\]/g)).toHaveLength(3);
      expect(words().match(/33:33:ff:00:02:40/g)).toHaveLength(3);
      expect(words().match(/option \(14\), length 8 \(1\)/g)).toHaveLength(3);
      expect(lan.ndisc6("client", vip6)).toEqual([lan.mac("node1")]);
    });

    test.each([vip, vip6])(
      "%s, which another host has, is not announced before that host gives it up",
      async (address) => {
        const node = await start("node1");
        const prefix = `${address}/${address.includes(":") ? 128 : 32}`;
        lan.ip("node2", "addr", "add", prefix, "dev", "eth0", ...(address.includes(":") ? ["nodad"] : []));
        try {
          probe(node, address);
          const conflict = await node.until("conflict");
          expect(conflict).toMatchObject({
            address,
            phase: "probe",
            mac: lan.mac("node2"),
            ownMac: lan.mac("node1"),
            interface: "eth0",
          });
          expect(asked(address)).toEqual([lan.mac("node2")]);
          await Bun.sleep(1_500);
          expect(asked(address)).toEqual([lan.mac("node2")]);
          expect(node.reports.filter(({ type }) => type === "announced")).toEqual([]);
        } finally {
          lan.ip("node2", "addr", "del", prefix, "dev", "eth0");
        }
        await node.until("announced", () => true, { timeoutMs: 10_000 });
        expect(asked(address)).toEqual([lan.mac("node1")]);
      },
    );

    test.each([vip, vip6])("of two that ask for %s in the same moment one announces it", async (address) => {
      const both = await Promise.all([start("node1"), start("node2")]);
      for (const node of both) probe(node, address);
      const announced = () => both.filter(({ reports }) => reports.some(({ type }) => type === "announced"));
      await eventually("one of them announces", () => announced().length > 0, 10_000);
      const [winner] = announced();
      await Bun.sleep(1_500);
      expect(announced()).toEqual(winner ? [winner] : []);
      expect(asked(address)).toEqual([lan.mac(winner?.name ?? "")]);
    });

    test("a takeover is announced without a question", async () => {
      const node = await start("node1");
      const seen = await capture();
      node.own(vip);
      await node.until("announced");
      await eventually("the announcement arrives", () => seen.gratuitous(vip).length >= 2, limitMs);
      expect(seen.probes(vip)).toEqual([]);
    });

    test("an owned address is defended once in ten seconds, and kept (RFC 5227 §2.4)", async () => {
      const node = await start("node1");
      node.own(vip);
      await node.until("announced");
      // Until the burst is over: what comes then is the defence.
      await Bun.sleep(4_700);
      const seen = await capture();
      lan.arping("node2", "10.77.0.99", 1, "-S", vip);
      expect(await node.until("conflict")).toMatchObject({
        phase: "owned",
        mac: lan.mac("node2"),
        ownMac: lan.mac("node1"),
      });
      const defended = () => seen.gratuitous(vip).filter(({ source }) => source === lan.mac("node1"));
      await eventually("it is defended", () => defended().length === 2, limitMs);
      const after = node.reports.length;
      await Bun.sleep(1_100);
      lan.arping("node2", "10.77.0.99", 1, "-S", vip);
      await node.until("conflict", () => true, { after });
      await Bun.sleep(300);
      expect(defended().map(({ operation }) => operation)).toEqual(["request", "reply"]);
      expect(lan.arping("client", vip, 2)).toEqual([lan.mac("node1"), lan.mac("node1")]);
    });

    test("an address without an interface to ask on is asked for when there is one", async () => {
      const node = await start("node1");
      const seen = await capture();
      lan.ip("node1", "link", "set", "eth0", "down");
      await node.until("interfaces", ({ interfaces }) => interfaces.some((each) => each.unusable === "down"));
      probe(node, vip);
      await Bun.sleep(500);
      lan.ip("node1", "link", "set", "eth0", "up");
      await node.until("announced");
      // A switch may not yet pass on the first frames of a port that just came up.
      await eventually("it was asked for", () => seen.probes(vip).length > 0, limitMs);
      expect(seen.probes(vip).length).toBeLessThanOrEqual(3);
    });
  },
);
