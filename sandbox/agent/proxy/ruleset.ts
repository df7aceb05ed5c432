import { type Change, ElementTable } from "./element_table.ts";
import { type Element, type SetName, serviceElements } from "./elements.ts";
import type { ProxyNode, ProxyService, ProxySlice } from "./views.ts";
import { spreadChain } from "./ways.ts";

export const tableName = "metallb_sandbox_proxy";
const table = `ip ${tableName}`;
const front = "ipv4_addr . inet_proto . inet_service";

/** Sets and maps by name: their nft type, and flags where they need some. */
const sets: Readonly<Record<SetName, { kind: "set" | "map"; lines: readonly string[] }>> = {
  /** What to do with traffic from the network for a front (address, protocol, port). */
  outside: { kind: "map", lines: [`type ${front} : verdict`] },
  /** The same for traffic of this node itself. */
  inside: { kind: "map", lines: [`type ${front} : verdict`] },
  /** Where a front's traffic with a mark goes; see `ways.ts`. */
  endpoints: { kind: "map", lines: [`type ${front} . mark : ipv4_addr . inet_service`] },
  /** Service addresses that are on no interface. */
  unserved: { kind: "set", lines: ["type ipv4_addr"] },
  /** Fronts with loadBalancerSourceRanges, and the sources that each admits. */
  guarded: { kind: "set", lines: [`type ${front}`] },
  admitted: { kind: "set", lines: [`type ${front} . ipv4_addr`, "flags interval"] },
};

/**
 * Chains that are always there. Only the first packet of a connection passes them; conntrack does the rest. A packet
 * for an endpoint on this node ends in the hook `input`, where masquerading is spelled `snat`.
 */
function baseChains(node: ProxyNode): { name: string; lines: readonly string[] }[] {
  const lookUp = "ip daddr . meta l4proto . th dport";
  const isMasqueraded = "meta mark & 0xc000 == 0x4000";
  return [
    {
      name: "refuse",
      lines: ["meta l4proto tcp reject with tcp reset", "meta l4proto udp reject", "drop"],
    },
    {
      name: "prerouting",
      lines: [
        "type nat hook prerouting priority dstnat; policy accept;",
        `${lookUp} @guarded ${lookUp} . ip saddr != @admitted drop`,
        `${lookUp} vmap @outside`,
        "fib daddr type local accept",
        "ip daddr @unserved goto refuse",
      ],
    },
    {
      name: "output",
      lines: ["type nat hook output priority -100; policy accept;", `${lookUp} vmap @inside`],
    },
    {
      name: "input",
      lines: ["type nat hook input priority 100; policy accept;", `${isMasqueraded} snat to ${node.address}`],
    },
    {
      name: "postrouting",
      lines: ["type nat hook postrouting priority srcnat; policy accept;", `${isMasqueraded} masquerade`],
    },
  ];
}

/** The whole table for a node, as one transaction that puts it in the place of whatever was there. */
export function renderRuleset(
  services: Iterable<ProxyService>,
  slices: Iterable<ProxySlice>,
  node: ProxyNode,
): string {
  const byService = Map.groupBy(slices, (slice) => slice.service);
  const elements = new ElementTable();
  for (const service of services) {
    elements.replace(service.key, serviceElements(service, byService.get(service.key) ?? [], node));
  }
  return renderTable([...elements.elements()], node);
}

/** The whole table, with these elements. */
export function renderTable(elements: readonly Element[], node: ProxyNode): string {
  const bySet = Map.groupBy(elements, (element) => element.set);
  const lines = [`add table ${table}`, `delete table ${table}`, `table ${table} {`];
  for (const [name, { kind, lines: declaration }] of Object.entries(sets)) {
    lines.push(`  ${kind} ${name} {`, ...declaration.map((line) => `    ${line}`), "  }");
  }
  for (const chain of baseChains(node)) {
    lines.push(`  chain ${chain.name} {`, ...chain.lines.map((line) => `    ${line}`), "  }");
  }
  lines.push("}", ...chainCommands(elements));
  for (const [set, members] of bySet) lines.push(...elementCommand("add", set, members));
  return `${lines.join("\n")}\n`;
}

/** Only what changed, as one transaction. */
export function renderChange({ remove, add }: Change): string {
  const lines = chainCommands(add);
  for (const [set, members] of Map.groupBy(remove, (element) => element.set)) {
    lines.push(...elementCommand("delete", set, members));
  }
  for (const [set, members] of Map.groupBy(add, (element) => element.set)) {
    lines.push(...elementCommand("add", set, members));
  }
  return `${lines.join("\n")}\n`;
}

/** The chains that these elements' verdicts go to. There are few, one for each number of endpoints: none is removed. */
function chainCommands(elements: readonly Element[]): string[] {
  return [...new Set(elements.map((element) => element.value))].sort().flatMap((verdict) => {
    const chain = spreadChain(verdict);
    if (!chain) return [];
    const at = `${table} ${chain.name}`;
    return [`add chain ${at}`, `flush chain ${at}`, ...chain.rules.map((rule) => `add rule ${at} ${rule}`)];
  });
}

function elementCommand(verb: "add" | "delete", set: SetName, members: readonly Element[]): string[] {
  const each = members.map(({ key, value }) => (verb === "add" && value ? `${key} : ${value}` : key));
  return each.length === 0 ? [] : [`${verb} element ${table} ${set} {\n  ${each.join(",\n  ")}\n}`];
}
