import type { KubeObject } from "#k8s/mod.ts";
import { apiVersionOf, type Kind } from "../kinds/mod.ts";
import {
  type ApiContext,
  deleteObject,
  finalizersOf,
  foregroundFinalizer,
  orphanFinalizer,
  updateObject,
} from "../operations/mod.ts";
import type { Change, Collection, Stored } from "../store/mod.ts";

interface Place {
  readonly collection: Collection;
  readonly namespace: string;
  readonly name: string;
}

type OwnerReference = NonNullable<KubeObject["metadata"]["ownerReferences"]>[number];

/**
 * Deletes what lost its owners (kubernetes.io "Garbage Collection"). Background: dependents go after the owner.
 * Foreground: the owner waits for those that block it. Orphan: the dependents forget the owner, then it goes.
 */
export function runGarbageCollector(context: ApiContext): void {
  const { store, registry } = context;
  /** By the uid of an owner: who names it. */
  const dependents = new Map<string, Map<string, Place>>();
  /** Every object by its uid. */
  const living = new Map<string, Place>();

  const kindOf = (collection: Collection): Kind | undefined => {
    let found: Kind | undefined;
    for (const kind of registry.all()) {
      if (kind.collection !== collection.id) continue;
      // In the stored version nobody has to be asked for a conversion.
      if (apiVersionOf(kind) === kind.storedApiVersion) return kind;
      found ??= kind;
    }
    return found;
  };
  const stored = ({ collection, namespace, name }: Place) => collection.get(namespace, name);
  const dependentsOf = (uid: string): [Place, Stored][] =>
    [...(dependents.get(uid)?.values() ?? [])].flatMap((place) => {
      const object = stored(place);
      return object && referencesOf(object.object).some((each) => each.uid === uid) ? [[place, object]] : [];
    });

  const edit = (
    { collection, namespace, name }: Place,
    change: (metadata: KubeObject["metadata"]) => void,
  ) => {
    const kind = kindOf(collection);
    if (kind === undefined) return;
    updateObject(
      context,
      kind,
      { namespace, name },
      (current) => {
        change(current.metadata);
        return current;
      },
      {},
    );
  };
  const forget = (place: Place, uid: string) =>
    edit(place, (metadata) => {
      const rest = (metadata.ownerReferences ?? []).filter((each) => each.uid !== uid);
      if (rest.length > 0) metadata.ownerReferences = rest;
      else delete metadata.ownerReferences;
    });
  const release = (place: Place, finalizer: string) =>
    edit(place, (metadata) => {
      metadata.finalizers = (metadata.finalizers as string[]).filter((each) => each !== finalizer);
    });
  const remove = ({ collection, namespace, name }: Place, propagationPolicy?: "Foreground") => {
    const kind = kindOf(collection);
    if (kind !== undefined) deleteObject(context, kind, namespace, name, { propagationPolicy });
  };

  /** An owner that waits: sees to its dependents, and lets it go when nothing holds it any more. */
  const advance = (place: Place) => {
    const owner = stored(place)?.object;
    const uid = owner?.metadata.uid;
    if (owner?.metadata.deletionTimestamp === undefined || uid === undefined) return;
    if (finalizersOf(owner).includes(orphanFinalizer)) {
      for (const [dependent] of dependentsOf(uid)) forget(dependent, uid);
      release(place, orphanFinalizer);
    } else if (finalizersOf(owner).includes(foregroundFinalizer)) {
      for (const [dependent, { object }] of dependentsOf(uid)) {
        if (object.metadata.deletionTimestamp === undefined) remove(dependent, "Foreground");
      }
      const isBlocked = dependentsOf(uid).some(([, { object }]) =>
        referencesOf(object).some(
          (each) =>
            each.uid === uid && (each as { blockOwnerDeletion?: boolean }).blockOwnerDeletion === true,
        ),
      );
      if (!isBlocked && stored(place) !== undefined) release(place, foregroundFinalizer);
    }
  };

  const track = (place: Place, { before, after, type }: Pick<Change, "before" | "after" | "type">) => {
    const key = `${place.collection.id}/${place.namespace}/${place.name}`;
    const now = type === "DELETED" ? [] : referencesOf(after.object).map((each) => each.uid);
    for (const uid of before ? referencesOf(before.object).map((each) => each.uid) : []) {
      if (now.includes(uid)) continue;
      dependents.get(uid)?.delete(key);
      if (dependents.get(uid)?.size === 0) dependents.delete(uid);
      const owner = living.get(uid);
      if (owner !== undefined) advance(owner);
    }
    for (const uid of now) {
      const places = dependents.get(uid) ?? new Map<string, Place>();
      dependents.set(uid, places.set(key, place));
    }
  };

  /** Made for an owner that went in the meantime: there is nobody left who would see to it. */
  const removeOrphan = (place: Place, object: KubeObject) => {
    const references = referencesOf(object);
    const isOrphan = references.length > 0 && !references.some((each) => living.has(each.uid));
    if (isOrphan && stored(place) !== undefined) remove(place);
  };

  /** An earlier run may have ended between an owner's deletion and that of its dependents. */
  const found: [Place, Stored][] = [...store.collections()].flatMap((collection) =>
    collection
      .list()
      .map((each): [Place, Stored] => [{ collection, namespace: each.namespace, name: each.name }, each]),
  );
  for (const [place, after] of found) {
    if (after.object.metadata.uid !== undefined) living.set(after.object.metadata.uid, place);
    if (after.object.metadata.ownerReferences !== undefined) track(place, { type: "ADDED", after });
  }
  for (const [place, { object }] of found) {
    if (stored(place)?.object !== object) continue;
    if (object.metadata.deletionTimestamp !== undefined) advance(place);
    removeOrphan(place, object);
  }

  store.onChange((collection, change) => {
    const { after, type } = change;
    const place = { collection, namespace: after.namespace, name: after.name };
    const { uid, deletionTimestamp, ownerReferences } = after.object.metadata;
    const isOwned =
      ownerReferences !== undefined || change.before?.object.metadata.ownerReferences !== undefined;
    if (isOwned) track(place, change);
    if (uid === undefined) return;
    if (type === "DELETED") {
      living.delete(uid);
      for (const [dependent, { object }] of dependentsOf(uid)) {
        if (referencesOf(object).some((each) => living.has(each.uid))) forget(dependent, uid);
        else remove(dependent);
      }
      return;
    }
    living.set(uid, place);
    if (deletionTimestamp !== undefined) advance(place);
    if (type === "ADDED") removeOrphan(place, after.object);
  });
}

function referencesOf({ metadata }: KubeObject): OwnerReference[] {
  return metadata.ownerReferences ?? [];
}
