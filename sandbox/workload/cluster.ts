import {
  type Clock,
  createInformer,
  EventRecorder,
  type KubeClient,
  KubeError,
  type KubeObject,
  type Logger,
  type ResourceType,
  resources,
} from "#k8s/mod.ts";
import { type DeploymentView, deploymentView } from "./deployment.ts";
import { type OwnSliceView, ownSliceView } from "./endpoint_slice.ts";
import { Mirror } from "./mirror.ts";
import { type WorkerNodeView, workerNodeView } from "./node.ts";
import { type LeaseView, leaseView, nodeLeaseNamespace } from "./node_lease.ts";
import { Index, labelPair, labelPairs, ownerUid } from "./object_index.ts";
import { leases, type ObjectView, replicaSets } from "./objects.ts";
import { type PodView, podView } from "./pod.ts";
import { type ReplicaSetView, replicaSetView } from "./replica_set.ts";
import { type SelectingServiceView, selectingServiceView } from "./service.ts";
import { WorkQueue } from "./work_queue.ts";

export interface ClusterOptions {
  log: Logger;
  signal: AbortSignal;
  clock: Clock;
}

/** What all controllers share: the copies of the kinds they read, indexes over them, and the way to write. */
export class Cluster {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly deployments: Mirror<DeploymentView>;
  readonly replicaSets: Mirror<ReplicaSetView>;
  readonly pods: Mirror<PodView>;
  readonly nodes: Mirror<WorkerNodeView>;
  readonly services: Mirror<SelectingServiceView>;
  readonly slices: Mirror<OwnSliceView>;
  readonly leases: Mirror<LeaseView>;
  readonly setsByOwner: Index<ReplicaSetView>;
  readonly podsByOwner: Index<PodView>;
  /** Pods without a node are under the empty name. */
  readonly podsByNode: Index<PodView>;
  readonly podsByLabel: Index<PodView>;
  /** By the first pair of the selector; the others are looked at afterwards. */
  readonly servicesByLabel: Index<SelectingServiceView>;
  readonly slicesByService: Index<OwnSliceView>;
  readonly #options: ClusterOptions;
  readonly #queues: WorkQueue[] = [];

  constructor(client: KubeClient, options: ClusterOptions) {
    this.client = client;
    this.clock = options.clock;
    this.#options = options;
    this.deployments = this.#mirror(resources.deployments, deploymentView);
    this.replicaSets = this.#mirror(replicaSets, replicaSetView);
    this.pods = this.#mirror(resources.pods, podView);
    this.nodes = this.#mirror(resources.nodes, workerNodeView);
    this.services = this.#mirror(resources.services, selectingServiceView);
    this.slices = this.#mirror(resources.endpointSlices, ownSliceView);
    this.leases = this.#mirror(leases, leaseView, nodeLeaseNamespace);
    this.setsByOwner = new Index(this.replicaSets, ownerUid);
    this.podsByOwner = new Index(this.pods, ownerUid);
    this.podsByNode = new Index(this.pods, (pod) => [pod.nodeName]);
    this.podsByLabel = new Index(this.pods, labelPairs);
    this.servicesByLabel = new Index(this.services, ({ namespace, selector }) => {
      const [first] = Object.entries(selector);
      return first ? [labelPair(namespace, ...first)] : [];
    });
    this.slicesByService = new Index(this.slices, ({ service }) => (service ? [service] : []));
  }

  /** A queue that opens when every copy is complete. */
  queue(name: string, workers: number, handle: (key: string) => Promise<number | undefined>): WorkQueue {
    const queue = new WorkQueue({ name, handle, workers, ...this.#options });
    this.#queues.push(queue);
    return queue;
  }

  recorder(component: string): EventRecorder {
    return new EventRecorder(this.client, { component, log: this.#options.log, clock: this.clock });
  }

  /** Deletes; one that is gone already is what was wanted. */
  async remove<T extends ObjectView>(resource: ResourceType, mirror: Mirror<T>, object: T): Promise<void> {
    try {
      await this.client.remove(resource, object.name, object.namespace || undefined);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      mirror.lost(object);
    }
  }

  async open(): Promise<void> {
    const mirrors = [
      this.deployments,
      this.replicaSets,
      this.pods,
      this.nodes,
      this.services,
      this.slices,
      this.leases,
    ];
    await Promise.all(mirrors.map((mirror) => mirror.whenSynced()));
    for (const queue of this.#queues) queue.open();
  }

  #mirror<T extends ObjectView>(
    resource: ResourceType,
    project: (object: KubeObject) => T,
    namespace?: string,
  ): Mirror<T> {
    const { log, signal, clock } = this.#options;
    const scope = namespace ? { namespace } : {};
    return new Mirror(
      createInformer(this.client, { resource, project, log, signal, clock, ...scope }),
      project,
    );
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.code === 404;
}
