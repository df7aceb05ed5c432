import { reason } from "#core/reason/mod.ts";
import type { BfdSessionRow, MembershipSummary, SpeakerDetail } from "#server/mod.ts";
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
                counters: { requests: 1_204 + world.layer2.length, responses: 1_204, gratuitous: 42 },
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

/** The states that an address passes through, one each: a foreign host, a probe, a hand-over. */
export function addLayer2States(world: World, nodes: string[]): void {
  const [, conflicted, probed, yielded] = world.layer2.filter((row) => row.leaders.length === 1);
  const [leader] = conflicted?.leaders ?? [];
  if (conflicted && leader) {
    const { node, mac: ownMac } = leader;
    const conflict = { address: conflicted.address, mac: "00:11:32:a4:5b:6c", ownMac, interface: "eth0" };
    const since = epoch - 4 * 60 * second;
    conflicted.conflicts = [{ ...conflict, phase: "owned", since, lastAt: epoch - second, node }];
    leader.interfaces = ["eth0", "eth1"];
    leader.macs = [ownMac, ownMac.replace(/^02/, "06")];
  }
  const [asking] = probed?.leaders ?? [];
  if (asking) {
    Object.assign(asking, { phase: "probing", interfaces: [], mac: "", since: epoch - second });
    delete asking.gratuitousAt;
    delete asking.counters;
  }
  const [giving] = yielded?.leaders ?? [];
  const heir = nodes.find((node) => node !== giving?.node);
  if (giving && heir !== undefined) giving.yieldingTo = heir;
}

function bfdOf(isUp: boolean): BfdSessionRow {
  return {
    peers: ["router"],
    address: "192.168.1.1",
    vrf: "",
    isMultihop: false,
    state: isUp ? "Up" : "Down",
    remoteState: isUp ? "Up" : "Down",
    since: epoch - (isUp ? 2 * day : 95 * second),
    localDiscr: 1,
    remoteDiscr: isUp ? 2 : 0,
    transmitIntervalMs: isUp ? 300 : 1_000,
    ...(isUp ? { detectionTimeMs: 900 } : { diagnostic: "Control Detection Time Expired" }),
    ...(!isUp && { lastDown: { at: epoch - 95 * second, why: "Control Detection Time Expired" } }),
    counters: { controlIn: 9, controlOut: 9, echoIn: 0, echoOut: 0, up: 1, down: isUp ? 0 : 1, discarded: 0 },
  };
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
        // Every other peer is watched by BFD.
        ...(column % 2 === 0 && { bfd: isUp ? "up" : "down", bfdSession: bfdOf(isUp) }),
        capabilities: ["ipv4-unicast", "ipv6-unicast", "route refresh", "4-octet AS"],
        ...(isUp && {
          peerName: "tor-1.rack-7",
          families: [
            { family: "ipv4" as const, sent: 12, received: 3 },
            { family: "ipv6" as const, sent: 0, received: 1 },
          ],
        }),
        messages: {
          sent: { opens: 5, updates: 31, notifications: 0, keepalives: 18_224, routeRefreshes: 0 },
          received: {
            opens: 5,
            updates: 2,
            notifications: isUp ? 0 : 4,
            keepalives: 18_219,
            routeRefreshes: 1,
          },
        },
        log: [
          { at: epoch - 160 * second, direction: "sent", text: "OPEN AS 64500, hold time 90 s" },
          { at: epoch - 100 * second, direction: "received", text: "UPDATE End-of-RIB ipv4-unicast" },
        ],
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
      ...(isSilent || nodes.length <= 3
        ? {}
        : { membersBy: { ring: nodes.length - 2, memberlist: 1, pod: 0 } }),
      ...(index === 3 && { isDraining: true }),
      ...(index === 4 && { isRingBlocked: true }),
    });
  });
}

/** What a speaker's own page shows; of a small cluster everything is well. */
export function speakerDetail(world: World, node: string): SpeakerDetail | undefined {
  const row = world.speakers.find((speaker) => speaker.node === node);
  if (!row) return undefined;
  const others = world.speakers.filter((speaker) => speaker.node !== node);
  const isBlocked = row.isRingBlocked ?? false;
  return {
    ...row,
    interfaces: [
      {
        name: "eth0",
        mac: macOf(node),
        isUsable: true,
        addresses: [`${row.address}/24`, "fe80::42:c0ff:fea8:10b/64"],
      },
      {
        name: "eth1",
        mac: macOf(node).replace(/^02/, "06"),
        isUsable: false,
        unusable: "no-carrier",
        addresses: [],
      },
      { name: "wlan0", mac: "0a:00:00:00:00:01", isUsable: false, unusable: "of-the-future", addresses: [] },
    ],
    fellows: others.map(({ node: fellow, address, answers }, index) => ({
      node: fellow,
      address,
      state: answers ? "alive" : "dead",
      since: epoch - (answers ? 9 * day : 42 * second),
      lastHeardAt: epoch - (answers ? 0 : 42 * second),
      by: isBlocked ? "memberlist" : index % 7 === 5 ? "memberlist" : "ring",
      ...(answers && !isBlocked && { roundTripMs: 0.2 + index / 10 }),
    })),
    ring: {
      port: 7947,
      isBlocked,
      watchers: isBlocked ? [] : others.slice(0, 5).map((one) => one.node),
      targets: isBlocked ? [] : others.slice(-5).map((one) => one.node),
      awareness: 0,
      accusations: 3,
      vetoes: 2,
      verdicts: others
        .filter((one) => !one.answers)
        .map((one) => ({
          at: epoch - 42 * second,
          node: one.node,
          silentMs: 604.4,
          accusers: others.slice(2, 4).map((other) => other.node),
        })),
    },
    conflicts: (
      world.layer2.find((one) => one.conflicts?.some((conflict) => conflict.node === node))?.conflicts ?? []
    ).map(({ node: _, ...conflict }) => conflict),
    facts: {
      interfaces: [{ name: "eth0", connected: ["192.168.1.0/24"] }],
      isTruncated: false,
      stableSince: epoch - 9 * day,
      flaps: 0,
      isAnswering: true,
    },
  };
}

export function membershipOf(world: World): MembershipSummary {
  const silent = world.speakers.filter(({ answers }) => !answers).map(({ node }) => node);
  return {
    extras: { inForce: silent.length === 0, silent },
    ringBlocked: world.speakers.filter((one) => one.isRingBlocked).map(({ node }) => ({ node, port: 7_947 })),
  };
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
