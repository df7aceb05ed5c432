import { formatPrefix, type Prefix } from "#core/net/mod.ts";
import type { RouteChange } from "./node_routes.ts";
import type { BgpRoute } from "./types.ts";

/** What a peer is told of one prefix, all Services that stand behind it merged. */
export interface MergedRoute {
  readonly prefix: Prefix;
  readonly localPref?: number;
  readonly communities: readonly string[];
}

/**
 * All routes of a node by prefix. Several Services may stand behind one prefix (a shared address, an aggregate): their
 * communities are united, as in MetalLB, and of several localPrefs the highest counts. The prefix goes with the last.
 */
export class RouteTable {
  readonly #byPrefix = new Map<string, { prefix: Prefix; routes: Map<string, BgpRoute[]> }>();

  /** Takes a change in and returns the prefixes, as text, whose merged route may be another now. */
  apply(change: RouteChange): Set<string> {
    const touched = new Set<string>();
    for (const route of change.before) {
      const key = formatPrefix(route.prefix);
      const entry = this.#byPrefix.get(key);
      entry?.routes.delete(change.service);
      touched.add(key);
    }
    for (const route of change.after) {
      const key = formatPrefix(route.prefix);
      const entry = this.#byPrefix.get(key) ?? {
        prefix: route.prefix,
        routes: new Map<string, BgpRoute[]>(),
      };
      const own = entry.routes.get(change.service) ?? [];
      own.push(route);
      entry.routes.set(change.service, own);
      this.#byPrefix.set(key, entry);
      touched.add(key);
    }
    for (const key of touched) if (this.#byPrefix.get(key)?.routes.size === 0) this.#byPrefix.delete(key);
    return touched;
  }

  /** The route for the peer, or undefined when the prefix is not announced to it. */
  routeFor(prefix: string, peer: string): MergedRoute | undefined {
    const entry = this.#byPrefix.get(prefix);
    const routes = [...(entry?.routes.values() ?? [])].flat().filter((route) => goesTo(route, peer));
    if (!entry || routes.length === 0) return undefined;
    const localPrefs = routes.flatMap((route) => route.localPref ?? []);
    return {
      prefix: entry.prefix,
      communities: [...new Set(routes.flatMap((route) => route.communities))].sort(),
      ...(localPrefs.length > 0 ? { localPref: Math.max(...localPrefs) } : {}),
    };
  }

  prefixes(): IterableIterator<string> {
    return this.#byPrefix.keys();
  }

  /** The Services behind a prefix. */
  servicesOf(prefix: string): string[] {
    return [...(this.#byPrefix.get(prefix)?.routes.keys() ?? [])].sort();
  }
}

function goesTo(route: BgpRoute, peer: string): boolean {
  return route.peers.length === 0 || route.peers.includes(peer);
}
