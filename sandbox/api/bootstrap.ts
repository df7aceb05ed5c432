import type { KubeObject } from "#k8s/mod.ts";
import { defaultAuthorization } from "./authorization/mod.ts";
import type { Kind } from "./kinds/mod.ts";
import { type ApiContext, createObject } from "./operations/mod.ts";

const namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** What every cluster has from its first moment; what an earlier run has left stays as it is. */
export function bootstrap(context: ApiContext, kubernetesAddress: string): void {
  const make = (plural: string, object: KubeObject, group = "") => {
    const kind = context.registry.find(group, "v1", plural) as Kind;
    const { namespace = "", name } = object.metadata;
    if (context.store.collection(kind.collection).get(namespace, name) !== undefined) return;
    createObject(context, kind, namespace, object, {});
  };
  for (const name of namespaces) make("namespaces", { metadata: { name } });
  make("services", {
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { component: "apiserver", provider: "kubernetes" },
    },
    spec: {
      clusterIP: kubernetesAddress,
      ports: [{ name: "https", port: 443, targetPort: 6443 }],
    },
  });
  for (const { plural, object } of defaultAuthorization()) make(plural, object, "rbac.authorization.k8s.io");
}
