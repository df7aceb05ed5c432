import { labelOfNode, resources } from "#k8s/mod.ts";
import type { BgpSessionRow } from "#server/ports.ts";
import { OwnStatuses, type StatusKind, type StatusWriterOptions } from "./own_statuses.ts";

/** MetalLB's fields. */
interface ServiceStatus {
  readonly node: string;
  readonly serviceName: string;
  readonly serviceNamespace: string;
  /** BGPPeer names, sorted. */
  readonly peers: readonly string[];
}

/** The fields of frr-k8s's BGPSessionState, and the BGPPeer's name. */
interface SessionStatus {
  readonly node: string;
  /** The peer's address; of an unnumbered peer its interface. */
  readonly peer: string;
  readonly bgpPeer: string;
  readonly vrf?: string;
  readonly bgpStatus: "Established" | "Active" | "Idle";
  readonly bfdStatus: "Up" | "Down" | "N/A";
}

const labels = {
  serviceName: "metallb.io/service-name",
  serviceNamespace: "metallb.io/service-namespace",
  peer: "metallb.io/peer",
  vrf: "metallb.io/vrf",
} as const;

const serviceKind: StatusKind<ServiceStatus> = {
  resource: resources.serviceBgpStatuses,
  generateName: "bgp-",
  labelsOf: ({ serviceName, serviceNamespace }) => ({
    [labels.serviceName]: serviceName,
    [labels.serviceNamespace]: serviceNamespace,
  }),
  keyOf: (found) => {
    const [namespace, name] = [found[labels.serviceNamespace], found[labels.serviceName]];
    return namespace && name && `${namespace}/${name}`;
  },
};

const sessionKind: StatusKind<SessionStatus> = {
  resource: resources.bgpSessionStates,
  generateName: "session-",
  labelsOf: ({ bgpPeer, vrf }) => ({
    [labels.peer]: labelOfNode(bgpPeer),
    ...(vrf !== undefined && { [labels.vrf]: vrf }),
  }),
  keyOf: (found) => found[labels.peer],
};

/** Keeps both kinds at what this node does. */
export class BgpStatuses {
  readonly #node: string;
  readonly #services: OwnStatuses<ServiceStatus>;
  readonly #sessions: OwnStatuses<SessionStatus>;

  constructor(options: StatusWriterOptions) {
    this.#node = options.node;
    this.#services = new OwnStatuses(serviceKind, options);
    this.#sessions = new OwnStatuses(sessionKind, options);
  }

  /** The first decision is taken. */
  start(): void {
    this.#services.start();
    this.#sessions.start();
  }

  /** The peers that a Service's routes are meant for, whether or not their sessions are up; none: no object. */
  servicePeers(service: string, peers: readonly string[]): void {
    const [serviceNamespace = "", serviceName = ""] = service.split("/");
    const status = { node: this.#node, serviceName, serviceNamespace, peers: peers.toSorted() };
    this.#services.set(service, peers.length > 0 ? status : undefined);
  }

  /** All sessions of the node. */
  sessions(rows: readonly Omit<BgpSessionRow, "node">[]): void {
    const gone = new Set(this.#sessions.keys());
    for (const row of rows) {
      const key = labelOfNode(row.peer);
      gone.delete(key);
      this.#sessions.set(key, {
        node: this.#node,
        peer: row.address,
        bgpPeer: row.peer,
        ...(row.vrf !== undefined && { vrf: row.vrf }),
        bgpStatus: bgpStatus(row),
        bfdStatus: row.bfd === undefined ? "N/A" : row.bfd === "up" ? "Up" : "Down",
      });
    }
    for (const key of gone) this.#sessions.set(key, undefined);
  }
}

/** A session that is tried again and again goes through four states a second: that is one status, not many writes. */
function bgpStatus({ state, isWaiting }: Omit<BgpSessionRow, "node">): SessionStatus["bgpStatus"] {
  if (state === "Established") return "Established";
  return isWaiting ? "Idle" : "Active";
}
