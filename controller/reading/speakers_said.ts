import { type KubeClient, type KubeObject, type PodView, type ResourceType, resources } from "#k8s/mod.ts";
import type { SpeakerState } from "#server/ports.ts";

interface Sources {
  client: Pick<KubeClient, "list">;
  namespace: string;
  /** `namespace/name` -> its addresses. */
  addressesOf(service: string): readonly string[];
}

/** What the status objects of one node say. */
interface Said {
  announcements: SpeakerState["announcements"];
  routes: SpeakerState["routes"];
  sessions: SpeakerState["sessions"];
}

/**
 * What speakers wrote down of themselves: ServiceL2Status, ServiceBGPStatus (MetalLB's speakers write them, too) and
 * BGPSessionState. It is what can be known of speakers without reaching their Pods.
 */
export class WrittenStates {
  readonly #byNode = new Map<string, Said>();

  /** A kind that is not installed or may not be listed counts as one without objects. */
  static async read({ client, namespace, addressesOf }: Sources): Promise<WrittenStates> {
    const states = new WrittenStates();
    const list = async (kind: ResourceType): Promise<KubeObject[]> =>
      (await client.list(kind, { namespace }).catch(() => ({ items: [] }))).items;
    const [layer2, bgp, sessions, peers] = await Promise.all(
      [
        resources.serviceL2Statuses,
        resources.serviceBgpStatuses,
        resources.bgpSessionStates,
        resources.bgpPeers,
      ].map(list),
    );
    for (const object of layer2 ?? []) states.#addLayer2(object, addressesOf);
    for (const object of bgp ?? []) states.#addBgp(object, addressesOf);
    for (const object of sessions ?? []) states.#addSession(object, peers ?? []);
    return states;
  }

  /** In the words in which the speaker of this Pod would answer. */
  stateOf({ name, nodeName = name }: PodView): SpeakerState {
    const said = this.#byNode.get(nodeName) ?? nothing();
    return {
      version: 1,
      node: nodeName,
      pod: name,
      build: "",
      startedAt: 0,
      recordOnly: false,
      members: [],
      moves: [],
      issues: [],
      ...said,
    };
  }

  #addLayer2(object: KubeObject, addressesOf: Sources["addressesOf"]): void {
    const { node, serviceName, serviceNamespace, interfaces } = fields(object);
    const names = Array.isArray(interfaces) ? interfaces.map(({ name }) => String(name)) : [];
    const service = `${serviceNamespace}/${serviceName}`;
    for (const address of addressesOf(service)) {
      this.#of(node).announcements.push({
        address,
        services: [service],
        protocol: "layer2",
        // None named means all of them.
        interfaces: (names.length > 0 ? names : ["*"]).map((name) => ({ name, mac: "" })),
        since: createdAt(object),
        requests: 0,
        responses: 0,
        gratuitous: 0,
      });
    }
  }

  #addBgp(object: KubeObject, addressesOf: Sources["addressesOf"]): void {
    const { node, serviceName, serviceNamespace, peers } = fields(object);
    const service = `${serviceNamespace}/${serviceName}`;
    for (const prefix of addressesOf(service)) {
      this.#of(node).routes.push({
        prefix,
        services: [service],
        peers: Array.isArray(peers) ? peers.map(String) : [],
        since: createdAt(object),
      });
    }
  }

  #addSession(object: KubeObject, peers: readonly KubeObject[]): void {
    const { node, peer, bgpPeer, bgpStatus, bfdStatus, vrf } = fields(object);
    const spec = peers.find(({ metadata }) => metadata.name === bgpPeer)?.spec as
      | { myASN?: number; peerASN?: number; peerPort?: number }
      | undefined;
    this.#of(node).sessions.push({
      peer: String(bgpPeer),
      address: String(peer),
      port: spec?.peerPort ?? 179,
      myASN: spec?.myASN ?? 0,
      ...(spec?.peerASN && { peerASN: spec.peerASN }),
      state: bgpStatus === "Established" || bgpStatus === "Active" ? bgpStatus : "Idle",
      since: createdAt(object),
      prefixesSent: 0,
      prefixesReceived: 0,
      flaps: 0,
      capabilities: [],
      ...(typeof vrf === "string" && { vrf }),
      ...(bfdStatus === "Up" && { bfd: "up" as const }),
      ...(bfdStatus === "Down" && { bfd: "down" as const }),
    });
  }

  #of(node: unknown): Said {
    const known = this.#byNode.get(String(node)) ?? nothing();
    this.#byNode.set(String(node), known);
    return known;
  }
}

function nothing(): Said {
  return { announcements: [], routes: [], sessions: [] };
}

function fields(object: KubeObject): Record<string, unknown> {
  return (object.status ?? {}) as Record<string, unknown>;
}

function createdAt({ metadata }: KubeObject): number {
  return Date.parse(String(metadata.creationTimestamp ?? "")) || 0;
}
