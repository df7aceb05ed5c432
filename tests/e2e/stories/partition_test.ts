import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { Ground, lacking } from "./ground.ts";

/** What a machine under load needs where the story asks for seconds. */
const patienceMs = 10_000;

describe.skipIf(lacking !== undefined)(`failure stories${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.start();
  }, 90_000);
  afterEach(() => ground?.mend(), 30_000);
  afterAll(() => ground?.stop());

  test("story 4: after a partition one node answers, and says so again", async () => {
    const { address, announcer } = await ground.serve("story4");
    await ground.cluster.sandbox("cut", announcer);
    const deputy = await eventually("another node answers", async () => {
      const answerer = await ground.lan.answerer(address);
      return answerer !== announcer && answerer;
    });
    // The other side of the partition knows nothing of it.
    expect((await ground.announced(address)).sort()).toEqual([announcer, deputy].sort());
    const healedAt = Date.now();
    await ground.cluster.sandbox("heal", announcer);
    const left = await ground.announcer(address);
    const said = await ground.witness.first(
      healedAt,
      (frame) => frame.address === address && frame.by === left,
      patienceMs,
    );
    expect(said).toBeDefined();
    console.log(`the partition healed: ${left} announces again after ${(said?.atMs ?? 0) - healedAt} ms`);
    await eventually("one answers", async () => (await ground.lan.answerer(address)) === left);
    // The other may have spoken once more before it knew: the last word is what neighbours believe.
    await eventually("its word is the last", () => {
      return ground.witness.since(healedAt).findLast((frame) => frame.address === address)?.by === left;
    });
  }, 60_000);

  test("story 5: an address that two Services share has one announcer, whatever happens to one's pods", async () => {
    await ground.deploy("one", { "kubernetes.io/hostname": "node1" });
    await ground.deploy("two", { "kubernetes.io/hostname": "node2" });
    const annotations = { "metallb.io/allow-shared-ip": "story5" };
    const first = await ground.serve("story5a", { app: "one", annotations });
    const second = await ground.serve("story5b", {
      app: "two",
      port: 8080,
      annotations: { ...annotations, "metallb.io/loadBalancerIPs": first.address },
    });
    expect(second).toMatchObject({ address: first.address, announcer: first.announcer });
    const assigned = `announcing from node "${first.announcer}" with protocol "layer2"`;
    await eventually("both are told of the same node", async () => {
      const told = [
        await ground.events("story5a", "nodeAssigned"),
        await ground.events("story5b", "nodeAssigned"),
      ];
      return told.every((messages) => messages.includes(assigned));
    });
    const since = Date.now();
    await ground.cluster.kubectl("delete", "pod", "-l", "app=two", "--wait=true");
    await ground.cluster.kubectl("rollout", "status", "deployment/two", "--timeout=20s");
    await ground.cluster.kubectl("scale", "deployment/one", "--replicas=0");
    await ground.delete("story5a");
    expect(new Set(await ground.lan.answerers(first.address, 10))).toEqual(new Set([first.announcer]));
    const others = ground.witness
      .since(since)
      .filter((frame) => frame.address === first.address && frame.by !== first.announcer);
    expect(others).toEqual([]);
    await ground.cluster.kubectl("delete", "deployment", "one", "two");
  }, 60_000);
});
