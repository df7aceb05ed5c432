import { expect } from "bun:test";
import type { Pool } from "#core/config/mod.ts";
import { formatAddress, type IpAddress, parseAddress, rangeContains } from "#core/net/mod.ts";
import type { ServiceView } from "#core/service/mod.ts";
import type { World } from "./world.ts";

/** What is checked from one step to the next. */
export interface Snapshot {
  readonly holdings: ReadonlyMap<string, readonly string[]>;
  /** The pool of each address that is held. */
  readonly pools: ReadonlyMap<string, string>;
  /** Until when an address cools down, and who gave it back, where that took more than one step. */
  readonly cooling: ReadonlyMap<
    string,
    { readonly untilMs: number; readonly by: readonly string[] | undefined }
  >;
}

export function snapshot({ book, config }: World, earlier?: Snapshot): Snapshot {
  const cooling = new Map<string, { untilMs: number; by: readonly string[] | undefined }>();
  for (const { name } of config.pools) {
    for (const { first, coolsUntilMs } of book.allocator.cells(name, 4096).cells) {
      if (coolsUntilMs === undefined) continue;
      const text = formatAddress(first);
      const holders = [...(earlier?.holdings ?? [])]
        .filter(([, all]) => all.includes(text))
        .map(([key]) => key);
      const by = holders.length > 0 ? holders : earlier?.cooling.get(text)?.by;
      cooling.set(text, { untilMs: coolsUntilMs, by });
    }
  }
  return {
    holdings: new Map([...book.decisions()].map(({ service, addresses }) => [service, addresses])),
    pools: new Map(
      [...book.decisions()].flatMap(({ service }) =>
        book.allocator.holdingOf(service).map(({ text, pool }) => [text, pool]),
      ),
    ),
    cooling,
  };
}

/** After every step, in whatever state. */
export function check(world: World, before: Snapshot, wasRestarted: boolean): Snapshot {
  // Who gave what back is not told across a restart.
  const after = snapshot(world, wasRestarted ? undefined : before);
  checkOwners(world);
  checkCounters(world);
  if (wasRestarted) checkRestart(world);
  else checkUnmoved(world, before, after);
  checkTaken(world, before, after, wasRestarted);
  checkNobodyWaits(world);
  world.asked.clear();
  return after;
}

/** No address has two owners unless they share it by the rule, which is written down here a second time. */
function checkOwners({ book, seen }: World): void {
  const owners = new Map<string, ServiceView[]>();
  for (const { service, addresses } of book.decisions()) {
    expect(book.allocator.holdingOf(service).map(({ text }) => text)).toEqual([...addresses]);
    const view = seen.get(service)?.view;
    expect(view).toBeDefined();
    for (const address of addresses) if (view) owners.set(address, [...(owners.get(address) ?? []), view]);
  }
  for (const [address, views] of owners) {
    for (const [at, view] of views.entries()) {
      for (const other of views.slice(at + 1)) {
        expect([address, view.name, other.name, mayShare(view, other)]).toEqual([
          address,
          view.name,
          other.name,
          true,
        ]);
      }
    }
  }
}

function mayShare(a: ServiceView, b: ServiceView): boolean {
  const key = (view: ServiceView) => view.annotations["metallb.io/allow-shared-ip"] ?? "";
  const ports = (view: ServiceView) => view.ports.map(({ port, protocol }) => `${port}/${protocol}`);
  return key(a) !== "" && key(a) === key(b) && !ports(a).some((port) => ports(b).includes(port));
}

/** Counters equal the truth: what Services hold by their decisions, and what a map of single addresses shows. */
function checkCounters({ book, config }: World): void {
  const held = new Map(
    [...book.decisions()].flatMap(({ addresses }) => addresses.map((each) => [each, true])),
  );
  for (const pool of config.pools) {
    const use = book.allocator.poolUse(pool.name);
    if (!use) throw new Error(`${pool.name} is in force, but has no counters`);
    const { cells, cellSize } = book.allocator.cells(pool.name, 4096);
    expect(cellSize).toBe(1n);
    for (const family of ["ipv4", "ipv6"] as const) {
      const own = cells.filter(({ first }) => first.family === family);
      const count = (...states: string[]) => own.filter(({ state }) => states.includes(state)).length;
      const owned = addressesOf(pool).filter((each) => each.family === family);
      const inUse = [...held.keys()].filter((text) => owned.some((each) => isText(each, text)));
      const isExcluded = (text: string) => isExcludedIn(pool, parseAddress(text) as IpAddress);
      expect(use.used[family]).toBe(inUse.filter((text) => !isExcluded(text)).length);
      expect(use.used[family]).toBe(count("used", "shared"));
      expect(use.reserved[family]).toBe(count("reserved"));
      expect(use.cooling[family]).toBe(count("cooling"));
      expect(Number(use.total[family])).toBe(count("used", "shared", "reserved", "cooling", "free"));
      expect(Number(use.excluded[family])).toBe(count("excluded", "kept"));
    }
  }
}

/** A valid address never changes but by a change of what its Service asks for. */
function checkUnmoved(world: World, before: Snapshot, after: Snapshot): void {
  for (const [service, had] of before.holdings) {
    if (!after.holdings.has(service) || world.asked.has(service)) continue;
    if (!had.every((text) => mayStay(world, service, text, before.pools.get(text)))) continue;
    expect([service, ...(after.holdings.get(service) ?? []).slice(0, had.length)]).toEqual([service, ...had]);
  }
}

/** What a status says is still so after a restart, where one Service alone has it and pools agree. */
function checkRestart(world: World): void {
  const claims = [...world.api.values()].flatMap(({ view }) =>
    view.type === "LoadBalancer" ? view.ingress : [],
  );
  for (const [key, { view }] of world.api) {
    const { ingress, annotations } = view;
    const isPlain =
      view.ipFamilyPolicy === "SingleStack" && annotations["metallb.io/loadBalancerIPs"] === undefined;
    const pool = annotations["metallb.io/ip-allocated-from-pool"];
    const asked = annotations["metallb.io/address-pool"] ?? pool;
    const isOfFamily = ingress.every(
      (text) => text.includes(":") === (view.clusterIPs[0] ?? "").includes(":"),
    );
    if (view.type !== "LoadBalancer" || !isPlain || ingress.length !== 1 || asked !== pool || !isOfFamily)
      continue;
    if (claims.filter((each) => each === ingress[0]).length > 1) continue;
    const isInForce = world.config.pools.some(
      (each) => each.name === pool && addressesOf(each).some((address) => isText(address, ingress[0] ?? "")),
    );
    const isElsewhere = world.config.pools.some((each) =>
      contains(each, parseAddress(ingress[0] ?? "") as IpAddress),
    );
    const isGone = !isElsewhere && !world.objects.some(({ metadata }) => metadata.name === pool);
    const isMarked = annotations["metallb.io/on-removal"] === "keep" && isGone;
    if (isInForce || isMarked)
      expect([key, ...(world.book.decision(key)?.addresses ?? [])]).toEqual([key, ...ingress]);
  }
}

/** Pools let the Service keep it: it lies in one of them, or the pool that it came from promised so. */
function mayStay(
  { config, rejected, lastVersions, seen }: World,
  service: string,
  text: string,
  pool: string | undefined,
): boolean {
  const { annotations = {} } = seen.get(service)?.view ?? {};
  const asked = annotations["metallb.io/address-pool"];
  const home = config.pools.find((pool) => addressesOf(pool).some((address) => isText(address, text)));
  if (home) return asked === undefined || asked === home.name;
  if (pool === undefined || (asked !== undefined && asked !== pool)) return false;
  if (rejected.has(pool)) return true;
  const present = config.pools.find(({ name }) => name === pool);
  return (present ?? lastVersions.get(pool))?.policy?.onRemoval === "keep";
}

/** What somebody has now and had not before: not excluded, nor another's by reservation, cool-down or quota. */
function checkTaken(world: World, before: Snapshot, after: Snapshot, wasRestarted: boolean): void {
  for (const [service, addresses] of after.holdings) {
    const status = world.seen.get(service)?.view.ingress ?? [];
    for (const text of addresses) {
      // Registered, not given: it has been in the status.
      if (before.holdings.get(service)?.includes(text) || status.includes(text)) continue;
      const address = parseAddress(text) as IpAddress;
      const pool = world.config.pools.find((each) => contains(each, address));
      expect([service, text, pool?.name]).toEqual([service, text, world.book.decision(service)?.pool]);
      if (!pool) continue;
      expect([service, text, isExcludedIn(pool, address)]).toEqual([service, text, false]);
      checkReserved(world, pool, service, address, text);
      const { limit, held } = quotaOf(world, pool, service);
      // A namespace above its quota, which was lowered, may still share what it holds.
      const namespace = service.slice(0, service.indexOf("/") + 1);
      const sharers = world.book.allocator.holdersOf(address)?.services ?? [];
      const isShared = sharers.some((each) => each !== service && each.startsWith(namespace));
      if (!before.holdings.has(service) && !isShared)
        expect([service, held <= limit]).toEqual([service, true]);
      const cooling = wasRestarted ? undefined : before.cooling.get(text);
      const isOver =
        cooling === undefined || (pool.policy?.reuseAfterMs ?? 0) === 0 || cooling.untilMs <= world.now;
      // Who gave it back may have it again, and share it.
      const isBack = sharers.some((each) => cooling?.by?.includes(each));
      if (!isOver && cooling.by) expect([text, service, isBack]).toEqual([text, service, true]);
    }
  }
}

function checkReserved(world: World, pool: Pool, service: string, address: IpAddress, text: string): void {
  const owners = (pool.policy?.reservations ?? [])
    .filter(({ addresses }) =>
      addresses.some((each) => each.value === address.value && each.family === address.family),
    )
    .map((each) => each.service);
  if (owners.length === 0 || owners.includes(service)) return;
  const sharers = world.book.allocator.holdersOf(address)?.services ?? [];
  expect([service, text, sharers.some((each) => owners.includes(each))]).toEqual([service, text, true]);
}

function quotaOf({ book }: World, pool: Pool, service: string): { limit: number; held: number } {
  const namespace = service.slice(0, service.indexOf("/"));
  const { byNamespace, others } = pool.policy?.quota ?? { byNamespace: {}, others: undefined };
  const held = new Set(
    [...book.decisions()]
      .filter((each) => each.service.startsWith(`${namespace}/`))
      .flatMap(({ addresses }) => addresses)
      .filter((text) => addressesOf(pool).some((address) => isText(address, text))),
  );
  return {
    limit: (byNamespace as Record<string, number>)[namespace] ?? others ?? Number.POSITIVE_INFINITY,
    held: held.size,
  };
}

/** Nobody waits for an address that is free for it: judged where one address of any pool is wanted. */
function checkNobodyWaits(world: World): void {
  const { book, seen, config } = world;
  for (const { service, pending, addresses } of book.decisions()) {
    const view = seen.get(service)?.view;
    if (!pending || addresses.length > 0 || !view || view.clusterIPs.length > 1) continue;
    if (view.annotations["metallb.io/loadBalancerIPs"] !== undefined) continue;
    const asked = view.annotations["metallb.io/address-pool"];
    const family = view.clusterIPs[0]?.includes(":") ? "ipv6" : "ipv4";
    for (const pool of config.pools) {
      if (asked === undefined ? !pool.autoAssign : asked !== pool.name) continue;
      const { limit, held } = quotaOf(world, pool, service);
      if (held >= limit) continue;
      const free = book.allocator
        .cells(pool.name, 4096)
        .cells.find(
          ({ first, state, reservedFor }) =>
            first.family === family &&
            (state === "free" || (state === "reserved" && reservedFor?.includes(service))),
        );
      expect([service, free?.first]).toEqual([service, undefined]);
    }
  }
}

function contains(pool: Pool, address: IpAddress): boolean {
  return pool.ranges.some((range) => rangeContains(range, address));
}

function isExcludedIn(pool: Pool, address: IpAddress): boolean {
  return pool.policy?.excluded.some((range) => rangeContains(range, address)) ?? false;
}

/** Those that its Services may have, excluded ones included. */
export function addressesOf(pool: Pool): IpAddress[] {
  return pool.ranges.flatMap(({ first, last }) => {
    const all: IpAddress[] = [];
    for (let value = first.value; value <= last.value; value++) {
      const isBuggy = pool.avoidBuggyIPs && first.family === "ipv4" && [0n, 255n].includes(value & 255n);
      if (!isBuggy) all.push({ family: first.family, value });
    }
    return all;
  });
}

function isText(address: IpAddress, text: string): boolean {
  const parsed = parseAddress(text);
  return parsed?.family === address.family && parsed.value === address.value;
}
