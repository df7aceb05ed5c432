/** Short ways to write Services and pools, for the tests of this room. */
import type { Pool, PoolPolicy, ServiceAllocation } from "#core/config/mod.ts";
import { type AddressRange, parseAddress, parsePrefix, prefixToRange } from "#core/net/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import {
  type Decision,
  onRemovalAnnotation,
  poolAnnotation,
  ServiceBook,
  type ServiceBookOptions,
  type ServiceView,
} from "./mod.ts";

export function pool(name: string, ranges: string[], options: Partial<Pool> = {}): Pool {
  return { name, labels: {}, ranges: ranges.map(range), autoAssign: true, avoidBuggyIPs: false, ...options };
}

/** What a pool's annotations say. */
export function policy(options: Partial<PoolPolicy>): { policy: PoolPolicy } {
  return { policy: { excluded: [], reservations: [], recorded: [], reuseAfterMs: 0, ...options } };
}

export function allocation(options: Partial<ServiceAllocation>): { serviceAllocation: ServiceAllocation } {
  const serviceAllocation = {
    priority: 0,
    namespaces: [],
    namespaceSelectors: [],
    serviceSelectors: [],
    ...options,
  };
  return { serviceAllocation };
}

export function range(text: string): AddressRange {
  const prefix = parsePrefix(text);
  if (prefix) return prefixToRange(prefix);
  const [first, last] = text.split("-").map(parseAddress);
  if (!first || !last) throw new Error(text);
  return { first, last };
}

/** A LoadBalancer Service of IPv4 with port 80; the digits of its name say when it was created. */
export function view(name: string, options: Partial<ServiceView> = {}): ServiceView {
  return {
    namespace: "default",
    name,
    uid: `uid-${name}`,
    creationTimestampMs: Number(name.replace(/\D/g, "")) * 1000,
    labels: {},
    annotations: {},
    type: "LoadBalancer",
    clusterIPs: ["10.96.0.1"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    externalTrafficPolicy: "Cluster",
    selector: { app: name },
    ports: [{ name: "http", protocol: "TCP", port: 80 }],
    ingress: [],
    ...options,
  };
}

export const dualStack: Partial<ServiceView> = {
  clusterIPs: ["10.96.0.1", "fd00::1"],
  ipFamilies: ["IPv4", "IPv6"],
  ipFamilyPolicy: "PreferDualStack",
};

export function asks(annotations: Record<string, string>): Partial<ServiceView> {
  const named = Object.entries(annotations).map(([name, value]) => [
    name.includes("/") ? name : `metallb.io/${name}`,
    value,
  ]);
  return { annotations: Object.fromEntries(named) };
}

/** The Service as it looks when the decision was written into it. */
export function written(view: ServiceView, decision: Decision | undefined): ServiceView {
  const { [poolAnnotation]: _pool, [onRemovalAnnotation]: _onRemoval, ...rest } = view.annotations;
  const annotations = {
    ...rest,
    ...(decision?.pool !== undefined && { [poolAnnotation]: decision.pool }),
    ...(decision?.outlivesPool && { [onRemovalAnnotation]: "keep" }),
  };
  return { ...view, annotations, ingress: decision?.addresses ?? [] };
}

/** A book that gives addresses, with nobody in it. */
export function running(pools: readonly Pool[], loadBalancerClass?: string): ServiceBook {
  const book = new ServiceBook(loadBalancerClass === undefined ? {} : { loadBalancerClass });
  book.setPools(pools);
  book.startAllocating();
  return book;
}

/** Writes every decision back at once, as a driver with a fast API server would; gives what was decided. */
export function apply(book: ServiceBook, ...views: ServiceView[]): Decision[] {
  return views.flatMap((each) => settleWrites(book, book.upsert(each)));
}

export function settleWrites(book: ServiceBook, decisions: readonly Decision[]): Decision[] {
  for (const { service, needsWrite } of decisions) {
    const seen = book.view(service);
    if (needsWrite && seen) book.upsert(written(seen, book.decision(service)));
  }
  return [...decisions];
}

/** `name: address address (pool)` or `name: why it waits`, of all Services. */
export function state(book: ServiceBook): Record<string, string> {
  const entries = [...book.decisions()].map((decision) => [
    decision.service.replace("default/", ""),
    show(decision),
  ]);
  return Object.fromEntries(entries.sort());
}

export function show({ addresses, pool, pending }: Decision): string {
  if (pending) return reasonText(pending);
  return addresses.length === 0 ? "-" : `${addresses.join(" ")} (${pool})`;
}

/** `name: Reason message` of every event. */
export function events(decisions: readonly Decision[]): string[] {
  return decisions.flatMap(({ service, events }) =>
    events.map(
      ({ type, reason, message }) => `${service.replace("default/", "")}: ${type} ${reason}: ${message}`,
    ),
  );
}

/** What a controller sees after a restart: the objects as they were last written, in this order. */
export function restart(
  pools: readonly Pool[],
  services: readonly ServiceView[],
  options: ServiceBookOptions = {},
): ServiceBook {
  const book = new ServiceBook(options);
  const [half, rest] = [services.slice(0, services.length >> 1), services.slice(services.length >> 1)];
  for (const each of half) book.upsert(each);
  book.setPools(pools);
  for (const each of rest) book.upsert(each);
  settleWrites(book, book.startAllocating());
  return book;
}

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

/** The Services as the API server has them. */
export function objects(book: ServiceBook): ServiceView[] {
  return [...book.decisions()].map(({ service }) => book.view(service) as ServiceView);
}
