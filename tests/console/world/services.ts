import { reason } from "#core/reason/mod.ts";
import type { ServiceDetail } from "#server/mod.ts";
import { addressAt, poolBase } from "./pools.ts";
import { epoch, minute, second, type World, type WorldSize } from "./types.ts";

const apps = ["web", "api", "queue", "metrics", "git", "mail", "dns", "registry", "grafana", "minio"];
const teams = ["shop", "platform", "billing", "search", "media", "ops"];

export function addServices(world: World, size: WorldSize, nodes: string[]): void {
  for (let index = 0; index < size.services; index++) {
    const pool = world.pools[Math.floor(index / Math.max(1, size.poolSize - 2)) % size.pools];
    if (!pool) throw new Error("world: there is no pool");
    const name =
      index === 7
        ? "a-service-whose-name-is-as-long-as-kubernetes-allows-it-to-be-63ch"
        : `${apps[index % apps.length]}-${index + 1}`;
    const namespace = teams[index % teams.length] ?? "default";
    const isPending = index % 1_000 === 2;
    const isUnannounced = index % 1_000 === 4;
    const address = addressAt(poolBase(world.pools.indexOf(pool), size), pool.ipv4.used);
    const node = nodes[(index * 7) % nodes.length] ?? "";
    const announcers: ServiceDetail["announcers"] =
      isPending || isUnannounced
        ? []
        : [
            { node, protocol: "layer2" },
            ...(pool.bgpAdvertisements.length === 0
              ? []
              : nodes.map((one) => ({ node: one, protocol: "bgp" as const }))),
          ];
    const createdAt = epoch - (index + 1) * 37 * minute;
    const pending = isPending
      ? reason("pool.exhausted", {
          pool: pool.name,
          family: "IPv4",
          used: size.poolSize,
          total: size.poolSize,
        })
      : isUnannounced
        ? reason("announce.no-endpoints")
        : undefined;
    if (!isPending) pool.ipv4.used++;
    pool.serviceCount++;
    world.services.push({
      namespace,
      name,
      addresses: isPending ? [] : [address],
      ...(isPending ? {} : { pool: pool.name }),
      ports: index % 5 === 0 ? ["80/TCP", "443/TCP"] : ["443/TCP"],
      externalTrafficPolicy: index % 4 === 0 ? "Local" : "Cluster",
      endpointsReady: isUnannounced ? 0 : 1 + (index % 5),
      announcers,
      createdAt,
      ...(pending === undefined ? {} : { pending }),
      trace: traceOf({ pool: pool.name, address, node, nodes, isPending, isUnannounced, size }),
      events: isPending
        ? [
            {
              at: epoch - 40 * second,
              type: "Warning",
              reason: "AllocationFailed",
              message: `Failed to allocate IP for "${namespace}/${name}": pool "${pool.name}" has no free IPv4 address`,
              source: "metallb-controller",
              count: 3,
            },
          ]
        : [
            {
              at: createdAt + second,
              type: "Normal",
              reason: "IPAllocated",
              message: `Assigned IP ["${address}"]`,
              source: "metallb-controller",
              count: 1,
            },
            {
              at: createdAt + 2 * second,
              type: "Normal",
              reason: "nodeAssigned",
              message: `announcing from node "${node}" with protocol "layer2"`,
              source: "metallb-speaker",
              count: 1,
            },
          ],
    });
  }
}

interface TraceFacts {
  pool: string;
  address: string;
  node: string;
  nodes: string[];
  isPending: boolean;
  isUnannounced: boolean;
  size: WorldSize;
}

function traceOf(facts: TraceFacts): ServiceDetail["trace"] {
  const { pool, address, node, nodes, isPending, isUnannounced, size } = facts;
  const exhausted = reason("pool.exhausted", {
    pool,
    family: "IPv4",
    used: size.poolSize,
    total: size.poolSize,
  });
  const start: ServiceDetail["trace"] = [
    {
      stage: "pool",
      subject: "on-request",
      verdict: "skipped",
      why: reason("pool.not-auto-assign", { pool: "on-request" }),
    },
  ];
  if (isPending) return [...start, { stage: "pool", subject: pool, verdict: "blocked", why: exhausted }];
  const given = reason("service.assigned", { address, pool });
  const head: ServiceDetail["trace"] = [
    ...start,
    { stage: "pool", subject: pool, verdict: "chosen", why: given },
    { stage: "address", subject: address, verdict: "chosen", why: given },
  ];
  if (isUnannounced) {
    return [
      ...head,
      {
        stage: "advertisement",
        subject: "example",
        verdict: "blocked",
        why: reason("announce.no-endpoints"),
      },
    ];
  }
  return [
    ...head,
    { stage: "advertisement", subject: "example", verdict: "chosen", why: given },
    ...nodes.map((one) => ({
      stage: "node" as const,
      subject: one,
      verdict: one === node ? ("chosen" as const) : ("skipped" as const),
      why:
        one === node
          ? reason("announce.won", { node, count: nodes.length })
          : reason("announce.lost", { node: one, winner: node }),
    })),
    {
      stage: "announcer",
      subject: node,
      verdict: "chosen",
      why: reason("announce.won", { node, count: nodes.length }),
    },
  ];
}
