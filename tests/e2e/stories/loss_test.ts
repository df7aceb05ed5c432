import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { Ground, lacking, type Served } from "./ground.ts";

describe.skipIf(lacking !== undefined)(`failure stories${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.start();
  }, 90_000);
  afterEach(() => ground?.mend(), 30_000);
  afterAll(() => ground?.stop());

  test("story 22: after a failover one speaker exports the gauge, and the loss is an event", async () => {
    const { name, address, announcer } = await ground.serve("story22");
    await ground.cluster.sandbox("kill", "speaker", announcer);
    const deputy = await ground.announcer(address, (node) => node !== announcer);
    await eventually("the loss is told", async () => {
      const told = await ground.events(name, "announcerLost");
      return told.some((message) => message.includes(`"${announcer}"`) && message.includes(`"${deputy}"`));
    });
    await ground.startSpeaker(announcer);
    await eventually("exactly one exports the gauge", async () => {
      const [only, ...others] = await ground.announced(address);
      return only !== undefined && others.length === 0 && (await ground.lan.answerer(address)) === only;
    });
    await ground.delete(name);
    await eventually("nobody exports it", async () => (await ground.announced(address)).length === 0);
  }, 60_000);

  test("story 10: after any sequence what is answered is what is owned", async () => {
    const names = ["story10a", "story10b", "story10c", "story10d"];
    const served: Served[] = [];
    for (const name of names) served.push(await ground.serve(name));
    const [a, b, c, d] = served as [Served, Served, Served, Served];
    await consistent(a, b, c, d);
    await ground.cluster.sandbox("kill", "speaker", a.announcer);
    await consistent(a, b, c, d);
    await ground.delete(b.name);
    await ground.cluster.kubectl("patch", "service", c.name, "-p", '{"spec":{"type":"ClusterIP"}}');
    await consistent(a, d);
    await ground.cluster.sandbox("kill", "controller");
    await ground.startSpeaker(a.announcer);
    await consistent(a, d);
    await ground.cluster.sandbox("start", "controller");
    await ground.cluster.kubectl("patch", "service", c.name, "-p", '{"spec":{"type":"LoadBalancer"}}');
    const again = await ground.serve("story10e");
    const back = await ground.serve(c.name);
    await consistent(a, d, again, back);
    await ground.delete(...names, again.name);
    await consistent();
  }, 90_000);

  test("story 11: without the API server announcers go on, and a node that dies is replaced", async () => {
    const kept = await ground.serve("story11a");
    const lost = await ground.serve("story11b");
    const pid = await ground.speakerPid(lost.announcer);
    ground.cluster.freeze(true);
    try {
      const since = Date.now();
      process.kill(pid, "SIGKILL");
      const isTaken = ({ address, by }: { address: string; by: string }) =>
        address === lost.address && by !== lost.announcer;
      const taken = await ground.witness.first(since, isTaken, 10_000);
      expect(taken).toBeDefined();
      expect(await ground.lan.answerer(lost.address)).toBe(taken?.by as string);
      const stays = kept.announcer === lost.announcer ? undefined : kept.announcer;
      const answerer = await eventually("the other is answered", () => ground.lan.answerer(kept.address));
      if (stays !== undefined) expect(answerer).toBe(stays);
      const argv = ["curl", "-sS", "--max-time", "2", `http://${kept.address}/`];
      expect((await ground.lan.run("client", ...argv)).stdout).toContain("pod demo-");
    } finally {
      ground.cluster.freeze(false);
    }
    await eventually("the API answers again", () => ground.cluster.kubectl("get", "nodes", "-o", "name"));
    await ground.startSpeaker(lost.announcer);
    await consistent(kept, lost);
  }, 60_000);

  test("story 12: cordoned nodes go on announcing, all of them", async () => {
    const { address, announcer } = await ground.serve("story12");
    const since = Date.now();
    await ground.cluster.kubectl("cordon", "node1", "node2", "node3");
    await Bun.sleep(1_500);
    expect(await ground.announced(address)).toEqual([announcer]);
    expect(new Set(await ground.lan.answerers(address))).toEqual(new Set([announcer]));
    const frames = ground.witness.since(since).filter((frame) => frame.address === address);
    expect(frames.filter((frame) => frame.by !== announcer)).toEqual([]);
    await ground.cluster.kubectl("uncordon", "node1", "node2", "node3");
  }, 60_000);

  /** Each address of the pool is answered by the one node that says it owns it, or by nobody where nobody does. */
  async function consistent(...served: Served[]): Promise<void> {
    const wanted = new Set(served.map(({ address }) => address));
    const pool = Array.from({ length: 11 }, (_, index) => `192.168.1.${240 + index}`);
    await eventually("what is answered is what is owned", async () => {
      const asked = await Promise.all(pool.map((address) => ground.lan.answerers(address, 2)));
      for (const [index, address] of pool.entries()) {
        const answerers = [...new Set(asked[index])];
        if (answerers.length !== (wanted.has(address) ? 1 : 0))
          throw new Error(`${address} is answered by ${answerers.join(" and ") || "nobody"}`);
        const owners = wanted.has(address) ? await ground.announced(address) : [];
        if (owners.join() !== answerers.join())
          throw new Error(`${address} is owned by ${owners} and answered by ${answerers}`);
      }
      return true;
    });
  }
});

test.skipIf(lacking !== undefined)(
  `story 12: a cluster of one node announces, cordoned too${lacking ? ` (needs ${lacking})` : ""}`,
  async () => {
    const alone = await Ground.start(1);
    try {
      const { address } = await alone.serve("alone");
      await alone.cluster.kubectl("cordon", "node1");
      await alone.cluster.kubectl(
        "taint",
        "nodes",
        "node1",
        "node-role.kubernetes.io/control-plane=:NoSchedule",
      );
      await Bun.sleep(1_000);
      expect(await alone.lan.answerer(address)).toBe("node1");
    } finally {
      await alone.stop();
    }
  },
  60_000,
);
