import { type ReasonCode, reason } from "#core/reason/mod.ts";
import { fillMaps } from "./pools.ts";
import { epoch, minute, smallSize, type World, type WorldSize } from "./types.ts";

/** Large enough for every state of an address, small enough for single cells. */
export const promisesSize: WorldSize = { ...smallSize, pools: 3, poolSize: 64, services: 100 };

/** Gives the first pool every promise that annotations can make, and the states that follow from them. */
export function addPromises(world: World): void {
  const [pool] = world.pools;
  if (!pool) throw new Error("world: there is no pool");
  const [web, api] = pool.holders;
  const named = { namespace: "shop", name: "checkout" };
  const free = pool.cells.slice(-14).map((cell) => cell.first);
  // Room at the end of the pool: what the made-up Services held there is nobody's now.
  for (const service of world.services) {
    if (!service.addresses.some((address) => free.includes(address))) continue;
    service.addresses = [];
    delete service.pool;
    service.announcers = [];
    const params = { pool: pool.name, family: "IPv4", used: 48, total: "62", reserved: 1, cooling: 3 };
    service.pending = reason("pool.exhausted-kept-back", params);
  }
  fillMaps(world);
  const set = (offset: number, parts: Partial<(typeof pool.cells)[number]>) => {
    const cell = pool.cells.at(offset);
    if (cell) Object.assign(cell, parts);
  };
  set(-10, { state: "reserved", reservedFor: [named] });
  for (const [index, left] of [2, 7, 58].entries()) {
    set(-9 + index, { state: "cooling", coolsUntil: epoch + left * minute });
  }
  set(-3, { state: "excluded" });
  set(-2, { state: "excluded" });
  set(-1, { state: "excluded" });
  set(5, { state: "kept" });
  set(0, { reservedFor: web?.services ?? [] });
  const kept = pool.holders.find((holder) => holder.address === pool.cells[5]?.first);
  if (kept) kept.kept = "excluded";
  const outside = pool.holders.at(-1);
  if (outside) {
    pool.holders.push({ ...outside, address: "192.168.7.9", kept: "outside" });
  }
  const used = pool.cells.filter(({ state }) => state === "used" || state === "shared").length;
  pool.ipv4 = { total: "60", used, reserved: 1, cooling: 3, excluded: "4", kept: 2 };
  const reservations = [
    { ...named, addresses: [free[4] ?? ""], by: "pool" as const },
    ...(web?.services[0] ? [{ ...web.services[0], addresses: [web.address], by: "service" as const }] : []),
    ...(api ? [{ namespace: "ops", name: "registry", addresses: [api.address], by: "pool" as const }] : []),
  ];
  pool.policies = {
    reservations: reservations.map(({ namespace, name, addresses, by }) => ({
      namespace,
      name,
      addresses,
      by,
    })),
    excluded: [`${free[11]}-${free[13]}`, kept?.address ?? ""],
    quota: {
      namespaces: [
        { namespace: "shop", limit: 20 },
        { namespace: "sandbox", limit: 0 },
      ],
      others: 10,
    },
    reuseAfterMs: 60 * minute,
    onRemoval: "keep",
  };
  const [, second] = world.pools;
  if (second) {
    second.allocation = {
      priority: 10,
      namespaces: ["shop", "platform"],
      namespaceSelectors: ["tier=gold"],
      serviceSelectors: ["exposure=public,zone notin (a,b)"],
    };
    const { total } = second.ipv4;
    second.ipv4 = { ...second.ipv4, used: Number(total) - 8, reserved: 2, cooling: 6 };
  }
  addFindings(world);
  addWaiting(world, pool.name);
}

/** One Service for each reason that a promise can give. */
function addWaiting(world: World, pool: string): void {
  const address = "10.40.0.55";
  const reasons: [ReasonCode, Record<string, string | number>][] = [
    ["pool.quota", { pool, namespace: "sandbox", held: 10, limit: 10 }],
    ["address.cooling", { pool, address, seconds: 3600 }],
    ["address.reserved", { pool, address, service: "shop/checkout" }],
    ["address.excluded", { pool, address }],
    [
      "pool.all-failed",
      { details: 'pool "a" has no free IPv4 address; pool "b" does not serve namespace "x"' },
    ],
  ];
  const [model] = world.services;
  if (!model) return;
  const exhausted = reason("pool.exhausted", { pool: "pool-2", family: "IPv4", used: 64, total: "64" });
  const quota = reason("pool.quota", { pool, namespace: "sandbox", held: 10, limit: 10 });
  for (const [index, [code, params]] of reasons.entries()) {
    const why = reason(code, params);
    const { pool: _, ...rest } = model;
    const refusals =
      code === "pool.all-failed"
        ? [
            { pool, why: quota },
            { pool: "pool-2", why: exhausted },
          ]
        : code === "pool.quota"
          ? [{ pool, why: quota }]
          : undefined;
    world.services.push({
      ...rest,
      namespace: "sandbox",
      name: `waits-${index + 1}`,
      addresses: [],
      announcers: [],
      createdAt: epoch - (index + 1) * 3 * minute,
      pending: why,
      ...(refusals && { refusals }),
      trace: refusals
        ? refusals.map((one) => ({ stage: "pool", subject: one.pool, verdict: "blocked", why: one.why }))
        : [{ stage: "address", subject: address, verdict: "blocked", why }],
      events: [],
    });
  }
  world.attention.unshift({
    severity: "critical",
    kind: "pool-full",
    subject: "pool-2",
    href: "/pools/pool-2",
    count: 1,
    waiting: 3,
  });
}

function addFindings(world: World): void {
  const [pool] = world.pools;
  const found = (
    kind: string,
    name: string,
    path: string,
    code: ReasonCode,
    params: Record<string, string | number>,
  ) => world.findings.push({ severity: "warning", kind, name, path, why: reason(code, params) });
  const range = pool?.ranges[0] ?? "";
  found("IPAddressPool", "first-pool", "spec.addresses[0]", "lint.gateway", { range, address: "10.40.0.1" });
  found("BGPAdvertisement", "everywhere", "spec.peers[0]", "lint.peer-missing", { peer: "spine" });
  found("Service", "shop/web-1", "spec.externalTrafficPolicy", "lint.local-without-selector", {
    address: "10.40.0.0",
    other: "shop/web-2",
  });
}
