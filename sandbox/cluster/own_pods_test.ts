import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubeObject, resources } from "#k8s/mod.ts";
import { createSandboxApi, type SandboxApi } from "../api/mod.ts";
import { Child, Ledger } from "../lab/mod.ts";
import { metallbNamespace } from "../options.ts";
import { startWorkload } from "../workload/mod.ts";
import { applyBase, baseObjects } from "./base_objects.ts";
import { runDaemonSet } from "./daemon_set.ts";
import { daemonSets } from "./kinds.ts";
import { controllerDeployment, speakerDaemonSet } from "./metallb_objects.ts";
import { type Launcher, type OwnPod, OwnPods } from "./own_pods.ts";
import { PodLogs } from "./runtime/mod.ts";

// Real processes start here, on a machine that may be busy with other things.
setDefaultTimeout(20_000);

const log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const nodes = [
  { name: "node1", address: "192.168.1.11", podCidr: "10.244.0.0/24" },
  { name: "node2", address: "192.168.1.12", podCidr: "10.244.1.0/24" },
];
let directory = "";
let ledger: Ledger;
let api: SandboxApi;
let ended: AbortController;
let ownPods: OwnPods;
let launched: string[] = [];

beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "own-pods-")));
  const owner = { pid: process.pid, startTime: "now", command: "test" };
  ledger = new Ledger(directory, { version: 1, id: "0ddba115", owner, paths: [], processes: {} });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Processes that say on their socket that they are ready, and do nothing else. */
const launcher: Launcher = {
  launch(pod: OwnPod): Child {
    launched.push(pod.name);
    const socket = JSON.stringify(launcher.socketOf(pod));
    // A process that was killed leaves its socket behind.
    const script = `require("fs").rmSync(${socket}, { force: true }); Bun.serve({ unix: ${socket}, fetch: () => new Response("ok") })`;
    const argv = [process.execPath, "-e", script];
    return new Child({ name: pod.name, argv, logFile: join(directory, `${pod.name}.log`) }, ledger);
  },
  socketOf: ({ name }) => join(directory, `${name}.sock`),
  addressOf: ({ node }) => ({ podIP: `ip-of-${node}`, hostIP: `ip-of-${node}` }),
};

beforeEach(async () => {
  launched = [];
  ended = new AbortController();
  const { signal } = ended;
  api = createSandboxApi({ now: Date.now });
  const { client } = api;
  await applyBase(client, baseObjects(nodes, "secret", Date.now()));
  const logs = new PodLogs(join(directory, "pods"), metallbNamespace);
  ownPods = new OwnPods(client, launcher, { log, signal, logs, relistMs: 0 });
  await startWorkload(client, { log, signal, now: Date.now }).ready;
  await client.create(daemonSets, speakerDaemonSet("1"));
  await client.create(resources.deployments, controllerDeployment("1"));
  runDaemonSet(client, ["node1", "node2"], { log, signal });
  expect(await ownPods.whenReady(3, 8000)).toEqual([]);
});

afterEach(async () => {
  ended.abort();
  await Promise.all(ownPods.list().map(({ child }) => child.isRunning && child.kill()));
  api.close();
});

/** Follows the API until the Pods look as wanted; the test's own limit ends it otherwise. */
async function podsWhen(condition: (pods: KubeObject[]) => boolean): Promise<KubeObject[]> {
  for (;;) {
    const { items } = await api.client.list(resources.pods, { namespace: metallbNamespace });
    if (condition(items)) return items;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const readyOf = (pod: KubeObject | undefined) =>
  (pod?.status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions?.find(
    ({ type }) => type === "Ready",
  )?.status;
const named = (name: string) => (pods: KubeObject[]) => pods.find(({ metadata }) => metadata.name === name);

test("every node has its speaker and the Deployment its controller, each a process, Ready once it serves", async () => {
  const pods = await podsWhen((all) => all.length === 3 && all.every((pod) => readyOf(pod) === "True"));
  expect(pods.map(({ metadata }) => metadata.name).sort()).toEqual([...launched].sort());
  expect(ownPods.find("speaker", "node2")?.child.isRunning).toBe(true);
  const isComplete = async () => {
    const { status } = await api.client.get(daemonSets, "speaker", metallbNamespace);
    return (status as { numberReady?: number })?.numberReady === 2;
  };
  while (!(await isComplete())) await new Promise((resolve) => setImmediate(resolve));
});

test("a process that dies stays dead, its Pod says so, and a restart is counted", async () => {
  const speaker = ownPods.find("speaker", "node1");
  if (!speaker) throw new Error("no speaker on node1");
  const { name } = speaker.pod;
  process.kill(speaker.child.pid, "SIGKILL");
  const dead = named(name)(await podsWhen((pods) => readyOf(named(name)(pods)) === "False"));
  expect(dead?.status).toMatchObject({
    containerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 137, message: "SIGKILL" } } }],
  });
  expect(launched).toHaveLength(3);
  ownPods.restart(speaker);
  expect(await ownPods.whenReady(3, 8000)).toEqual([]);
  const again = named(name)(await podsWhen((pods) => readyOf(named(name)(pods)) === "True"));
  expect(again?.status).toMatchObject({ containerStatuses: [{ restartCount: 1 }] });
});

test("a Pod that is deleted stops its process, and a new one takes its place", async () => {
  for (const component of ["speaker", "controller"] as const) {
    const before = ownPods.find(component);
    if (!before) throw new Error(`no ${component}`);
    await api.client.remove(resources.pods, before.pod.name, metallbNamespace);
    await podsWhen((pods) => pods.length === 3 && !named(before.pod.name)(pods));
    expect(await ownPods.whenReady(3, 8000)).toEqual([]);
    expect(before.child.isRunning).toBe(false);
    expect(ownPods.find(component, component === "speaker" ? before.pod.node : undefined)?.pod.name).not.toBe(
      before.pod.name,
    );
  }
  expect(launched).toHaveLength(5);
});

test("a new template replaces one speaker after the other", async () => {
  const before = ownPods.list().flatMap(({ pod }) => (pod.component === "speaker" ? [pod.name] : []));
  const annotations = { "kubectl.kubernetes.io/restartedAt": "now" };
  const body = { spec: { template: { metadata: { annotations } } } };
  await api.client.patch(daemonSets, { name: "speaker", namespace: metallbNamespace }, "merge", body);
  let readyMin = 2;
  await podsWhen((pods) => {
    const speakers = pods.filter(({ metadata }) => metadata.labels?.component === "speaker");
    readyMin = Math.min(readyMin, speakers.filter((pod) => readyOf(pod) === "True").length);
    return (
      speakers.length === 2 &&
      speakers.every((pod) => !before.includes(pod.metadata.name) && readyOf(pod) === "True")
    );
  });
  expect(readyMin).toBe(1);
});

test("a Pod of another component is left alone", async () => {
  const metadata = {
    name: "stranger",
    namespace: metallbNamespace,
    labels: { app: "metallb", component: "frr" },
  };
  const spec = { nodeName: "node1", containers: [{ name: "frr", image: "frr" }] };
  await api.client.create(resources.pods, { apiVersion: "v1", kind: "Pod", metadata, spec });
  await podsWhen((pods) => named("stranger")(pods) !== undefined);
  const speaker = ownPods.find("speaker", "node1");
  if (speaker) await api.client.remove(resources.pods, speaker.pod.name, metallbNamespace);
  await podsWhen((pods) => pods.length === 4 && !named(speaker?.pod.name ?? "")(pods));
  expect(launched).not.toContain("stranger");
});
