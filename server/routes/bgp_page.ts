import type { BgpSessionRow } from "../ports.ts";
import type { BgpProps } from "../views/bgp.tsx";
import { byName } from "../views/parts/order.ts";
import type { ListQuery } from "../views/paths.ts";
import { pageOf } from "./query.ts";

/** A matrix of 25 nodes by 32 peers is the largest that is drawn. */
const nodesPerPage = 25;

/** The part of all sessions that a page of the matrix shows: nodes of the page by the peers they have. */
export function bgpPage(
  all: readonly BgpSessionRow[],
  query: ListQuery,
): Pick<BgpProps, "nodes" | "peers" | "sessions" | "query"> {
  const wanted = query.search.toLowerCase();
  const matching = all.filter(({ node, peer, address, state }) =>
    `${node} ${peer} ${address} ${state}`.toLowerCase().includes(wanted),
  );
  const nodes = pageOf([...new Set(matching.map((one) => one.node))].sort(byName), query.page, nodesPerPage);
  const shown = new Set(nodes.rows);
  const sessions = matching.filter((one) => shown.has(one.node));
  const addresses = new Map(sessions.map((one) => [one.peer, one.address]));
  const peers = [...addresses].sort(([a], [b]) => byName(a, b)).map(([name, address]) => ({ name, address }));
  return { nodes, peers, sessions, query: { search: query.search, page: nodes.page } };
}
