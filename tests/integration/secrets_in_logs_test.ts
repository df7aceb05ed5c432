/** What is secret stays so: at the most talkative level, in metrics, states, statuses and events. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { resources } from "#k8s/mod.ts";
import { eventually, ownNamespace, TestCluster } from "./controller_support.ts";

const inline = "inline-s3cret-A1";
const stored = "stored-s3cret-B2";
const misplaced = "misplaced-s3cret-C3";
const apiToken = "integration-test-token";
const secrets = [inline, stored, misplaced].flatMap((secret) => [secret, btoa(secret)]);

let cluster: TestCluster;
let child: Bun.Subprocess<"ignore", "pipe", "pipe">;
let log = "";
const reading: Promise<void>[] = [];

async function read(stream: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) log += decoder.decode(chunk, { stream: true });
}

beforeAll(async () => {
  cluster = await TestCluster.start();
  await cluster.pool("bgp-pool", ["192.0.2.0/28"]);
  await peer("inline", "127.0.0.2", { password: inline });
  await peer("stored", "127.0.0.3", { passwordSecret: { name: "bgp-password" } });
  // Both at once, and a Secret of the wrong type: rejected, in words that quote neither.
  await peer("twice", "127.0.0.4", { password: misplaced, passwordSecret: { name: "bgp-password" } });
  await peer("wrong-type", "127.0.0.5", { passwordSecret: { name: "opaque" } });
  await secret("bgp-password", "kubernetes.io/basic-auth", stored);
  await secret("opaque", "Opaque", misplaced);
  await cluster.client.create(resources.bgpAdvertisements, {
    apiVersion: "metallb.io/v1beta1",
    kind: "BGPAdvertisement",
    metadata: { name: "all", namespace: ownNamespace },
    spec: {},
  });
  await cluster.client.create(resources.nodes, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node1" },
  });
  await cluster.service("web");
  const program = join(import.meta.dir, "harness", "parts_child.ts");
  child = Bun.spawn(["bun", program, cluster.kubeconfig, ownNamespace, cluster.directory], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  reading.push(read(child.stdout), read(child.stderr));
}, 30_000);

afterAll(async () => {
  child?.kill("SIGKILL");
  await Promise.all(reading);
  await cluster?.stop();
});

function peer(name: string, peerAddress: string, password: object) {
  return cluster.client.create(resources.bgpPeers, {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { name, namespace: ownNamespace },
    spec: { myASN: 64_500, peerASN: 64_501, peerAddress, peerPort: 1_179, ...password },
  });
}

function secret(name: string, type: string, password: string) {
  return cluster.client.create(resources.secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: ownNamespace },
    type,
    data: { password: btoa(password) },
  });
}

test("passwords, keys and tokens are in no log line, metric, state, status or event", async () => {
  const socket = { unix: join(cluster.directory, "speaker.sock") };
  const ask = (path: string) =>
    fetch(`http://speaker${path}`, { ...socket, headers: { Authorization: `Bearer ${apiToken}` } })
      .then((answer) => answer.text())
      .catch(() => "");
  const state = await eventually("the speaker tries both peers", 15_000, async () => {
    const text = await ask("/api/v1/state");
    const sessions = text === "" ? [] : (JSON.parse(text).sessions as { lastError?: string }[]);
    return sessions.length === 2 && /refused|reset|unreachable|Idle|Active/i.test(text) && text;
  });
  const told = await eventually("both parts have judged the configuration", 15_000, async () => {
    const { items } = await cluster.client.list(resources.configurationStates);
    const text = JSON.stringify(items);
    return /wrong-type|twice/.test(text) && items.length === 2 && log.includes("service updated") && text;
  });
  const key = await eventually("the key of the ring is made", 10_000, async () => {
    const made = await cluster.client
      .get(resources.secrets, "memberlist", ownNamespace)
      .catch(() => undefined);
    return made && Object.values(made.data as Record<string, string>)[0];
  });
  // Both parts serve over HTTPS too, with certificates that they made, and ask the API who comes.
  for (const part of ["controller", "speaker"]) {
    const line = log.split("\n").find((each) => each.includes("metrics over HTTPS") && each.includes(part));
    const url = `https://127.0.0.1:${JSON.parse(line ?? "{}").port}/metrics`;
    const scrape = (headers: Record<string, string>) =>
      fetch(url, { headers, tls: { rejectUnauthorized: false } });
    expect((await scrape({})).status).toBe(401);
    const answer = await scrape({ Authorization: `Bearer ${apiToken}` });
    expect(await answer.text()).toContain('metallb_tls_certificate_not_after_seconds{use="metrics"}');
  }
  const events = JSON.stringify(await cluster.client.list(resources.events));
  const metrics = await ask("/metrics");
  expect(metrics).toContain("metallb_bgp_session_up");
  child.kill("SIGTERM");
  await Promise.all(reading);
  for (const text of [log, state, told, events, metrics]) {
    for (const each of [...secrets, key, atob(key), apiToken]) expect(text).not.toContain(each);
  }
}, 60_000);

test("each line is one JSON object with the keys of MetalLB's", async () => {
  const lines = log.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    const { ts, level, caller, msg } = JSON.parse(line) as Record<string, string>;
    // RFC 3339 §5.6.
    expect(ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    expect(["debug", "info", "warn", "error"]).toContain(level ?? "");
    expect(["controller", "speaker"]).toContain(caller ?? "");
    expect(msg).toBeString();
  }
});
