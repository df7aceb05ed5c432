import {
  createInformer,
  type KubeClient,
  type KubeObject,
  type Logger,
  resources,
  systemClock,
} from "#k8s/mod.ts";
import { metallbNamespace } from "../options.ts";
import { Mirror } from "../workload/mirror.ts";
import { WorkQueue } from "../workload/mod.ts";
import { controlledBy, type ObjectView, objectView } from "../workload/objects.ts";
import { type PodView, podView } from "../workload/pod.ts";
import { nameSuffix } from "../workload/template_hash.ts";
import { daemonSets } from "./kinds.ts";

/** A DaemonSet (apps/v1); its template is copied and never understood. */
export interface DaemonSetView extends ObjectView {
  readonly template: { readonly metadata?: { labels?: Record<string, string> }; readonly spec?: object };
  readonly status: unknown;
}

/** On each Pod: the generation of the template it was made from. */
const generationLabel = "pod-template-generation";

export interface DaemonSetPlan {
  /** Nodes that lack a Pod. */
  readonly create: readonly string[];
  readonly remove: readonly PodView[];
  readonly status: Readonly<Record<string, number>>;
}

/**
 * A Pod for every node, and after a change of the template one new Pod after the other (RollingUpdate with its default
 * maxUnavailable of 1). Pods that are on their way out still hold their node.
 */
export function planDaemonSet(
  set: Pick<DaemonSetView, "generation">,
  pods: readonly PodView[],
  nodes: readonly string[],
): DaemonSetPlan {
  const isCurrent = (pod: PodView) => pod.labels[generationLabel] === String(set.generation);
  const active = pods.filter((pod) => !pod.deleting && nodes.includes(pod.nodeName));
  const ready = active.filter((pod) => pod.ready).length;
  const create = nodes.filter((node) => !pods.some((pod) => pod.nodeName === node));
  // One that is not ready serves nobody: it goes first, and costs nothing.
  const outdated = active.filter((pod) => !isCurrent(pod)).sort((a, b) => Number(a.ready) - Number(b.ready));
  const mayTakeDown = ready === nodes.length || outdated[0]?.ready === false;
  return {
    create,
    remove: mayTakeDown ? outdated.slice(0, 1) : [],
    status: {
      currentNumberScheduled: active.length,
      desiredNumberScheduled: nodes.length,
      numberMisscheduled: 0,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: nodes.length - ready,
      updatedNumberScheduled: active.filter(isCurrent).length,
      observedGeneration: set.generation,
    },
  };
}

/** The DaemonSet controller for the speakers on the sandbox's nodes. */
export function runDaemonSet(
  client: KubeClient,
  nodes: readonly string[],
  options: { log: Logger; signal: AbortSignal },
): void {
  const clock = systemClock;
  const own = { ...options, namespace: metallbNamespace };
  const sets = new Mirror(createInformer(client, { ...own, resource: daemonSets, project: view }), view);
  const pods = new Mirror(
    createInformer(client, { ...own, resource: resources.pods, project: podView }),
    podView,
  );
  const queue = new WorkQueue({ name: "daemonsets", handle: reconcile, workers: 1, clock, ...options });
  sets.subscribe((after) => after && queue.add(after.key));
  pods.subscribe((after, before) => {
    const { owner, namespace } = after ?? before ?? {};
    if (owner?.kind === "DaemonSet") queue.add(`${namespace}/${owner.name}`);
  });
  void Promise.all([sets.whenSynced(), pods.whenSynced()]).then(() => queue.open());

  async function reconcile(key: string): Promise<undefined> {
    const set = sets.get(key);
    if (!set || set.deleting) return;
    const owned = [...pods.values()].filter(({ owner }) => owner?.uid === set.uid);
    const { create, remove, status } = planDaemonSet(set, owned, nodes);
    for (const node of create) pods.written(await client.create(resources.pods, podFor(set, node)));
    for (const pod of remove) await client.remove(resources.pods, pod.name, pod.namespace);
    if (Bun.deepEquals(status, set.status)) return;
    const target = { name: set.name, namespace: set.namespace, subresource: "status" } as const;
    sets.written(await client.patch(daemonSets, target, "merge", { status }));
  }

  function podFor(set: DaemonSetView, node: string): KubeObject {
    const { metadata, spec } = set.template;
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...metadata,
        name: `${set.name}-${nameSuffix(() => clock.random())}`,
        generateName: `${set.name}-`,
        namespace: set.namespace,
        labels: { ...metadata?.labels, [generationLabel]: String(set.generation) },
        ownerReferences: controlledBy(set, "apps/v1", "DaemonSet"),
      },
      // The real controller binds by node affinity and the scheduler; the outcome is the same.
      spec: { ...spec, nodeName: node },
    };
  }
}

function view(object: KubeObject): DaemonSetView {
  const { template } = object.spec as Pick<DaemonSetView, "template">;
  return { ...objectView(object), template, status: object.status ?? {} };
}
