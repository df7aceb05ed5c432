import { expect, test } from "bun:test";
import { type KubeObject, resources, systemClock } from "#k8s/mod.ts";
import { createSandboxApi } from "#sandbox/api/mod.ts";
import { provideMemberlistSecret } from "../../controller/memberlist_secret.ts";

const namespace = "default";
const log = { debug() {}, info() {}, warn() {}, error() {} };

test("the ring's key is made once, belongs to the Deployment, and is never touched again", async () => {
  const api = createSandboxApi({ now: () => Date.parse("2026-01-02T03:04:05Z") });
  const { client } = api;
  const pod = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  const deployment = await client.create(resources.deployments, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "controller", namespace },
    spec: { selector: { matchLabels: { app: "a" } }, template: pod },
  });
  const parts = { client, namespace, log, clock: systemClock, signal: new AbortController().signal };
  const options = { secretName: "memberlist", deployment: "controller" };
  await provideMemberlistSecret(options, parts);
  const made = await client.get(resources.secrets, "memberlist", namespace);
  expect(made.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([deployment.metadata.uid ?? ""]);
  const { secretkey = "" } = made.data as Record<string, string>;
  expect(Buffer.from(secretkey, "base64").toString()).toMatch(/^[A-Za-z0-9+/]{22}$/);

  await provideMemberlistSecret(options, parts);
  const again: KubeObject = await client.get(resources.secrets, "memberlist", namespace);
  expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  api.close();
});

test("without its Deployment the ring's key is made all the same", async () => {
  const api = createSandboxApi({ now: () => Date.parse("2026-01-02T03:04:05Z") });
  const { client } = api;
  const parts = { client, namespace, log, clock: systemClock, signal: new AbortController().signal };
  await provideMemberlistSecret({ secretName: "memberlist", deployment: "gone" }, parts);
  const { metadata, data } = await client.get(resources.secrets, "memberlist", namespace);
  expect(metadata.ownerReferences).toBeUndefined();
  expect(data).toHaveProperty("secretkey");
  api.close();
});
