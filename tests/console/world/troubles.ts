import { reason } from "#core/reason/mod.ts";
import { epoch, second, type World } from "./types.ts";

export function addIssues(world: World): void {
  const message =
    'range "192.168.1.245-192.168.1.260" ends with "192.168.1.260", which is not an address; allowed are a CIDR prefix and first-last';
  world.issues.push(
    {
      kind: "IPAddressPool",
      name: "overlapping",
      path: "spec.addresses[0]",
      code: "pool.range-malformed",
      message,
    },
    {
      kind: "BGPAdvertisement",
      name: "everywhere",
      path: "spec.aggregationLength",
      code: "advertisement.aggregation",
      message: "aggregationLength is 33; allowed are 0 to 32",
    },
  );
  const [first] = world.pools;
  if (first) {
    const facts = { range: first.ranges[0] ?? "", count: 3, address: "192.168.1.11", node: "node1" };
    const finding = { severity: "warning", kind: "IPAddressPool", name: first.name } as const;
    const why = reason("lint.node-address", facts);
    world.findings.push({ ...finding, path: "spec.addresses[0]", why });
  }
  world.attention.push({
    severity: "warning",
    kind: "config-rejected",
    subject: "IPAddressPool/overlapping spec.addresses[0]",
    text: message,
    href: "/configuration",
    count: 2,
  });
}

export function addAttention(world: World): void {
  for (const { address, mac, ownMac, interface: on, node, since } of world.layer2.flatMap(
    (row) => row.conflicts ?? [],
  )) {
    world.attention.push({
      severity: "critical",
      kind: "address-conflict",
      subject: address,
      why: reason("conflict.owned", { address, mac, ownMac, interface: on, node }),
      href: `/layer2?search=${address}`,
      since,
      count: 1,
    });
  }
  const blocked = world.speakers.find((speaker) => speaker.isRingBlocked);
  if (blocked) {
    world.attention.push({
      severity: "warning",
      kind: "ring-blocked",
      subject: blocked.node,
      why: reason("ring.blocked", { node: blocked.node, port: 7_947 }),
      href: "/speakers",
      count: 1,
    });
  }
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
