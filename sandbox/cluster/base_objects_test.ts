import { expect, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { createSandboxApi } from "../api/mod.ts";
import { metallbNamespace } from "../options.ts";
import { leases, nodeLeaseNamespace } from "../workload/mod.ts";
import { removeStale } from "./base_objects.ts";

test("removeStale() takes the leases of kubelets and of MetalLB, and leaves everybody else's", async () => {
  const { client, close } = createSandboxApi({ now: () => 0 });
  for (const name of [metallbNamespace, "app"])
    await client.create(resources.namespaces, { metadata: { name } });
  for (const namespace of [nodeLeaseNamespace, metallbNamespace, "app", "kube-system"]) {
    await client.create(leases, { metadata: { name: "one", namespace } });
  }
  await removeStale(client, []);
  const left = (await client.list(leases)).items.map(({ metadata }) => metadata.namespace);
  expect(left).toEqual(["app", "kube-system"]);
  close();
});
