import type { Kind } from "../kinds/mod.ts";
import { record } from "../object.ts";
import { type ApiContext, createObject, deleteObject } from "../operations/mod.ts";

/**
 * The life of namespaces: a new one gets its `default` ServiceAccount; one that is deleted loses its content, and goes
 * when the last object has gone, which finalizers may delay.
 */
export function runNamespaces(context: ApiContext): void {
  const { store, registry } = context;
  const namespaces = store.collection("namespaces");
  const serviceAccounts = registry.find("", "v1", "serviceaccounts") as Kind;

  const isEmpty = (namespace: string) =>
    [...store.collections()].every((collection) => !collection.has(namespace));

  const finish = (name: string) => {
    const namespace = namespaces.get("", name);
    if (namespace === undefined || record(namespace.object, "status").phase !== "Terminating") return;
    if (isEmpty(name)) namespaces.remove(namespace);
  };

  const empty = (name: string) => {
    const kinds = new Map([...registry.all()].map((kind) => [kind.collection, kind]));
    for (const kind of kinds.values()) {
      if (!kind.namespaced) continue;
      for (const stored of store.collection(kind.collection).list(name)) {
        // Another deletion in this loop may have taken it along, as its owner or its last finalizer.
        if (store.collection(kind.collection).get(name, stored.name) === undefined) continue;
        deleteObject(context, kind, name, stored.name);
      }
    }
    finish(name);
  };

  store.onChange((collection, { type, after }) => {
    if (collection !== namespaces) {
      if (type === "DELETED" && after.namespace !== "") finish(after.namespace);
    } else if (type === "ADDED") {
      createObject(context, serviceAccounts, after.name, { metadata: { name: "default" } }, {});
    } else if (type === "MODIFIED" && record(after.object, "status").phase === "Terminating") {
      empty(after.name);
    }
  });
}
