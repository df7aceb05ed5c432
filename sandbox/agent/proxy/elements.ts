import { formatPrefix, type Prefix, parsePrefix, prefixContains } from "#core/net/mod.ts";
import type { ProxyEndpoint, ProxyNode, ProxyPort, ProxyService, ProxySlice } from "./views.ts";
import { endpointsMax, verdictTo, type Way, ways } from "./ways.ts";

/** The sets and maps of the table; their types stand in `ruleset.ts`. */
export type SetName = "outside" | "inside" | "endpoints" | "unserved" | "guarded" | "admitted";

/** One element of a set (`value` empty) or map, in nft's own notation. */
export interface Element {
  readonly set: SetName;
  readonly key: string;
  readonly value: string;
}

/** Where a Service's port can be reached, and how traffic that comes there is carried on. */
interface Front {
  readonly address: string;
  readonly port: number;
  readonly outside: { readonly way: Way; readonly isLocal: boolean };
  readonly inside: { readonly way: Way; readonly isLocal: boolean };
}

/**
 * What the table of one node holds for one Service. Every address, clusterIP, ingress IP, external IP or the node's own
 * with a nodePort, is a front alike; what differs is which endpoints stand behind it and whether the client's address
 * survives: from outside with policy Cluster any ready endpoint, masqueraded; with policy Local only this node's, not
 * masqueraded, and dropped where there is none; from this node itself always any.
 */
export function serviceElements(
  service: ProxyService,
  slices: readonly ProxySlice[],
  node: ProxyNode,
): Element[] {
  const elements: Element[] = [];
  for (const port of service.ports) {
    const all = endpointsOf(port, slices);
    const local = all.filter((endpoint) => endpoint.nodeName === node.name);
    for (const front of frontsOf(service, port, node)) {
      const key = `${front.address} . ${port.transport} . ${front.port}`;
      for (const set of ["outside", "inside"] as const) {
        const { way, isLocal } = front[set];
        const chosen = (isLocal ? local : all).slice(0, endpointsMax);
        const verdict =
          all.length > 0 && chosen.length === 0 ? "drop" : verdictTo(way, chosen.length, service.isSticky);
        elements.push({ set, key, value: verdict });
        for (const [index, { target }] of chosen.entries()) {
          elements.push({ set: "endpoints", key: `${key} . ${ways[way] + index}`, value: target });
        }
      }
      if (service.ingress.includes(front.address)) elements.push(...guards(service, key));
    }
  }
  // What else is sent to these addresses has nowhere to go: they are on no interface.
  for (const address of [...service.clusterIPs, ...service.ingress]) {
    elements.push({ set: "unserved", key: address, value: "" });
  }
  return elements;
}

function* frontsOf(service: ProxyService, { port, nodePort }: ProxyPort, node: ProxyNode): Generator<Front> {
  for (const address of service.clusterIPs) {
    const isLocal = service.isInternalLocal;
    yield { address, port, outside: { way: "masqueraded", isLocal }, inside: { way: "own", isLocal } };
  }
  const isLocal = service.isExternalLocal;
  const outside = { way: isLocal ? "kept" : "masqueraded", isLocal } as const;
  const inside = { way: "own", isLocal: false } as const;
  for (const address of new Set([...service.ingress, ...service.externalIPs])) {
    yield { address, port, outside, inside };
  }
  if (nodePort > 0 && node.address) yield { address: node.address, port: nodePort, outside, inside };
}

/** Ready endpoints of the Service port's name, or else those that still serve while they end; by address. */
function endpointsOf({ name, transport }: ProxyPort, slices: readonly ProxySlice[]) {
  const found = new Map<string, ProxyEndpoint & { target: string }>();
  for (const slice of slices) {
    const port = slice.ports.find((each) => each.name === name && each.transport === transport)?.port;
    if (!port) continue;
    for (const endpoint of slice.endpoints) {
      if (!endpoint.isReady && !endpoint.isServingTerminating) continue;
      const target = `${endpoint.address} . ${port}`;
      if (!found.get(target)?.isReady) found.set(target, { ...endpoint, target });
    }
  }
  const usable = [...found.values()];
  const ready = usable.filter((endpoint) => endpoint.isReady);
  return (ready.length > 0 ? ready : usable).sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** loadBalancerSourceRanges: a guarded front admits only these sources. */
function guards({ sourceRanges }: ProxyService, key: string): Element[] {
  const ranges = outermost(sourceRanges.map(parsePrefix).filter((range) => range !== undefined));
  if (sourceRanges.length === 0) return [];
  const admitted = ranges.map(
    (range) => ({ set: "admitted", key: `${key} . ${formatPrefix(range)}`, value: "" }) as const,
  );
  return [{ set: "guarded", key, value: "" }, ...admitted];
}

/** nft refuses intervals that overlap: a range within another says nothing new. */
function outermost(ranges: readonly Prefix[]): Prefix[] {
  const unique = [...new Map(ranges.map((range) => [formatPrefix(range), range])).values()];
  return unique.filter(
    (range) => !unique.some((other) => other.length < range.length && prefixContains(other, range.address)),
  );
}
