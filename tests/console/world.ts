/** Made-up clusters for the console's tests: what a port would answer with, generated the same way every time. */
import { formatAddress, parseAddress } from "#core/net/mod.ts";
import { reason } from "#core/reason/mod.ts";
import type {
  AttentionItem,
  BgpSessionRow,
  ConsolePort,
  Layer2Row,
  Move,
  PoolDetail,
  ServiceDetail,
  SpeakerRow,
} from "#server/mod.ts";

export type Issue = ReturnType<ConsolePort["issues"]>[number];

export interface World {
  now: number;
  pools: PoolDetail[];
  services: ServiceDetail[];
  layer2: Layer2Row[];
  moves: Move[];
  sessions: BgpSessionRow[];
  speakers: SpeakerRow[];
  issues: Issue[];
  attention: AttentionItem[];
  apiConnected: boolean;
}

/** 2030-03-04 05:06:07 UTC. */
const epoch = Date.UTC(2030, 2, 4, 5, 6, 7);
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export function emptyWorld(): World {
  return {
    now: epoch,
    pools: [],
    services: [],
    layer2: [],
    moves: [],
    sessions: [],
    speakers: [],
    issues: [],
    attention: [],
    apiConnected: true,
  };
}

export interface WorldSize {
  nodes: number;
  pools: number;
  /** Addresses of each pool. */
  poolSize: number;
  services: number;
  peers: number;
}

export const smallSize: WorldSize = { nodes: 3, pools: 1, poolSize: 11, services: 5, peers: 1 };
export const largeSize: WorldSize = { nodes: 40, pools: 20, poolSize: 512, services: 10_000, peers: 8 };

const apps = ["web", "api", "queue", "metrics", "git", "mail", "dns", "registry", "grafana", "minio"];
const teams = ["shop", "platform", "billing", "search", "media", "ops"];

function nodeName(index: number): string {
  return `node${index + 1}`;
}

function addressAt(base: string, offset: number): string {
  const first = parseAddress(base);
  if (!first) throw new Error(`world: "${base}" is no address`);
  return formatAddress({ family: first.family, value: first.value + BigInt(offset) });
}

/** A cluster of that size, with a little of everything that can go wrong. */
export function makeWorld(size: WorldSize): World {
  const world = emptyWorld();
  const nodes = Array.from({ length: size.nodes }, (_, index) => nodeName(index));
  addPools(world, size);
  addServices(world, size, nodes);
  addLayer2(world, nodes);
  fillMaps(world);
  addSessions(world, size, nodes);
  addSpeakers(world, nodes);
  addMoves(world, nodes);
  addAttention(world);
  return world;
}

function poolBase(index: number, size: WorldSize): string {
  return size.pools === 1 ? "192.168.1.240" : `10.${40 + index}.0.0`;
}

function addPools(world: World, size: WorldSize): void {
  for (let index = 0; index < size.pools; index++) {
    const first = poolBase(index, size);
    const last = addressAt(first, size.poolSize - 1);
    const name =
      index === 0
        ? "first-pool"
        : index === 1
          ? "production-public-internet-facing-addresses"
          : `pool-${index}`;
    world.pools.push({
      name,
      ranges: [`${first}-${last}`],
      autoAssign: index !== 2,
      avoidBuggyIPs: index === 1,
      ipv4: { total: String(size.poolSize), used: 0 },
      ipv6: index === 3 ? { total: String(2n ** 64n), used: 12 } : { total: "0", used: 0 },
      serviceCount: 0,
      l2Advertisements: index === 4 ? [] : ["example"],
      bgpAdvertisements: index % 3 === 1 ? ["everywhere"] : [],
      cells: [],
      cellSize: "1",
      holders: [],
    });
  }
}

function addServices(world: World, size: WorldSize, nodes: string[]): void {
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

function macOf(node: string): string {
  const number = Number(node.replace(/\D/g, ""));
  return `02:42:c0:a8:01:${number.toString(16).padStart(2, "0")}`;
}

function addLayer2(world: World, nodes: string[]): void {
  for (const service of world.services) {
    const [address] = service.addresses;
    if (address === undefined) continue;
    const leader = service.announcers.find((one) => one.protocol === "layer2")?.node;
    const others = nodes.filter((node) => node !== leader).slice(0, 7);
    const nobody = reason("announce.no-endpoints");
    world.layer2.push({
      address,
      services: [{ namespace: service.namespace, name: service.name }],
      leaders:
        leader === undefined
          ? []
          : [
              {
                node: leader,
                interfaces: ["eth0"],
                mac: macOf(leader),
                since: epoch - 3 * hour,
                gratuitousAt: epoch - 2 * hour,
              },
            ],
      candidates: [
        ...(leader === undefined
          ? []
          : [{ node: leader, rank: 1, why: reason("announce.won", { node: leader, count: nodes.length }) }]),
        ...others.map((node, index) => ({
          node,
          rank: leader === undefined || index === 6 ? 0 : index + 2,
          why:
            leader === undefined
              ? nobody
              : index === 6
                ? reason("announce.node-network-unavailable", { node })
                : reason("announce.lost", { node, winner: leader }),
        })),
      ],
    });
  }
}

/** One cell per address, with the first two of the first pool's addresses shared and one avoided where it is asked. */
export function fillMaps(world: World): void {
  for (const pool of world.pools) {
    const held = world.services.filter((service) => service.pool === pool.name);
    const byAddress = new Map(held.map((service) => [service.addresses[0], service]));
    const [first = ""] = (pool.ranges[0] ?? "").split("-");
    pool.holders = [];
    pool.cells = Array.from({ length: Number(pool.ipv4.total) }, (_, offset) => {
      const address = addressAt(first, offset);
      const service = byAddress.get(address);
      const cell = { first: address, last: address, size: "1" };
      if (!service) {
        const isAvoided = pool.avoidBuggyIPs && /\.(0|255)$/.test(address);
        return { ...cell, used: 0, state: isAvoided ? "avoided" : "free" } as const;
      }
      const { namespace, name, ports, announcers } = service;
      const partner = { namespace, name: `${name}-dns`, ports: ["53/UDP"] };
      const isShared = offset % 50 === 1;
      pool.holders.push({
        address,
        pool: pool.name,
        services: [{ namespace, name, ports }, ...(isShared ? [partner] : [])],
        announcers,
      });
      return { ...cell, used: 1, state: isShared ? "shared" : "used", holder: { namespace, name } } as const;
    });
  }
}

const states = ["Established", "Established", "Established", "Active", "OpenSent"] as const;

function addSessions(world: World, size: WorldSize, nodes: string[]): void {
  nodes.forEach((node, row) => {
    for (let column = 0; column < size.peers; column++) {
      if (row % 9 === 8 && column % 3 === 2) continue;
      const state = states[(row * 3 + column) % (size.peers === 1 ? 4 : 47)] ?? "Established";
      const isUp = state === "Established";
      world.sessions.push({
        node,
        peer: column === 0 ? "router" : `top-of-rack-${column}`,
        address: column === 3 ? "2001:db8:0:1::1" : `192.168.${1 + column}.1`,
        port: 179,
        myASN: 64_512,
        peerASN: 64_513 + column,
        state,
        since: epoch - (isUp ? 2 * day + row * hour : 95 * second),
        ...(isUp ? { uptimeMs: 2 * day, holdTimeMs: 90_000, keepaliveTimeMs: 30_000 } : {}),
        prefixesSent: isUp ? 240 : 0,
        prefixesReceived: 0,
        ...(isUp
          ? {}
          : {
              lastError: {
                at: epoch - 100 * second,
                text: "NOTIFICATION received: OPEN Message Error, Bad Peer AS (64512 is not what the peer expects)",
              },
            }),
        flaps: isUp ? 0 : 4,
        capabilities: ["multiprotocol IPv4 unicast", "route refresh", "four-octet AS numbers"],
      });
    }
  });
}

function addSpeakers(world: World, nodes: string[]): void {
  nodes.forEach((node, index) => {
    const sessions = world.sessions.filter((session) => session.node === node);
    const isSilent = index === 1 && nodes.length > 3;
    world.speakers.push({
      node,
      pod: `speaker-${(index * 7919 + 4096).toString(36)}x`,
      address: `192.168.1.${11 + index}`,
      answers: !isSilent,
      ...(isSilent
        ? { lastSeen: epoch - 42 * second, error: "connect ECONNREFUSED 192.168.1.12:7472" }
        : { lastSeen: epoch, version: "0.1.0", startedAt: epoch - 9 * day }),
      announcedLayer2: world.layer2.filter((row) => row.leaders.some((leader) => leader.node === node))
        .length,
      announcedBgp: sessions.length === 0 ? 0 : 240,
      sessionsUp: sessions.filter((session) => session.state === "Established").length,
      sessionsTotal: sessions.length,
      members: nodes.length,
      recordOnly: index === 2 && nodes.length > 3,
    });
  });
}

function addMoves(world: World, nodes: string[]): void {
  const addresses = world.layer2.slice(0, 9).map((row) => row.address);
  addresses.forEach((address, index) => {
    const from = nodes[index % nodes.length] ?? "";
    const to = nodes[(index + 1) % nodes.length] ?? "";
    const isLoss = index % 3 === 0;
    world.moves.push({
      at: epoch - (index + 1) * (index + 1) * 47 * second,
      address,
      from,
      to,
      why: isLoss ? reason("move.node-lost", { from }) : reason("move.preferred", { to }),
      tookMs: isLoss ? 612 + index * 31 : 38,
    });
  });
}

function addAttention(world: World): void {
  const silent = world.speakers.find((speaker) => !speaker.answers);
  if (silent) {
    world.attention.push({
      severity: "critical",
      kind: "speaker-silent",
      subject: silent.node,
      text: silent.error ?? "",
      href: "/speakers",
      since: silent.lastSeen ?? epoch,
      count: 1,
    });
  }
  const down = world.sessions.filter((session) => session.state !== "Established");
  const [firstDown] = down;
  if (firstDown) {
    world.attention.push({
      severity: "warning",
      kind: "session-down",
      subject: `${firstDown.node} → ${firstDown.peer}`,
      text: firstDown.lastError?.text ?? "",
      href: "/bgp",
      since: firstDown.since,
      count: down.length,
    });
  }
  const waiting = world.services.filter((service) => service.addresses.length === 0);
  const [firstWaiting] = waiting;
  if (firstWaiting?.pending) {
    world.attention.push({
      severity: "warning",
      kind: "service-pending",
      subject: `${firstWaiting.namespace}/${firstWaiting.name}`,
      why: firstWaiting.pending,
      href: "/services?state=pending",
      since: epoch - 40 * second,
      count: waiting.length,
    });
  }
}
