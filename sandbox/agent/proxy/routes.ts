import type { ProxyNode } from "./views.ts";

/** Marks the routes that are ours in `ip route` (a number that no routing daemon uses for itself). */
export const routeProtocol = 155;

export interface Route {
  readonly destination: string;
  /** Absent: no way there, say so. */
  readonly via?: string | undefined;
}

/**
 * The routes of a node: the pods of each other node by way of that node. The node's own pod addresses are on `lo`; the
 * rest of its range is unreachable, lest a packet for a pod that is gone wander off by the default route.
 */
export function routesOf(self: ProxyNode, nodes: Iterable<ProxyNode>): Route[] {
  const routes = new Map<string, Route>();
  for (const { name, address, podCidr } of nodes) {
    if (name !== self.name && address && podCidr) routes.set(podCidr, { destination: podCidr, via: address });
  }
  if (self.podCidr) routes.set(self.podCidr, { destination: self.podCidr });
  return [...routes.values()];
}

/** `ip` commands that make the routes in force what they must be. */
export function routeCommands(present: readonly Route[], wanted: readonly Route[]): string[] {
  const key = ({ destination, via }: Route) => `${destination} ${via ?? "unreachable"}`;
  const known = new Set(present.map(key));
  const needed = new Set(wanted.map(key));
  return [
    ...present.filter((route) => !needed.has(key(route))).map((route) => `route del ${phrase(route)}`),
    ...wanted.filter((route) => !known.has(key(route))).map((route) => `route replace ${phrase(route)}`),
  ];
}

function phrase({ destination, via }: Route): string {
  return via === undefined
    ? `unreachable ${destination} proto ${routeProtocol}`
    : `${destination} via ${via} proto ${routeProtocol}`;
}

/** Reads `ip -j route show proto 155`. */
export function parseRoutes(json: string): Route[] {
  const entries = JSON.parse(json || "[]") as { type?: string; dst: string; gateway?: string }[];
  return entries.map(({ type, dst, gateway }) => ({
    destination: dst.includes("/") ? dst : `${dst}/32`,
    via: type === "unreachable" ? undefined : gateway,
  }));
}
