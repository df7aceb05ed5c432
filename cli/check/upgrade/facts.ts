import {
  type ConfigObject,
  configObject,
  type KubeClient,
  KubeError,
  type KubeObject,
  type NamespaceView,
  namespaceView,
  nodeView,
  type ResourceType,
  resources,
  serviceView,
  type VersionedService,
} from "#k8s/mod.ts";
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  daemonSets,
  frrConfigurations,
  roleBindings,
  roles,
} from "../../kinds.ts";

/** Undefined: it could not be read, and {@link UpgradeFacts.unread} says why. */
type Read<T> = T | undefined;

/** A cluster as the check finds it. */
export interface UpgradeFacts {
  readonly namespace: string;
  /** Of all namespaces where that is allowed, else of MetalLB's. */
  readonly deployments: Read<readonly KubeObject[]>;
  readonly daemonSets: Read<readonly KubeObject[]>;
  readonly definitions: Read<readonly KubeObject[]>;
  readonly webhooks: Read<readonly KubeObject[]>;
  readonly rights: Read<{
    readonly roles: readonly KubeObject[];
    readonly bindings: readonly KubeObject[];
  }>;
  /** MetalLB's ConfigMaps, and kube-system's that tell of the network; only those that are there. */
  readonly configMaps: ReadonlyMap<string, KubeObject>;
  readonly namespaces: Read<readonly KubeObject[]>;
  readonly nodes: Read<readonly ReturnType<typeof nodeView>[]>;
  readonly services: Read<readonly VersionedService[]>;
  readonly configuration: Readonly<Record<ConfigKind, readonly ConfigObject[]>>;
  /** Kinds of the configuration that could not be read; their list above is empty. */
  readonly unreadKinds: ReadonlySet<ConfigKind>;
  readonly frrConfigurations: Read<readonly KubeObject[]>;
  /** The Secret of the ring; null: there is none. */
  readonly ringSecret: Read<KubeObject | null>;
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

export const configKinds = {
  pools: resources.ipAddressPools,
  l2Advertisements: resources.l2Advertisements,
  bgpAdvertisements: resources.bgpAdvertisements,
  peers: resources.bgpPeers,
  bfdProfiles: resources.bfdProfiles,
  communities: resources.communities,
} as const;
export type ConfigKind = keyof typeof configKinds;

const ownMaps = ["config", "bgpextras", "metallb-excludel2", "metallb-memberlist-config"];
const systemMaps = ["kube-proxy", "cilium-config", "calico-config"];

/** Reads with nothing but get and list; what is refused is noted, and the rest goes on. */
export async function readFacts(
  client: KubeClient,
  namespace: string,
  ringSecretName: (
    deployments: readonly KubeObject[] | undefined,
    daemonSets: readonly KubeObject[] | undefined,
  ) => string | undefined,
): Promise<UpgradeFacts> {
  const unread: { what: string; why: string }[] = [];
  const attempt = async <T>(what: string, ask: () => Promise<T>, absent: T): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return absent;
      if (!(error instanceof KubeError) || (error.code !== 403 && error.code !== 401)) throw error;
      unread.push({ what, why: error.message });
      return undefined;
    }
  };
  const list = (resource: ResourceType, inside?: string) =>
    attempt(
      inside === undefined ? resource.plural : `${resource.plural} of ${inside}`,
      async () => (await client.list(resource, inside === undefined ? {} : { namespace: inside })).items,
      [] as KubeObject[],
    );
  /** Everywhere, or where that is refused in MetalLB's namespace. */
  const wide = async (resource: ResourceType) => (await list(resource)) ?? (await list(resource, namespace));

  const [deployments, daemons, definitions, webhooks, namespaces, nodes, services, frr] = await Promise.all([
    wide(resources.deployments),
    wide(daemonSets),
    list(resources.customResourceDefinitions),
    list(resources.validatingWebhookConfigurations),
    list(resources.namespaces),
    list(resources.nodes),
    list(resources.services),
    list(frrConfigurations),
  ]);
  const granted = await Promise.all([
    list(clusterRoles),
    list(roles, namespace),
    list(clusterRoleBindings),
    list(roleBindings, namespace),
  ]);
  const maps = await Promise.all(
    [...ownMaps.map((name) => [namespace, name]), ...systemMaps.map((name) => ["kube-system", name])].map(
      ([inside = "", name = ""]) =>
        attempt(`configmap ${inside}/${name}`, () => client.get(configMaps, name, inside), undefined),
    ),
  );
  const configuration: Record<ConfigKind, ConfigObject[]> = {
    pools: [],
    l2Advertisements: [],
    bgpAdvertisements: [],
    peers: [],
    bfdProfiles: [],
    communities: [],
  };
  const unreadKinds = new Set<ConfigKind>();
  for (const kind of Object.keys(configKinds) as ConfigKind[]) {
    const found = await list(configKinds[kind], namespace);
    if (found) configuration[kind] = found.map(configObject);
    else unreadKinds.add(kind);
  }
  const secretName = ringSecretName(deployments, daemons);
  const ringSecret =
    secretName === undefined
      ? null
      : await attempt<KubeObject | null>(
          `secret ${secretName}`,
          () => client.get(resources.secrets, secretName, namespace),
          null,
        );
  const [clusterWide, own, clusterBound, bound] = granted;
  return {
    namespace,
    deployments,
    daemonSets: daemons,
    definitions,
    webhooks,
    rights:
      clusterWide && own && clusterBound && bound
        ? { roles: [...clusterWide, ...own], bindings: [...clusterBound, ...bound] }
        : undefined,
    configMaps: new Map(maps.flatMap((map) => (map ? [[map.metadata.name, map] as const] : []))),
    namespaces,
    nodes: nodes?.map(nodeView),
    services: services?.map(serviceView),
    configuration,
    unreadKinds,
    frrConfigurations: frr,
    ringSecret,
    unread,
  };
}

export function labelsOfNamespaces(facts: UpgradeFacts): NamespaceView[] {
  return (facts.namespaces ?? []).map(namespaceView);
}
