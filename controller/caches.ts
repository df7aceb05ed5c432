import {
  type Clock,
  configObject,
  createInformer,
  type EventView,
  endpointSliceView,
  eventView,
  type Informer,
  type KubeClient,
  type Logger,
  namespaceView,
  nodeView,
  podView,
  type ResourceType,
  resources,
  serviceView,
  speakerSelector,
  systemClock,
} from "#k8s/mod.ts";

/** Local copies of everything the controller decides from and shows. */
export function openCaches(
  client: KubeClient,
  namespace: string,
  log: Logger,
  signal: AbortSignal,
  clock: Clock = systemClock,
  speakers: string = speakerSelector,
  after?: Promise<unknown>,
) {
  const everywhere = { log, signal, clock, ...(after && { after }) };
  const own = { ...everywhere, namespace };
  const config = (resource: ResourceType) =>
    createInformer(client, { ...own, resource, project: configObject });
  return {
    services: createInformer(client, { ...everywhere, resource: resources.services, project: serviceView }),
    namespaces: createInformer(client, {
      ...everywhere,
      resource: resources.namespaces,
      project: namespaceView,
    }),
    nodes: createInformer(client, { ...everywhere, resource: resources.nodes, project: nodeView }),
    slices: createInformer(client, {
      ...everywhere,
      resource: resources.endpointSlices,
      labelSelector: "kubernetes.io/service-name",
      project: endpointSliceView,
    }),
    speakers: createInformer(client, {
      ...own,
      resource: resources.pods,
      labelSelector: speakers,
      project: podView,
    }),
    /** For the console only. */
    events: createInformer<EventView>(client, {
      ...everywhere,
      resource: resources.events,
      fieldSelector: "involvedObject.kind=Service",
      project: eventView,
    }),
    pools: config(resources.ipAddressPools),
    l2Advertisements: config(resources.l2Advertisements),
    bgpAdvertisements: config(resources.bgpAdvertisements),
    peers: config(resources.bgpPeers),
    bfdProfiles: config(resources.bfdProfiles),
    communities: config(resources.communities),
  };
}

export type Caches = ReturnType<typeof openCaches>;

/** The kinds of metallb.io, by the names that `parseConfig` takes them under. */
export const configKinds = [
  "pools",
  "l2Advertisements",
  "bgpAdvertisements",
  "peers",
  "bfdProfiles",
  "communities",
] as const satisfies readonly (keyof Caches)[];

/**
 * Resolves when allocating is safe: every Service and every pool is known, so that no address is given away which
 * somebody holds. The other kinds may be refused (no permission, not installed) without stopping the product.
 */
export async function whenComplete(caches: Caches): Promise<void> {
  const { services, pools, events: _events, speakers: _speakers, ...others } = caches;
  await Promise.all([
    services.whenSynced(),
    pools.whenSynced(),
    ...Object.values(others).map((informer) => informer.whenAnswered()),
  ]);
}

/** Calls back after any change of the copy. */
export function onAnyChange<T>(informer: Informer<T>, listener: () => void): void {
  informer.subscribe({ changed: listener, removed: listener });
}
