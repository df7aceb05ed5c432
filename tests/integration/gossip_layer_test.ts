import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "#io/mod.ts";
import type { PodView } from "#k8s/mod.ts";
import { type LayerA, openLayerA } from "#speaker/layer_a.ts";
import { Members } from "#speaker/members.ts";
import { eventually } from "./harness/eventually.ts";

const log = createLogger({ level: "none", component: "test" });
const patienceMs = 30_000;
const addressOf = (node: string) =>
  `127.${1 + (process.pid % 250)}.${(process.pid >> 8) & 255}.1${node.slice(-1)}`;
const pod = (nodeName: string): PodView => ({
  namespace: "metallb-system",
  name: `speaker-${nodeName}`,
  uid: nodeName,
  nodeName,
  podIP: addressOf(nodeName),
  ready: true,
});

const directory = mkdtempSync(join(tmpdir(), "mlbt-gossip-"));
const settingsFile = join(directory, "config.json");
const quick = {
  ...{ TCPTimeout: "2s", IndirectChecks: 3, RetransmitMult: 4, SuspicionMult: 4, SuspicionMaxTimeoutMult: 6 },
  ...{ PushPullInterval: "2s", ProbeTimeout: "100ms", ProbeInterval: "200ms", AwarenessMaxMultiplier: 8 },
  ...{ GossipNodes: 3, GossipInterval: "50ms", GossipToTheDeadTime: "30s", QueueCheckInterval: "30s" },
  ...{ GossipVerifyIncoming: true, GossipVerifyOutgoing: true, UDPBufferSize: 1400 },
};

interface Node {
  members: Members;
  layer: LayerA | undefined;
  changes: { isBack: boolean; isDecisive: boolean }[];
}
const running: Node[] = [];

async function start(
  nodeName: string,
  options: { isMemberlistDisabled?: boolean; keepsFile?: boolean } = {},
): Promise<Node> {
  if (!options.keepsFile) writeFileSync(settingsFile, JSON.stringify(quick));
  writeFileSync(join(directory, "secretkey"), "abcdefghijklmnopqrstuv");
  const { isMemberlistDisabled = false } = options;
  const members = new Members(nodeName, { isDisabled: isMemberlistDisabled });
  const changes: Node["changes"] = [];
  const layer = await openLayerA(
    {
      nodeName,
      podName: `speaker-${nodeName}`,
      host: "127.0.0.1",
      port: 0,
      memberlistAddress: addressOf(nodeName),
      memberlistPort: 17_947,
      memberlistSettingsFile: settingsFile,
      secretKeyPath: directory,
      isMemberlistDisabled,
      loadBalancerClass: "",
      ignoreExcludeLabel: false,
      recordOnly: false,
      logLevel: "none",
      version: "test",
    },
    log,
    members,
    (change) => void changes.push(change),
  );
  const node = { members, layer, changes };
  running.push(node);
  members.setPods(["node1", "node2"].map(pod), Date.now());
  layer?.follow();
  return node;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(({ layer }) => layer?.leave()));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.skipIf(process.platform !== "linux")("layer A of a speaker", () => {
  test("finds the fellows by their Pods, and its word is memberlist's while the ring says nothing", async () => {
    const [one, two] = [await start("node1"), await start("node2")];
    for (const [node, other] of [
      [one, "node2"],
      [two, "node1"],
    ] as const) {
      await eventually(
        `${other} is known`,
        () => node.members.get(other)?.by === "memberlist" && node.members.isAlive(other),
        patienceMs,
      );
      expect(node.members.isCapable(other)).toBe(true);
    }
    expect(one.layer?.state()).toMatchObject({ isListening: true, isEncrypted: true, port: 17_947 });
    await two.layer?.leave();
    await eventually("its leave is known", () => one.members.get("node2")?.state === "left", patienceMs);
    expect(one.changes.at(-1)).toEqual({ isBack: false, isDecisive: true });
  }, 60_000);

  test("the ring's verdict is told in memberlist; a wrong one is denied, and the node back from the dead", async () => {
    const [one] = [await start("node1"), await start("node2")];
    await eventually("node2 is known", () => one.members.get("node2")?.by === "memberlist", patienceMs);
    one.layer?.judged("node2", "dead");
    expect(one.members.isAlive("node2")).toBe(false);
    await eventually("node2 denied", () => one.members.isAlive("node2"), patienceMs);
    expect(one.changes.some(({ isBack, isDecisive }) => isBack && isDecisive)).toBe(true);
  }, 60_000);

  test("disabled as in MetalLB there is none, and every node counts as having a speaker", async () => {
    const one = await start("node1", { isMemberlistDisabled: true });
    expect(one.layer).toBeUndefined();
    expect([one.members.isAlive("node2"), one.members.isAlive("node9")]).toEqual([true, true]);
  });

  test("a settings file that is wrong stops the start, and says which key and what is allowed", async () => {
    writeFileSync(settingsFile, JSON.stringify({ ...quick, ProbeInterval: "soon" }));
    const failure = await start("node3", { keepsFile: true }).catch((error: Error) => error.message);
    expect(failure).toContain(
      'ProbeInterval must be a duration from "0s" to "24h", such as "500ms" or "1m30s", not "soon"',
    );
  });
});
