import { type ResourceType, resources } from "#k8s/mod.ts";
import { type Cluster, isNotFound } from "./cluster.ts";
import type { Index } from "./index.ts";
import type { Mirror } from "./mirror.ts";
import { type ObjectView, replicaSets } from "./objects.ts";
import type { PodView } from "./pod.ts";

/** A kind that manages others. */
interface OwnerKind {
  readonly resource: ResourceType;
  get(key: string): ObjectView | undefined;
  subscribe(listener: (after: ObjectView | undefined, before: ObjectView | undefined) => void): void;
}

/**
 * Deletes what outlived its owner (background cascade: Deployment, ReplicaSet, pods; Service and slices) and pods of
 * nodes that are gone. An owner that the copies do not hold may only be late: it is asked for before anything goes.
 */
export function runGarbageCollector(cluster: Cluster): void {
  const { deployments, services, nodes, pods } = cluster;
  collect(replicaSets, cluster.replicaSets, cluster.setsByOwner, kind(resources.deployments, deployments));
  collect(
    resources.endpointSlices,
    cluster.slices,
    cluster.slicesByOwner,
    kind(resources.services, services),
  );
  const sets = kind(replicaSets, cluster.replicaSets);
  const lookAtPod = collect(resources.pods, pods, cluster.podsByOwner, sets, isStranded);
  nodes.subscribe((after, before) => {
    if (!after && before) for (const pod of cluster.podsByNode.of(before.name)) lookAtPod(pod.key);
  });

  function collect<T extends ObjectView>(
    resource: ResourceType,
    dependants: Mirror<T>,
    byOwner: Index<T>,
    owner: OwnerKind,
    isLeftBehind?: (object: T) => Promise<boolean>,
  ): (key: string) => void {
    const queue = cluster.queue(`garbage ${resource.plural}`, 8, async (key) => {
      const object = dependants.get(key);
      if (!object || object.deleting) return undefined;
      const isGarbage = (await isOrphan(object, owner)) || (await isLeftBehind?.(object));
      if (isGarbage) await cluster.remove(resource, dependants, object);
      return undefined;
    });
    dependants.subscribe((after, before) => {
      if (after && !before) queue.add(after.key);
    });
    owner.subscribe((after, before) => {
      if (!after && before) for (const object of byOwner.of(before.uid)) queue.add(object.key);
    });
    return (key) => queue.add(key);
  }

  async function isOrphan({ owner, namespace }: ObjectView, kind: OwnerKind): Promise<boolean> {
    if (owner?.kind !== kind.resource.kind) return false;
    if (kind.get(`${namespace}/${owner.name}`)?.uid === owner.uid) return false;
    return (await liveUid(kind.resource, owner.name, namespace)) !== owner.uid;
  }

  async function isStranded({ nodeName }: PodView): Promise<boolean> {
    if (nodeName === "" || nodes.get(nodeName)) return false;
    return (await liveUid(resources.nodes, nodeName)) === undefined;
  }

  async function liveUid(
    resource: ResourceType,
    name: string,
    namespace?: string,
  ): Promise<string | undefined> {
    try {
      return (await cluster.client.get(resource, name, namespace)).metadata.uid;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function kind<T extends ObjectView>(resource: ResourceType, mirror: Mirror<T>): OwnerKind {
  return {
    resource,
    get: (key) => mirror.get(key),
    subscribe: (listener) => mirror.subscribe(listener),
  };
}
