/**
 * Failure story 25: every right of k8s/manifests/base/rbac.yaml is taken away in turn, judged by the sandbox API's own
 * RBAC. Nothing crashes, what does not need the right goes on, the right is named, and all is well when it is back.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { Accounts, ownNamespace, type Right, VirtualCluster } from "./virtual/mod.ts";

const cluster = new VirtualCluster();
await cluster.prepare();
const accounts = await Accounts.create(cluster.api);
cluster.accounts = accounts;

/** Not asked for while the two run on as they do here; tests/e2e/rights_test.ts asks for each of them. */
const elsewhere: readonly RegExp[] = [
  // Where the webhooks are served, and the ring's key is made.
  /^controller \w+ (validatingwebhookconfigurations|customresourcedefinitions|secrets)$/,
  // Of several replicas.
  /^controller \w+ (leases|deployments)$/,
  // With a router that answers.
  /^speaker (create|delete) (servicebgpstatuses|bgpsessionstates)$/,
  /^speaker patch (servicebgpstatuses|bgpsessionstates)\/status$/,
  // With a reservation.
  /^controller patch ipaddresspools$/,
];

/** Without these a new Service is not served: nobody sees it, may write it, or sees where its endpoints are. */
const vital: ReadonlySet<string> = new Set([
  "controller list services",
  "controller watch services",
  "controller patch services/status",
  "speaker list services",
  "speaker watch services",
  "speaker list endpointslices",
  "speaker watch endpointslices",
]);

const called = ({ part, verb, resource }: Right) => `${part} ${verb} ${resource}`;
const isElsewhere = (right: Right) => elsewhere.some((pattern) => pattern.test(called(right)));

let count = 0;
const nextName = () => `svc-${++count}`;

beforeAll(async () => {
  await cluster.pool("pool", "10.0.0.0/16");
  await cluster.advertise();
  await cluster.serve("before");
  await cluster.startController();
  await cluster.startSpeaker();
  await cluster.pass(30);
}, 30_000);
afterAll(() => cluster.stop());

async function isServed(name: string): Promise<boolean> {
  const address = await cluster.addressOf(name);
  return address !== undefined && cluster.dataPlane.owned.has(address);
}

async function isDenied({ part, verb, resource }: Right): Promise<boolean> {
  const line = `metallb_k8s_client_forbidden{verb="${verb}",resource="${resource}"} 1`;
  return (await cluster.metrics(part)).includes(line);
}

const isAskedAlways = ({ verb, resource }: Right): boolean =>
  !resource.endsWith("reviews") && resource !== "events" && !(resource === "pods" && verb === "get");

/** What makes the component ask for what it may not. */
async function provoke({ part, verb, resource }: Right): Promise<void> {
  if (verb === "watch") accounts.break();
  else if (verb === "list") accounts.break({ part, resource });
  else if (resource.endsWith("reviews")) await cluster.look();
  else if (resource.startsWith("configurationstates") || (resource === "pods" && verb === "get")) {
    for (const name of ["controller", "speaker-node1"])
      await cluster.client.remove(resources.configurationStates, name, ownNamespace).catch(() => {});
  } else if (resource === "events" && verb === "patch") {
    // The same thing told twice raises the count of the first.
    for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.1"]) {
      await cluster.client.patch(resources.services, { name: "outside", namespace: "default" }, "merge", {
        metadata: { annotations: { "metallb.io/loadBalancerIPs": address } },
      });
      await cluster.pass(2);
    }
    for (const ready of [false, true]) {
      await cluster.endpoint("before", ready);
      await cluster.pass(2);
    }
  }
}

describe("story 25: without the right", () => {
  const rights = accounts.rights();

  test("every right is taken away here, or asked for elsewhere", () => {
    expect(rights.filter((right) => !isElsewhere(right)).length).toBeGreaterThan(60);
    for (const pattern of elsewhere) expect(rights.some((right) => pattern.test(called(right)))).toBe(true);
  });

  for (const right of rights.filter((one) => !isElsewhere(one))) {
    test(`${called(right)}`, async () => {
      if (right.resource === "events" && right.verb === "patch")
        if (!(await cluster.addressOf("outside").catch(() => undefined)))
          await cluster.serve("outside").catch(() => {});
      const gone = nextName();
      await cluster.serve(gone);
      await cluster.pass(1);
      const restore = await accounts.take(right);
      await provoke(right);
      const name = nextName();
      await cluster.serve(name);
      if (right.verb === "delete") await cluster.client.remove(resources.services, gone, "default");
      await cluster.pass(20);
      expect([called(right), await isDenied(right)]).toEqual([called(right), true]);
      expect(await isServed("before")).toBe(true);
      if (!vital.has(called(right)))
        expect([called(right), await isServed(name)]).toEqual([called(right), true]);

      await restore();
      // What is asked for at times only is allowed again when it is asked for.
      if (!isAskedAlways(right)) await provoke(right);
      await cluster.serve(nextName());
      await cluster.pass(75);
      expect([called(right), await isDenied(right)]).toEqual([called(right), false]);
      expect(await isServed(name)).toBe(true);
      expect(await isServed("before")).toBe(true);
      for (const one of [...(right.verb === "delete" ? [] : [gone]), name, `svc-${count}`])
        await cluster.client.remove(resources.services, one, "default");
      await cluster.pass(15);
    });
  }
});
