import { cleanupFinalizer, collectionOf, definitionSpec, isEstablished, kindsOf } from "../crd/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { type ApiContext, deleteObject, finalizersOf, updateObject } from "../operations/mod.ts";
import type { Change } from "../store/mod.ts";

const definitionsId = "customresourcedefinitions.apiextensions.k8s.io";

/** Serves what CustomResourceDefinitions define, and sees to the objects before a definition goes. */
export function runCustomResources(context: ApiContext): void {
  const { store, registry, hub } = context;
  const definitions = store.collection(definitionsId);
  const definitionKind = registry.find("apiextensions.k8s.io", "v1", "customresourcedefinitions") as Kind;

  const finish = (name: string) => {
    const definition = definitions.get("", name)?.object;
    if (definition?.metadata.deletionTimestamp === undefined) return;
    if (store.collection(name).size > 0 || !finalizersOf(definition).includes(cleanupFinalizer)) return;
    updateObject(
      context,
      definitionKind,
      { namespace: "", name },
      (current) => {
        current.metadata.finalizers = finalizersOf(current).filter((each) => each !== cleanupFinalizer);
        return current;
      },
      {},
    );
  };

  const definitionChanged = ({ type, after }: Pick<Change, "type" | "after">) => {
    const id = collectionOf(definitionSpec(after.object));
    if (type === "DELETED") {
      registry.replace(id, []);
      hub.closeAll(store.collection(id));
      return;
    }
    const kinds = isEstablished(after.object) ? kindsOf(after.object) : [];
    // The collection remembers from now on, so that a watch may start from any list of it.
    store.collection(id);
    registry.replace(id, kinds);
    if (after.object.metadata.deletionTimestamp === undefined) return;
    const [kind] = kinds;
    for (const { namespace, name } of kind ? store.collection(id).list() : []) {
      deleteObject(context, kind as Kind, namespace, name);
    }
    finish(after.name);
  };

  for (const after of definitions.list()) definitionChanged({ type: "ADDED", after });
  store.onChange((collection, change) => {
    if (collection === definitions) definitionChanged(change);
    else if (change.type === "DELETED" && collection.id.includes(".")) finish(collection.id);
  });
}
