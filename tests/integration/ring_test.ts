import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "./harness/eventually.ts";
import { FrameRecorder } from "./harness/frame_recorder.ts";
import { L2Lan } from "./harness/l2_lan.ts";
import { L2Node } from "./harness/l2_node.ts";
import { cannotRun } from "./harness/netns_pair.ts";

/** Real workers in namespaces on one LAN, with a gateway that is asked when a speaker doubts its own link. */
const skipReason = cannotRun("tcpdump");
const silenceMs = 600;
/** Of a wait, on a machine that is busy. */
const limitMs = 10_000;
const names = ["node1", "node2", "node3"] as const;

type Member = Extract<L2Node["reports"][number], { type: "member" }>;

describe.skipIf(skipReason !== undefined)(
  `the ring of watchers on a LAN${skipReason ? `: ${skipReason}` : ""}`,
  () => {
    let lan: L2Lan;
    const running = new Map<string, L2Node>();

    beforeAll(() => {
      lan = new L2Lan([...names, "gateway"]);
      for (const name of names) lan.ip(name, "route", "add", "default", "via", lan.address("gateway"));
    });

    afterAll(async () => {
      await Promise.all([...running.values()].map((node) => node.kill()));
      lan?.remove();
    });

    async function started(name: string): Promise<L2Node> {
      const present = running.get(name);
      if (present) return present;
      const node = new L2Node(lan, name);
      running.set(name, node);
      await node.until("interfaces", () => true, { timeoutMs: limitMs });
      node.peers(lan, ...names.filter((each) => each !== name));
      return node;
    }

    /** These and no others, each alive to each. */
    async function ring(...which: readonly string[]): Promise<L2Node[]> {
      for (const name of names) if (!which.includes(name)) await end(name, (node) => node.stop());
      const nodes = await Promise.all(which.map(started));
      for (const node of nodes)
        for (const other of which)
          if (other !== node.name)
            await eventually(
              `${other} is alive to ${node.name}`,
              () => said(node, other).at(-1)?.state === "alive",
              limitMs,
            );
      return nodes;
    }

    async function end(name: string, how: (node: L2Node) => Promise<unknown>): Promise<void> {
      const node = running.get(name);
      running.delete(name);
      if (node) await how(node);
    }

    /** What it reported of another, or of all, from a place in its reports on. */
    const said = (node: L2Node, about?: string, from = 0): Member[] =>
      node.reports
        .slice(from)
        .filter((each): each is Member => each.type === "member" && (about ?? each.node) === each.node);

    const states = (reports: readonly Member[]) => reports.map(({ node, state }) => `${node} ${state}`);

    const until = (node: L2Node, about: string, state: Member["state"], after: number) =>
      node.until("member", (each) => each.node === about && each.state === state, {
        after,
        timeoutMs: limitMs,
      });

    test("one that is frozen for less than the silence is not lost", async () => {
      const [node1, node2] = (await ring(...names)) as [L2Node, L2Node, L2Node];
      for (let attempt = 1; ; attempt++) {
        const from = node1.reports.length;
        node2.signal("SIGSTOP");
        await Bun.sleep(400);
        node2.signal("SIGCONT");
        await Bun.sleep(silenceMs);
        const lost = said(node1, "node2", from).filter(({ state }) => state === "dead");
        if (lost.length === 0) break;
        // A busy machine may have kept it from the CPU for longer: then it was silent for that long indeed.
        for (const { at, lastHeardAt } of lost) expect(at - lastHeardAt).toBeGreaterThanOrEqual(silenceMs);
        if (attempt === 5) throw new Error("the machine is too busy to freeze a process for 400 ms only");
        await ring(...names);
      }
    });

    test("one that is frozen for longer is lost, returns when it wakes, and accuses nobody", async () => {
      const [node1, node2, node3] = (await ring(...names)) as [L2Node, L2Node, L2Node];
      const from = new Map([node1, node2, node3].map((node) => [node, node.reports.length]));
      node2.signal("SIGSTOP");
      const others = [node1, node3];
      await Promise.all(others.map((node) => until(node, "node2", "dead", from.get(node) ?? 0)));
      await Bun.sleep(300);
      const wokenAt = Date.now();
      node2.signal("SIGCONT");
      for (const node of others) {
        const { at } = await until(node, "node2", "alive", from.get(node) ?? 0);
        console.log(`${node.name}: back ${at - wokenAt} ms after it woke`);
      }
      await node2.until("ring", ({ ring: { flaps } }) => flaps > 0);
      expect(said(node2, undefined, from.get(node2))).toEqual([]);
    });

    test("one whose link is cut without its knowing is lost to the others, and finds nobody dead itself", async () => {
      const [node1, node2, node3] = (await ring(...names)) as [L2Node, L2Node, L2Node];
      const from = node2.reports.length;
      const fromOthers = [node1, node3].map((node) => [node, node.reports.length] as const);
      lan.ip("lan", "link", "set", "node2", "nomaster");
      for (const [node, after] of fromOthers) await until(node, "node2", "dead", after);
      await Bun.sleep(1_000);
      lan.ip("lan", "link", "set", "node2", "master", "br0");
      for (const [node, after] of fromOthers) await until(node, "node2", "alive", after);
      expect(said(node2, undefined, from)).toEqual([]);
    });

    test("one without carrier accuses nobody", async () => {
      const [node1, node2] = (await ring(...names)) as [L2Node, L2Node, L2Node];
      const from = node2.reports.length;
      const after = node1.reports.length;
      lan.ip("lan", "link", "set", "node2", "down");
      await until(node1, "node2", "dead", after);
      await node2.until("ring", ({ ring: { hasCarrier } }) => !hasCarrier);
      await Bun.sleep(500);
      expect(said(node2, undefined, from)).toEqual([]);
      lan.ip("lan", "link", "set", "node2", "up");
      await until(node1, "node2", "alive", after);
    });

    test("a speaker that is killed is dead to all others, and is believed anew when it is back", async () => {
      const [node1, , node3] = (await ring(...names)) as [L2Node, L2Node, L2Node];
      const fromOthers = [node1, node3].map((node) => [node, node.reports.length] as const);
      await end("node2", (node) => node.kill());
      for (const [node, after] of fromOthers) {
        const { at, lastHeardAt } = await until(node, "node2", "dead", after);
        expect(at - lastHeardAt).toBeGreaterThanOrEqual(silenceMs);
        console.log(`${node.name}: dead ${at - lastHeardAt} ms after the last sign of life`);
      }
      await started("node2");
      for (const [node, after] of fromOthers) await until(node, "node2", "alive", after);
    });

    test("a speaker that stops is gone at once to all others, and no death follows", async () => {
      const [node1, , node3] = (await ring(...names)) as [L2Node, L2Node, L2Node];
      const fromOthers = [node1, node3].map((node) => [node, node.reports.length] as const);
      await end("node2", async (node) => expect(await node.stop()).toBe(0));
      for (const [node, after] of fromOthers) await until(node, "node2", "left", after);
      await Bun.sleep(silenceMs + 200);
      for (const [node, after] of fromOthers)
        expect(states(said(node, undefined, after))).toEqual(["node2 left"]);
    });

    test("of two, none finds the other dead while the gateway is silent, and one does by its word alone", async () => {
      const [node1] = (await ring("node1", "node2")) as [L2Node, L2Node];
      const after = node1.reports.length;
      const killedAt = Date.now();
      lan.ip("gateway", "link", "set", "eth0", "down");
      try {
        await end("node2", (node) => node.kill());
        await Bun.sleep(3 * silenceMs);
        expect(states(said(node1, "node2", after))).toEqual([]);
      } finally {
        lan.ip("gateway", "link", "set", "eth0", "up");
      }
      await until(node1, "node2", "dead", after);
      const { ring: state } = await node1.until(
        "ring",
        ({ ring: { verdicts } }) => (verdicts[0]?.at ?? 0) >= killedAt,
        { after },
      );
      expect(state.verdicts[0]).toMatchObject({ node: "node2", by: "node1", accusers: [], hasWitness: true });
    });

    test("nothing that was recorded on the wire brings a dead speaker back", async () => {
      const recorder = await FrameRecorder.start(
        lan,
        "node1",
        `udp port 7947 and src host ${lan.address("node2")}`,
      );
      try {
        const [node1] = (await ring("node1", "node2")) as [L2Node, L2Node];
        const after = node1.reports.length;
        await end("node2", (node) => node.kill());
        await until(node1, "node2", "dead", after);
        const recorded = await recorder.frames();
        expect(recorded.length).toBeGreaterThan(5);
        lan.send("gateway", ...recorded.slice(-60));
        await Bun.sleep(300);
        await started("node2");
        await until(node1, "node2", "alive", after);
        lan.send("gateway", ...recorded.slice(-60));
        await Bun.sleep(300);
        expect(states(said(node1, "node2", after))).toEqual(["node2 dead", "node2 alive"]);
        expect(node1.reports.slice(after).filter(({ type }) => type === "problem")).toEqual([]);
      } finally {
        await recorder.stop();
      }
    });
  },
);
