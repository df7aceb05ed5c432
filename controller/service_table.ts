import { compareAddress, type IpAddress, parseAddress } from "#core/net/mod.ts";
import type { Decision } from "#core/service/mod.ts";
import type { VersionedService } from "#k8s/mod.ts";
import type { ServicePage, ServiceQuery, ServiceRow } from "#server/ports.ts";
import { pageOf } from "./pages.ts";
import { poolRefusals } from "./pool_refusals.ts";

interface Sources {
  view(service: string): VersionedService | undefined;
  decision(service: string): Decision | undefined;
  endpointsReady(service: string): number;
  announcers(decision: Decision): ServiceRow["announcers"];
  whyUnannounced(decision: Decision): ServiceRow["pending"];
}

export type ServiceState = "pending" | "unannounced" | "assigned";

interface Entry {
  key: string;
  row: ServiceRow;
  state: ServiceState;
  /** Everything that a search looks through, in lower case. */
  text: string;
  address: IpAddress | undefined;
}

/**
 * The Services that this controller serves, as rows. A row is made when it is first asked for after a change, so that
 * a search over 10,000 of them compares texts that are there already.
 */
export class ServiceTable {
  readonly #sources: Sources;
  /** Undefined: to be made anew. */
  readonly #entries = new Map<string, Entry | undefined>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  touch(service: string): void {
    if (this.#isServed(service)) this.#entries.set(service, undefined);
    else this.#entries.delete(service);
  }

  /** Facts that every row may show have changed. */
  touchAll(): void {
    for (const key of this.#entries.keys()) this.#entries.set(key, undefined);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  stateOf(service: string): ServiceState | undefined {
    return this.#entry(service)?.state;
  }

  counts(): { total: number; assigned: number; pending: number } {
    let pending = 0;
    for (const key of this.#entries.keys()) if (this.#entry(key)?.state === "pending") pending++;
    return { total: this.#entries.size, assigned: this.#entries.size - pending, pending };
  }

  row(service: string): ServiceRow | undefined {
    const entry = this.#entry(service);
    return entry && this.#explained(entry);
  }

  query(query: ServiceQuery): ServicePage {
    const search = query.search.trim().toLowerCase();
    const found: Entry[] = [];
    const counts = { all: 0, assigned: 0, pending: 0, unannounced: 0 };
    for (const key of this.#entries.keys()) {
      const entry = this.#entry(key);
      if (!entry?.text.includes(search)) continue;
      for (const state of filters) if (isWanted(entry, state)) counts[state]++;
      if (isWanted(entry, query.state)) found.push(entry);
    }
    const order = orders[query.sort];
    const direction = query.descending ? -1 : 1;
    found.sort((a, b) => direction * (order(a, b) || byKey(a, b)));
    return { ...pageOf(found, query, (entry) => this.#explained(entry)), counts };
  }

  #isServed(service: string): boolean {
    const decision = this.#sources.decision(service);
    const view = this.#sources.view(service);
    return (
      view?.type === "LoadBalancer" &&
      decision !== undefined &&
      decision.pending?.code !== "service.other-class"
    );
  }

  #entry(key: string): Entry | undefined {
    if (!this.#entries.has(key)) return undefined;
    const known = this.#entries.get(key);
    if (known) return known;
    const view = this.#sources.view(key);
    const decision = this.#sources.decision(key);
    if (!view || !decision) return undefined;
    const announcers = this.#sources.announcers(decision);
    const { pool, pending } = decision;
    const addresses = [...decision.addresses];
    const row: ServiceRow = {
      namespace: view.namespace,
      name: view.name,
      addresses,
      ...(pool !== undefined && addresses.length > 0 && { pool }),
      ports: view.ports.map(({ port, protocol }) => `${port}/${protocol}`),
      externalTrafficPolicy: view.externalTrafficPolicy,
      endpointsReady: this.#sources.endpointsReady(key),
      announcers,
      createdAt: view.creationTimestampMs,
      ...(pending && { pending }),
    };
    const entry: Entry = {
      key,
      row,
      state: addresses.length === 0 ? "pending" : announcers.length === 0 ? "unannounced" : "assigned",
      text: [key, ...addresses, row.pool ?? "", ...announcers.map((one) => one.node)]
        .join("\n")
        .toLowerCase(),
      address: parseAddress(addresses[0] ?? ""),
    };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Says which pools refuse it, or why nobody announces it: asked only for rows that are shown. */
  #explained({ row, state, key }: Entry): ServiceRow {
    const decision = this.#sources.decision(key);
    if (state === "pending" && decision) {
      const refusals = poolRefusals(decision.trace);
      return refusals.length > 0 ? { ...row, refusals } : row;
    }
    if (state !== "unannounced" || row.pending || !decision) return row;
    const pending = this.#sources.whyUnannounced(decision);
    return pending ? { ...row, pending } : row;
  }
}

const filters = ["all", "assigned", "pending", "unannounced"] as const;

function isWanted(entry: Entry, state: ServiceQuery["state"]): boolean {
  if (state === "all") return true;
  return state === "assigned" ? entry.state !== "pending" : entry.state === state;
}

const stateRank: Record<ServiceState, number> = { pending: 0, unannounced: 1, assigned: 2 };

const orders: Record<ServiceQuery["sort"], (a: Entry, b: Entry) => number> = {
  name: byKey,
  // Without an address last.
  address: (a, b) =>
    a.address && b.address ? compareAddress(a.address, b.address) : a.address ? -1 : b.address ? 1 : 0,
  pool: (a, b) => compareText(a.row.pool ?? "\uffff", b.row.pool ?? "\uffff"),
  // The youngest first.
  age: (a, b) => b.row.createdAt - a.row.createdAt,
  state: (a, b) => stateRank[a.state] - stateRank[b.state],
};

function byKey(a: Entry, b: Entry): number {
  return compareText(a.key, b.key);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
