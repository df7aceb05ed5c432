import { reason } from "#core/reason/mod.ts";
import { day, epoch, hour, second, type World, type WorldSize } from "./types.ts";

const states = ["Established", "Established", "Established", "Active", "OpenSent"] as const;

function macOf(node: string): string {
  const number = Number(node.replace(/\D/g, ""));
  return `02:42:c0:a8:01:${number.toString(16).padStart(2, "0")}`;
}

export function addLayer2(world: World, nodes: string[]): void {
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

export function addSessions(world: World, size: WorldSize, nodes: string[]): void {
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

export function addSpeakers(world: World, nodes: string[]): void {
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

export function addMoves(world: World, nodes: string[]): void {
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
