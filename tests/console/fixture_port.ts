import type {
  AuthPort,
  ConsolePort,
  Identity,
  Overview,
  Page,
  ServiceDetail,
  ServicePage,
  ServiceQuery,
  Topic,
} from "#server/mod.ts";
import { membershipOf, speakerDetail, type World } from "./world/mod.ts";

/** A ConsolePort over a {@link World}: test data, and the searching and sorting that the real port does in earnest. */
export class FixturePort implements ConsolePort {
  readonly #listeners = new Set<(topic: Topic) => void>();

  constructor(readonly world: World) {}

  /** Says that something of the topic has changed. */
  poke(topic: Topic): void {
    for (const listener of this.#listeners) listener(topic);
  }

  subscribe(listener: (topic: Topic) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  now(): number {
    return this.world.now;
  }

  overview(): Overview {
    const { pools, sessions, speakers, moves, issues, attention, services, layer2, now, apiConnected } =
      this.world;
    const leaders = new Map<string, number>();
    for (const row of layer2) {
      for (const { node } of row.leaders) leaders.set(node, (leaders.get(node) ?? 0) + 1);
    }
    const pending = services.filter((service) => service.addresses.length === 0).length;
    return {
      attention,
      pools,
      sessions,
      speakers,
      leaders: [...leaders].map(([node, addresses]) => ({ node, addresses })),
      moves,
      services: { total: services.length, assigned: services.length - pending, pending },
      issues,
      api: { connected: apiConnected, since: now },
      ...(!apiConnected && { cachedSince: now - 90_000 }),
    };
  }

  pools() {
    return this.world.pools;
  }

  pool(name: string) {
    return this.world.pools.find((pool) => pool.name === name);
  }

  services(query: ServiceQuery): ServicePage {
    const wanted = query.search.toLowerCase();
    const found = this.world.services.filter(
      (service) => wanted === "" || haystack(service).includes(wanted),
    );
    const counts = { all: 0, assigned: 0, pending: 0, unannounced: 0 };
    for (const service of found) {
      for (const state of ["all", "assigned", "pending", "unannounced"] as const) {
        if (isInState(service, state)) counts[state]++;
      }
    }
    const rows = found.filter((service) => isInState(service, query.state)).sort(compareBy(query.sort));
    if (query.descending) rows.reverse();
    return { ...pageOf(rows, query.page, query.pageSize), counts };
  }

  service(namespace: string, name: string) {
    return this.world.services.find((service) => service.namespace === namespace && service.name === name);
  }

  layer2(query: { search: string; page: number; pageSize: number }) {
    const wanted = query.search.toLowerCase();
    const rows = this.world.layer2.filter((row) =>
      [
        row.address,
        ...row.services.map((one) => `${one.namespace}/${one.name}`),
        ...row.leaders.map((one) => one.node),
      ]
        .join(" ")
        .toLowerCase()
        .includes(wanted),
    );
    return pageOf(rows, query.page, query.pageSize);
  }

  moves(limit: number) {
    return this.world.moves.slice(0, limit);
  }

  sessions() {
    return this.world.sessions;
  }

  speakers() {
    return this.world.speakers;
  }

  speaker(node: string) {
    return speakerDetail(this.world, node);
  }

  membership() {
    return membershipOf(this.world);
  }

  issues() {
    return this.world.issues;
  }

  findings() {
    return this.world.findings;
  }
}

function isInState(service: ServiceDetail, state: ServiceQuery["state"]): boolean {
  const hasAddress = service.addresses.length > 0;
  if (state === "assigned") return hasAddress;
  if (state === "pending") return !hasAddress;
  return state === "all" || (hasAddress && service.announcers.length === 0);
}

function haystack(service: ServiceDetail): string {
  const { namespace, name, addresses, pool, announcers } = service;
  const nodes = announcers.map((one) => one.node);
  return [`${namespace}/${name}`, ...addresses, pool ?? "", ...nodes].join(" ").toLowerCase();
}

function compareBy(sort: ServiceQuery["sort"]): (a: ServiceDetail, b: ServiceDetail) => number {
  const key = (service: ServiceDetail): string | number => {
    if (sort === "age") return -service.createdAt;
    if (sort === "address") return service.addresses[0] ?? "";
    if (sort === "pool") return service.pool ?? "";
    if (sort === "state") return service.addresses.length === 0 ? 0 : service.announcers.length === 0 ? 1 : 2;
    return `${service.namespace}/${service.name}`;
  };
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

function pageOf<Row>(rows: Row[], page: number, pageSize: number): Page<Row> {
  return { rows: rows.slice((page - 1) * pageSize, page * pageSize), total: rows.length, page, pageSize };
}

export const goodToken = "let-me-in";
export const identity: Identity = { username: "system:serviceaccount:metallb-system:console", groups: [] };

/** Knows one token; `isAway` makes it reject as when the API server is away. */
export class FixtureAuth implements AuthPort {
  isAway = false;
  valid = new Set([goodToken]);
  /** Valid for the next question only, as the sandbox's link is. */
  oneTime = new Set<string>();
  /** Valid, of somebody who may not see what is shown. */
  forbidden = new Set<string>();
  asked = 0;

  async authenticate(token: string): Promise<Identity | undefined> {
    this.asked++;
    if (this.isAway) throw new Error("connect ECONNREFUSED");
    if (this.forbidden.has(token)) return { ...identity, isForbidden: true };
    return this.valid.has(token) || this.oneTime.delete(token) ? identity : undefined;
  }
}
