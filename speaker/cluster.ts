import { drainAnnotation, parseDrain } from "#core/announce/mod.ts";
import {
  type BgpPeer,
  type ConfigIssue,
  type ConfigResources,
  overridePeers,
  selectsNode,
} from "#core/config/mod.ts";
import type { NodeView } from "#core/service/mod.ts";
import {
  announcedServiceView,
  announcedSliceView,
  type Clock,
  type ConfigObject,
  configObject,
  createInformer,
  type Informer,
  type KubeClient,
  type Logger,
  nodeView,
  podView,
  type ResourceType,
  resources,
  secretFacts,
  serviceL2StatusView,
  systemClock,
  type Verdict,
} from "#k8s/mod.ts";

/** Local copies of everything a speaker decides from. */
export function watchCluster(
  client: KubeClient,
  namespace: string,
  speakerLabels: string,
  log: Logger,
  signal: AbortSignal,
  clock: Clock = systemClock,
) {
  const everywhere = { log, signal, clock };
  const own = { ...everywhere, namespace };
  const config = (resource: ResourceType) =>
    createInformer(client, { ...own, resource, project: configObject });
  const cluster = {
    services: createInformer(client, {
      ...everywhere,
      resource: resources.services,
      project: announcedServiceView,
    }),
    slices: createInformer(client, {
      ...everywhere,
      resource: resources.endpointSlices,
      labelSelector: "kubernetes.io/service-name",
      project: announcedSliceView,
    }),
    nodes: createInformer(client, { ...everywhere, resource: resources.nodes, project: nodeView }),
    speakers: createInformer(client, {
      ...own,
      resource: resources.pods,
      labelSelector: speakerLabels,
      project: podView,
    }),
    pools: config(resources.ipAddressPools),
    l2Advertisements: config(resources.l2Advertisements),
    bgpAdvertisements: config(resources.bgpAdvertisements),
    peers: config(resources.bgpPeers),
    bfdProfiles: config(resources.bfdProfiles),
    communities: config(resources.communities),
    /** Who announces what, as every speaker writes it down: the incumbents. */
    l2Statuses: createInformer(client, {
      ...own,
      resource: resources.serviceL2Statuses,
      project: serviceL2StatusView,
    }),
    /** For the passwords of BGPPeers. */
    secrets: createInformer(client, { ...own, resource: resources.secrets, project: secretFacts }),
  };
  return cluster;
}

export type Cluster = ReturnType<typeof watchCluster>;

const configKinds = [
  "pools",
  "l2Advertisements",
  "bgpAdvertisements",
  "peers",
  "bfdProfiles",
  "communities",
] as const satisfies readonly (keyof Cluster)[];

/** Every kind is known: listed, or refused by the API server (forbidden, or a kind it does not have). */
export async function whenAnswered(cluster: Cluster): Promise<void> {
  await Promise.all(Object.values(cluster).map((informer) => informer.whenAnswered()));
}

/** Calls back after a change of any configuration object. */
export function onConfigChange(cluster: Cluster, listener: () => void): void {
  for (const kind of configKinds) {
    onAnyChange(cluster[kind], listener);
    // Of a kind that could not be listed it may turn out that there is none.
    cluster[kind].onConnection(listener);
  }
  cluster.secrets.onConnection(listener);
  cluster.secrets.subscribe({
    // Other Secrets of the namespace, such as Helm's, change nothing that is used here.
    changed: (after, before) => {
      if (!Bun.deepEquals(after, before)) listener();
    },
    removed: listener,
  });
}

/** Calls back when the node appears, or has other labels or annotations. */
export function onRelabelled({ nodes }: Cluster, nodeName: string, listener: () => void): void {
  nodes.subscribe({
    changed(after, before) {
      if (after.name !== nodeName) return;
      const of = (node: typeof before) => [node?.labels, node?.annotations];
      if (!Bun.deepEquals(of(after), of(before))) listener();
    },
    removed() {},
  });
}

export function onAnyChange<T>(informer: Informer<T>, listener: () => void): void {
  informer.subscribe({ changed: listener, removed: listener });
}

/** The issues of objects that concern the node, as MetalLB since 0.16: peers and BGP advertisements may not. */
export function issuesOn(nodeName: string, cluster: Cluster, issues: readonly ConfigIssue[]): ConfigIssue[] {
  const labels = cluster.nodes.get(nodeName)?.labels ?? {};
  const nodeBound = new Map(
    [...cluster.peers.values(), ...cluster.bgpAdvertisements.values()].map((object) => [
      `${object.kind}/${object.metadata.name}`,
      object,
    ]),
  );
  return issues.filter(({ kind, name }) => {
    const object = nodeBound.get(`${kind}/${name}`);
    return !object || selectsNode(object, labels);
  });
}

/** What is wrong with the node's own annotations. */
export function issuesOfNode(node: NodeView, peers: readonly BgpPeer[]): ConfigIssue[] {
  const { issues } = overridePeers(peers, node);
  const drain = parseDrain(node.annotations ?? {});
  if (!("wrong" in drain)) return issues;
  const path = `metadata.annotations["${drainAnnotation}"]`;
  return [...issues, { kind: "Node", name: node.name, path, code: "node.drain", message: drain.wrong }];
}

/** What this node's speaker makes of the configuration. */
export function verdictOn(cluster: Cluster, issues: readonly ConfigIssue[]): Verdict {
  const unread = configKinds.filter((kind) => !cluster[kind].synced);
  return {
    issues: issues.map(({ kind, name, message }) => `${kind} "${name}": ${message}`),
    ...(unread.length > 0 && {
      unknown: unread
        .map((kind) => `cannot list ${kind}: ${cluster[kind].lastError ?? "no answer yet"}`)
        .join("\n"),
    }),
  };
}

/** The objects as `parseConfig` takes them. */
export function configResources(
  cluster: Cluster,
  nodeName: string,
): Record<(typeof configKinds)[number], ConfigObject[]> & ConfigResources {
  const { secrets } = cluster;
  const node = cluster.nodes.get(nodeName);
  return {
    ...configObjects(cluster),
    // What conflicts on another node only is no concern of this one.
    ...(node && { nodes: [node] }),
    secrets: secrets.synced
      ? [...secrets.values()]
      : { unreadable: secrets.lastError ?? "they have not been listed yet" },
  };
}

/** The objects of the configuration as they are there now. */
export function configObjects(cluster: Cluster): Record<(typeof configKinds)[number], ConfigObject[]> {
  return {
    pools: [...cluster.pools.values()],
    l2Advertisements: [...cluster.l2Advertisements.values()],
    bgpAdvertisements: [...cluster.bgpAdvertisements.values()],
    peers: [...cluster.peers.values()],
    bfdProfiles: [...cluster.bfdProfiles.values()],
    communities: [...cluster.communities.values()],
  };
}
