import type { BgpAdvertisement } from "#core/config/mod.ts";
import type { Reason } from "#core/reason/mod.ts";
import { announceBgp } from "./bgp.ts";
import type { AnnouncedService, BgpRoute, NodeFacts } from "./types.ts";

/** The routes of one Service on this node, and why there are none. */
export interface RouteChange {
  readonly service: string;
  readonly before: readonly BgpRoute[];
  readonly after: readonly BgpRoute[];
  readonly blocked?: Reason;
}

/** What this node announces over BGP for each Service, as decided last. */
export class NodeRoutes {
  readonly #routes = new Map<string, readonly BgpRoute[]>();

  /** The change, if it is one; without the Service or the node there are no routes. */
  decide(
    key: string,
    service: AnnouncedService | undefined,
    advertisements: readonly BgpAdvertisement[],
    node: NodeFacts | undefined,
    ignoreExcludeLabel: boolean,
  ): RouteChange | undefined {
    const before = this.#routes.get(key) ?? [];
    const announcement =
      node && service ? announceBgp(service, advertisements, node, ignoreExcludeLabel) : undefined;
    const after = announcement?.routes ?? [];
    if (sameRoutes(before, after)) return undefined;
    if (after.length > 0) this.#routes.set(key, after);
    else this.#routes.delete(key);
    const { blocked } = announcement ?? {};
    return { service: key, before, after, ...(blocked && { blocked }) };
  }
}

function sameRoutes(a: readonly BgpRoute[], b: readonly BgpRoute[]): boolean {
  return a.length === b.length && a.every((route, index) => sameRoute(route, b[index] as BgpRoute));
}

function sameRoute(a: BgpRoute, b: BgpRoute): boolean {
  return (
    a.prefix.length === b.prefix.length &&
    a.prefix.address.value === b.prefix.address.value &&
    a.prefix.address.family === b.prefix.address.family &&
    a.localPref === b.localPref &&
    sameList(a.peers, b.peers) &&
    sameList(a.communities, b.communities)
  );
}

export function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
