import type { Kind } from "../kinds/mod.ts";
import { record } from "../object.ts";
import {
  type ApiContext,
  createObject,
  deleteObject,
  finalizersOf,
  timestamp,
  updateObject,
} from "../operations/mod.ts";
import { type Remaining, terminationConditions } from "./namespace_conditions.ts";

const rootCaName = "kube-root-ca.crt";
const rootCaDescription =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

/**
 * The life of namespaces: each has its `default` ServiceAccount and, where there is an authority, its `kube-root-ca.crt`;
 * one that is deleted loses its content, says what it waits for, and goes when the last object has gone, which
 * finalizers may delay.
 */
export function runNamespaces(context: ApiContext, rootCaPem: string | undefined): void {
  const { store, registry } = context;
  const namespaces = store.collection("namespaces");
  const kind = (plural: string) => registry.find("", "v1", plural) as Kind;
  /** How many objects each terminating namespace had when its conditions were last written. */
  const told = new Map<string, number>();

  const phase = (name: string) => record(namespaces.get("", name)?.object, "status").phase;

  const furnish = (name: string) => {
    if (store.collection("serviceaccounts").get(name, "default") === undefined) {
      createObject(context, kind("serviceaccounts"), name, { metadata: { name: "default" } }, {});
    }
    if (rootCaPem === undefined) return;
    const data = { "ca.crt": rootCaPem };
    if (store.collection("configmaps").get(name, rootCaName) === undefined) {
      const annotations = { "kubernetes.io/description": rootCaDescription };
      const body = { metadata: { name: rootCaName, annotations }, data };
      createObject(context, kind("configmaps"), name, body, {});
      return;
    }
    const change = (current: object) => ({ ...current, data });
    updateObject(context, kind("configmaps"), { namespace: name, name: rootCaName }, change, {});
  };

  const empty = (name: string) => {
    const kinds = new Map([...registry.all()].map((each) => [each.collection, each]));
    for (const each of kinds.values()) {
      if (!each.namespaced) continue;
      for (const stored of store.collection(each.collection).list(name)) {
        // Another deletion in this loop may have taken it along, as its owner or its last finalizer.
        if (store.collection(each.collection).get(name, stored.name) === undefined) continue;
        deleteObject(context, each, name, stored.name);
      }
    }
  };

  const finish = (name: string) => {
    const namespace = namespaces.get("", name);
    if (namespace === undefined || phase(name) !== "Terminating") return;
    let left = 0;
    for (const collection of store.collections()) left += collection.count(name);
    if (left === 0 && finalizersOf(namespace.object).length === 0) {
      told.delete(name);
      namespaces.remove(namespace);
    } else if (told.get(name) !== left) {
      told.set(name, left);
      tell(name);
    }
  };

  const tell = (name: string) => {
    const remaining: Remaining[] = [...store.collections()].flatMap((collection) => {
      const objects = collection.list(name).map(({ object }) => object);
      return objects.length === 0 ? [] : [{ resource: collection.id, objects }];
    });
    const change = (current: object) => {
      const status = record(current, "status");
      const conditions = terminationConditions(remaining, status.conditions, timestamp(context.now()));
      return { ...current, status: { ...status, conditions } };
    };
    const target = { namespace: "", name, subresource: "status" } as const;
    updateObject(context, kind("namespaces"), target, change, {});
  };

  /** What a controller finds when it starts, and what a real one's next look at the namespace would find. */
  const look = (name: string) => {
    if (phase(name) === "Terminating") {
      empty(name);
      finish(name);
    } else furnish(name);
  };

  const isFurniture = (id: string, name: string) =>
    (id === "serviceaccounts" && name === "default") || (id === "configmaps" && name === rootCaName);

  for (const { name } of namespaces.list()) look(name);
  store.onChange((collection, { type, before, after }) => {
    if (collection !== namespaces) {
      if (type !== "DELETED" || after.namespace === "") return;
      if (phase(after.namespace) === "Terminating") finish(after.namespace);
      else if (phase(after.namespace) !== undefined && isFurniture(collection.id, after.name)) {
        furnish(after.namespace);
      }
    } else if (type === "ADDED") furnish(after.name);
    else if (type === "MODIFIED" && record(after.object, "status").phase === "Terminating") {
      const isNew = record(before?.object, "status").phase !== "Terminating";
      if (isNew) look(after.name);
      else finish(after.name);
    }
  });
}
