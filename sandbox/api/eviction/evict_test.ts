import { describe, expect, test } from "bun:test";
import type { KubeObject } from "#k8s/mod.ts";
import { type TestApi, testApi } from "../testing.ts";

const pods = "/api/v1/namespaces/default/pods";
const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

/** A ReplicaSet of these pods, each ready or not. */
async function replicaSet(sandbox: TestApi, ready: readonly boolean[]): Promise<KubeObject[]> {
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "c", image: "i" }] },
  };
  const { body: owner } = await sandbox.call("POST", "/apis/apps/v1/namespaces/default/replicasets", {
    metadata: { name: "web" },
    spec: { replicas: ready.length, selector: { matchLabels: { app: "web" } }, template },
  });
  const controller = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: owner.metadata.uid };
  const made: KubeObject[] = [];
  for (const [index, isReady] of ready.entries()) {
    const metadata = {
      name: `web-${index}`,
      labels: { app: "web" },
      ownerReferences: [{ ...controller, controller: true }],
    };
    await sandbox.call("POST", pods, { ...template, metadata });
    const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
    const status = { phase: "Running", conditions };
    made.push(
      (await sandbox.call("PATCH", `${pods}/web-${index}/status`, { status }, "strategic"))
        .body as KubeObject,
    );
  }
  return made;
}

const budget = (sandbox: TestApi, spec: object, name = "web") =>
  sandbox.call("POST", budgets, {
    metadata: { name },
    spec: { selector: { matchLabels: { app: "web" } }, ...spec },
  });
const status = async (sandbox: TestApi) => (await sandbox.call("GET", `${budgets}/web`)).body.status;
const evict = (sandbox: TestApi, name: string, body: object = {}) =>
  sandbox.call("POST", `${pods}/${name}/eviction`, {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace: "default" },
    ...body,
  });

describe("pods/eviction", () => {
  test("evicts as many as the budget allows, then refuses in a real server's words", async () => {
    const sandbox = testApi();
    await replicaSet(sandbox, [true, true, true]);
    await budget(sandbox, { minAvailable: 2 });
    expect(await status(sandbox)).toMatchObject({
      currentHealthy: 3,
      desiredHealthy: 2,
      disruptionsAllowed: 1,
      expectedPods: 3,
      observedGeneration: 1,
      conditions: [{ type: "DisruptionAllowed", status: "True", reason: "SufficientPods" }],
    });
    const done = await evict(sandbox, "web-0");
    expect([done.status, done.body.status]).toEqual([201, "Success"] as never);
    expect((await sandbox.call("GET", `${pods}/web-0`)).status).toBe(404);
    expect(await status(sandbox)).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ type: "DisruptionAllowed", status: "False", reason: "InsufficientPods" }],
    });
    const refused = await evict(sandbox, "web-1");
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: "DisruptionBudget",
            message: "The disruption budget web needs 2 healthy pods and has 2 currently",
          },
        ],
      },
    });
    expect((await sandbox.call("GET", `${pods}/web-1`)).status).toBe(200);
  });

  test("two evictions at the same moment never share one allowance", async () => {
    const sandbox = testApi();
    await replicaSet(sandbox, [true, true, true, true]);
    await budget(sandbox, { maxUnavailable: "25%" });
    const answers = await Promise.all([0, 1, 2, 3].map((each) => evict(sandbox, `web-${each}`)));
    expect(answers.map((each) => each.status).sort()).toEqual([201, 429, 429, 429]);
  });

  test("an unhealthy pod goes while the others suffice, or always where the policy says so", async () => {
    const sandbox = testApi();
    await replicaSet(sandbox, [true, false, false]);
    await budget(sandbox, { minAvailable: 1 });
    expect((await evict(sandbox, "web-1")).status).toBe(201);
    await sandbox.call("PATCH", `${budgets}/web`, { spec: { minAvailable: 3 } }, "merge");
    expect((await evict(sandbox, "web-2")).status).toBe(429);
    const always = { spec: { unhealthyPodEvictionPolicy: "AlwaysAllow" } };
    await sandbox.call("PATCH", `${budgets}/web`, always, "merge");
    expect((await evict(sandbox, "web-2")).status).toBe(201);
    expect((await evict(sandbox, "web-0")).status).toBe(429);
  });

  test("a dry run judges and keeps; a uid that is another's is a conflict", async () => {
    const sandbox = testApi();
    const [pod] = await replicaSet(sandbox, [true]);
    expect((await evict(sandbox, "web-0", { deleteOptions: { dryRun: ["All"] } })).status).toBe(201);
    const path = `${pods}/web-0`;
    expect((await sandbox.call("GET", path)).body.metadata.resourceVersion).toBe(
      pod?.metadata.resourceVersion ?? "",
    );
    const other = { deleteOptions: { preconditions: { uid: "00000000-0000-0000-0000-000000000000" } } };
    expect((await evict(sandbox, "web-0", other)).status).toBe(409);
    expect((await sandbox.call("GET", path)).body.metadata.resourceVersion).toBe(
      pod?.metadata.resourceVersion ?? "",
    );
    const { uid, resourceVersion } = pod?.metadata ?? {};
    const same = { deleteOptions: { preconditions: { uid, resourceVersion } } };
    expect((await evict(sandbox, "web-0", same)).status).toBe(201);
  });

  test("a pod that its finalizers hold says why it goes, counts no more, and is marked once", async () => {
    const sandbox = testApi();
    await replicaSet(sandbox, [true, true]);
    await budget(sandbox, { maxUnavailable: 1 });
    const held = { metadata: { finalizers: ["example.io/held"] } };
    await sandbox.call("PATCH", `${pods}/web-0`, held, "merge");
    expect((await evict(sandbox, "web-0")).status).toBe(201);
    const marked = (await sandbox.call("GET", `${pods}/web-0`)).body;
    expect(marked.metadata.deletionTimestamp).toBeDefined();
    const conditions = [
      { type: "Ready" },
      { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" },
    ];
    expect(marked.status).toMatchObject({ conditions });
    expect(await status(sandbox)).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0 });
    expect((await evict(sandbox, "web-1")).status).toBe(429);
    sandbox.advance(5_000);
    expect((await evict(sandbox, "web-0")).status).toBe(201);
    expect((await sandbox.call("GET", `${pods}/web-0`)).body).toEqual(marked);
  });

  test("two budgets over one pod, another name, and a pod that is not there are refused", async () => {
    const sandbox = testApi();
    await replicaSet(sandbox, [true]);
    await budget(sandbox, { minAvailable: 0 });
    await budget(sandbox, { minAvailable: 0 }, "second");
    const both = await evict(sandbox, "web-0");
    expect([both.status, both.body.message]).toEqual([
      500,
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    ]);
    expect((await evict(sandbox, "web-0", { metadata: { name: "x" } })).status).toBe(400);
    expect((await evict(sandbox, "nobody")).body.message).toBe('pods "nobody" not found');
  });

  test("a budget whose pods' controller cannot be scaled allows nothing and says why", async () => {
    const sandbox = testApi();
    await replicaSet(sandbox, [true, true]);
    await budget(sandbox, { maxUnavailable: 1 });
    await sandbox.call("DELETE", "/apis/apps/v1/namespaces/default/replicasets/web?propagationPolicy=Orphan");
    expect(await status(sandbox)).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
    const reference = { apiVersion: "apps/v1", kind: "DaemonSet", name: "d", uid: "u", controller: true };
    const template = { spec: { containers: [{ name: "c", image: "i" }] } };
    const daemons = "/apis/apps/v1/namespaces/default/daemonsets";
    const { body } = await sandbox.call("POST", daemons, {
      metadata: { name: "d" },
      spec: {
        selector: { matchLabels: { app: "web" } },
        template: { ...template, metadata: { labels: { app: "web" } } },
      },
    });
    const ownerReferences = [{ ...reference, uid: body.metadata.uid }];
    await sandbox.call("PATCH", `${pods}/web-0`, { metadata: { ownerReferences } }, "merge");
    expect(await status(sandbox)).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ reason: "SyncFailed", message: 'found no controllers for pod "web-0"' }],
    });
    expect((await evict(sandbox, "web-0")).body).toMatchObject({
      details: { causes: [{ message: expect.stringContaining("because it failed sync") }] },
    });
  });
});
