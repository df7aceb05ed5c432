import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type DeploymentView, deploymentView, revisionOf } from "./deployment.ts";
import { planDeployment } from "./deployment_plan.ts";
import { countPods, type PodView, podView } from "./pod.ts";
import { planReplicaSet, podOf, type ReplicaSetView, replicaSetView } from "./replica_set.ts";

/** A Deployment, its sets and pods on virtual time; the plans are carried out as the controllers would. */
class World {
  nowMs = Date.parse("2026-01-01T00:00:00Z");
  version = 0;
  spec: Record<string, unknown>;
  generation = 1;
  status: unknown;
  sets: ReplicaSetView[] = [];
  pods: PodView[] = [];

  constructor(spec: Record<string, unknown> = {}) {
    this.spec = { template: this.template("v1"), selector: { matchLabels: { app: "demo" } }, ...spec };
  }

  template(image: string) {
    return { metadata: { labels: { app: "demo" } }, spec: { containers: [{ name: "web", image }] } };
  }

  edit(spec: Record<string, unknown>): void {
    this.spec = { ...this.spec, ...spec };
    this.generation++;
  }

  get deployment(): DeploymentView {
    const metadata = { name: "demo", namespace: "default", uid: "d", generation: this.generation };
    return deploymentView({ kind: "Deployment", metadata, spec: this.spec, status: this.status });
  }

  podsOf(set: ReplicaSetView): PodView[] {
    return this.pods.filter((pod) => pod.owner?.uid === set.uid);
  }

  plan() {
    const { minReadySeconds } = this.deployment;
    const owned = this.sets.map((set) => ({
      set,
      pods: countPods(this.podsOf(set), minReadySeconds, this.nowMs),
    }));
    return planDeployment(this.deployment, owned, this.nowMs);
  }

  /** One look of the Deployment's controller, then one of each ReplicaSet's. True when something changed. */
  step(): boolean {
    const plan = this.plan();
    if (plan.create) this.sets.push(replicaSetView(this.stamp(plan.create)));
    for (const { set, replicas } of plan.scale) this.replace({ ...set, replicas });
    if (plan.renumber) {
      const { set, revision } = plan.renumber;
      this.replace({ ...set, annotations: { "deployment.kubernetes.io/revision": String(revision) } });
    }
    this.sets = this.sets.filter((set) => !plan.remove.includes(set));
    const isNews = !Bun.deepEquals(plan.status, this.deployment.status);
    this.status = plan.status;
    const moved = this.sets.map((set) => this.stepSet(set)).some(Boolean);
    return isNews || moved || plan.create !== undefined || plan.scale.length > 0;
  }

  stepSet(set: ReplicaSetView): boolean {
    const { create, remove } = planReplicaSet(set, this.podsOf(set), this.nowMs);
    for (let times = 0; times < create; times++) {
      this.pods.push(podView(this.stamp(podOf(set, String(this.version)))));
    }
    this.pods = this.pods.filter((pod) => !remove.includes(pod));
    return create > 0 || remove.length > 0;
  }

  stamp<T extends { metadata: object }>(object: T): T {
    const uid = `u${++this.version}`;
    const creationTimestamp = new Date(this.nowMs + this.version).toISOString();
    return { ...object, metadata: { ...object.metadata, uid, creationTimestamp } };
  }

  replace(set: ReplicaSetView): void {
    this.sets = this.sets.map((other) => (other.uid === set.uid ? set : other));
  }

  becomeReady(pod: PodView): void {
    const ready = { ...pod, ready: true, phase: "Running", nodeName: "node1", readySinceMs: this.nowMs };
    this.pods = this.pods.map((other) => (other.uid === pod.uid ? ready : other));
  }

  settle(): void {
    for (let turn = 0; turn < 200; turn++) {
      const waiting = this.pods.find((pod) => !pod.ready);
      if (waiting) this.becomeReady(waiting);
      if (!this.step() && !waiting) return;
    }
    throw new Error("The Deployment does not settle");
  }

  condition(type: string) {
    return this.deployment.status.conditions.find((condition) => condition.type === type);
  }
}

describe("planDeployment()", () => {
  test("creates one ReplicaSet named after the template, with all replicas and revision 1", () => {
    const world = new World({ replicas: 3 });
    world.settle();
    expect(world.sets).toHaveLength(1);
    const [set] = world.sets;
    expect(set?.name).toMatch(/^demo-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
    expect(set?.labels["pod-template-hash"]).toBe(set?.name.slice("demo-".length));
    expect(set?.annotations["deployment.kubernetes.io/revision"]).toBe("1");
    expect(world.pods.map((pod) => pod.labels)).toEqual(Array(3).fill({ ...set?.labels }));
  });

  test("tells no rollout finished before it is (kubectl rollout status reads these fields)", () => {
    const world = new World({ replicas: 2 });
    world.step();
    expect(world.deployment.status).toMatchObject({ observedGeneration: 1, updatedReplicas: 0 });
    expect(world.condition("Available")?.status).toBe("False");
    world.settle();
    expect(world.deployment.status).toMatchObject({
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    });
    expect(world.condition("Available")).toMatchObject({
      status: "True",
      reason: "MinimumReplicasAvailable",
    });
    expect(world.condition("Progressing")).toMatchObject({ reason: "NewReplicaSetAvailable" });
    world.edit({ template: world.template("v2") });
    world.step();
    expect(world.deployment.status).toMatchObject({ observedGeneration: 2, updatedReplicas: 0 });
  });

  test("is quiet when all is well", () => {
    const world = new World({ replicas: 2 });
    world.settle();
    world.nowMs += 3_600_000;
    const before = world.deployment.status;
    expect(world.step()).toBe(false);
    expect(world.deployment.status).toEqual(before);
    expect(world.plan().againAtMs).toBeUndefined();
  });

  test("a rollback makes the old set current again, under the newest revision", () => {
    const world = new World({ replicas: 1 });
    world.settle();
    world.edit({ template: world.template("v2") });
    world.settle();
    world.edit({ template: world.template("v1") });
    world.settle();
    expect(world.sets.map((set) => [revisionOf(set), set.replicas])).toEqual([
      [3, 1],
      [2, 0],
    ]);
  });

  test("keeps revisionHistoryLimit old sets", () => {
    const world = new World({ replicas: 1, revisionHistoryLimit: 2 });
    for (const image of ["v1", "v2", "v3", "v4", "v5"]) {
      world.edit({ template: world.template(image) });
      world.settle();
    }
    expect(world.sets.map(revisionOf)).toEqual([3, 4, 5]);
  });

  test("Recreate has no two generations of pods at once", () => {
    const world = new World({ replicas: 2, strategy: { type: "Recreate" } });
    world.settle();
    world.edit({ template: world.template("v2") });
    for (let turn = 0; turn < 10; turn++) {
      world.step();
      expect(new Set(world.pods.map((pod) => pod.owner?.uid)).size).toBeLessThan(2);
    }
    world.settle();
    expect(world.pods).toHaveLength(2);
  });

  test("paused follows the size but not the template", () => {
    const world = new World({ replicas: 1 });
    world.settle();
    world.edit({ paused: true, replicas: 3, template: world.template("v2") });
    world.settle();
    expect(world.sets).toHaveLength(1);
    expect(world.pods).toHaveLength(3);
  });

  test("ProgressDeadlineExceeded after progressDeadlineSeconds without a move, and a deadline to look again", () => {
    const world = new World({ replicas: 1, progressDeadlineSeconds: 60 });
    world.step();
    world.step();
    world.step();
    expect(world.plan().againAtMs).toBe(world.nowMs + 60_000);
    world.nowMs += 59_000;
    world.step();
    expect(world.condition("Progressing")?.status).toBe("True");
    world.nowMs += 1000;
    world.step();
    expect(world.condition("Progressing")).toMatchObject({
      status: "False",
      reason: "ProgressDeadlineExceeded",
    });
    expect(world.step()).toBe(false);
  });

  test("minReadySeconds holds availability back, with a deadline to look again", () => {
    const world = new World({ replicas: 1, minReadySeconds: 10 });
    world.settle();
    expect(world.deployment.status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    expect(world.plan().againAtMs).toBe(world.nowMs + 10_000);
    world.nowMs += 10_000;
    world.settle();
    expect(world.deployment.status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
  });

  const bound = fc.oneof(
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
  );
  test("a rolling update stays within maxSurge and maxUnavailable, and ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        bound,
        bound,
        fc.infiniteStream(fc.nat()),
        (replicas, maxSurge, maxUnavailable, chance) => {
          const world = new World({ replicas, strategy: { rollingUpdate: { maxSurge, maxUnavailable } } });
          world.settle();
          const up = amount(maxSurge, replicas, Math.ceil);
          const down = amount(maxUnavailable, replicas, Math.floor);
          const leeway = up + down === 0 ? 1 : down;
          world.edit({ template: world.template("v2") });
          for (let turn = 0; turn < 50; turn++) {
            const waiting = world.pods.filter((pod) => !pod.ready);
            const pod = waiting[(chance.next().value ?? 0) % (waiting.length + 1)];
            if (pod) world.becomeReady(pod);
            world.step();
            expect(world.pods.length).toBeLessThanOrEqual(replicas + up);
            expect(world.pods.filter(({ ready }) => ready).length).toBeGreaterThanOrEqual(replicas - leeway);
          }
          world.settle();
          const current = world.sets.find((set) => revisionOf(set) === 2);
          expect(world.pods.map((pod) => pod.owner?.uid)).toEqual(Array(replicas).fill(current?.uid));
          expect(world.condition("Progressing")?.reason).toBe("NewReplicaSetAvailable");
        },
      ),
      { numRuns: 60 },
    );
  });
});

function amount(bound: number | string, replicas: number, round: (value: number) => number): number {
  return typeof bound === "number" ? bound : round((Number.parseInt(bound, 10) * replicas) / 100);
}
