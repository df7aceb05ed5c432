import { defaultAuthorization } from "./authorization/mod.ts";
import type { Kind } from "./kinds/mod.ts";
import { type ApiContext, createObject } from "./operations/mod.ts";

const namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** What every cluster has from its first moment. */
export function bootstrap(context: ApiContext, kubernetesAddress: string): void {
  const kind = (plural: string, group = "") => context.registry.find(group, "v1", plural) as Kind;
  for (const name of namespaces) createObject(context, kind("namespaces"), "", { metadata: { name } }, {});
  createObject(
    context,
    kind("services"),
    "default",
    {
      metadata: { name: "kubernetes", labels: { component: "apiserver", provider: "kubernetes" } },
      spec: {
        clusterIP: kubernetesAddress,
        ports: [{ name: "https", port: 443, targetPort: 6443 }],
      },
    },
    {},
  );
  for (const { plural, object } of defaultAuthorization()) {
    createObject(context, kind(plural, "rbac.authorization.k8s.io"), "", object, {});
  }
}
