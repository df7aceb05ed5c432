import type { ClusterReading } from "#controller/mod.ts";
import type { ConfigIssue } from "#core/config/mod.ts";
import type { Words } from "#server/mod.ts";
import type { PoolSummary } from "#server/ports.ts";
import { table } from "../layout.ts";
import type { Say } from "./texts.ts";

/** A list on a terminal is read down to here. */
const shownMax = 20;

export interface ClusterStatus {
  text: string;
  /** Something waits, is not announced, rejected, not ready or down. */
  needsAttention: boolean;
}

/** The cluster on one screen: what is wrong stands with its reason, what is well is counted. */
export function statusText(reading: ClusterReading, words: Words, say: Say): ClusterStatus {
  const { view, connection, speakerPods, refused } = reading;
  const sessions = view.sessions();
  const issues = view.issues();
  const unwritten = unwrittenLines(reading, say);
  const waiting = rows(reading, "pending");
  const silent = rows(reading, "unannounced");
  const isDown = sessions.some(({ state }) => state !== "Established");
  const needsAttention =
    [waiting.total, silent.total, issues.length, unwritten.length, refused.length].some(
      (count) => count > 0,
    ) ||
    speakerPods.length === 0 ||
    speakerPods.some(({ ready }) => !ready) ||
    isDown;
  const sections = [
    [say("of", { namespace: connection.namespace })],
    [...servicesHead(reading, say), ...troubledLines(reading, words, say)],
    poolLines(view.pools(), say),
    speakerLines(reading, say),
    sessions.length === 0 ? [] : [say("sessions"), sessionTable(sessions, say)],
    titled(say("rejected"), issues.map(issueLine)),
    titled(
      say("findings"),
      (view.findings?.() ?? []).map((one) => `${one.kind} ${one.name}: ${words.reason(one.why)}`),
    ),
    titled(say("unwritten"), unwritten),
    titled(say("refused"), refused),
    needsAttention ? [] : [say("calm")],
  ];
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
  return { text, needsAttention };
}

function rows({ view }: ClusterReading, state: "pending" | "unannounced") {
  return view.services({ search: "", sort: "name", descending: false, state, page: 1, pageSize: shownMax });
}

function servicesHead({ view }: ClusterReading, say: Say): string[] {
  const query = { search: "", sort: "name", descending: false, state: "all", page: 1, pageSize: 1 } as const;
  const { counts = { all: 0, assigned: 0, pending: 0, unannounced: 0 } } = view.services(query);
  const { all, assigned, pending, unannounced } = counts;
  if (all === 0) return [say("noServices")];
  return [say("services", { total: all, announced: assigned - unannounced, unannounced, pending })];
}

/** Those without an address first, then those that nobody announces. */
function troubledLines(reading: ClusterReading, words: Words, say: Say): string[] {
  const found = (["pending", "unannounced"] as const).map((state) => ({ state, ...rows(reading, state) }));
  const lines = found.flatMap(({ state, rows: some }) =>
    some.map(({ namespace, name, pending }) => [
      `  ✗ ${say(state)}`,
      `${namespace}/${name}`,
      pending ? words.reason(pending) : "",
    ]),
  );
  const hidden = found.reduce((sum, { total }) => sum + total, 0) - lines.length;
  return lines.length === 0 ? [] : [table(lines), ...more(hidden, say)];
}

function poolLines(pools: readonly PoolSummary[], say: Say): string[] {
  if (pools.length === 0) return [say("noPools")];
  const headings = (["pool", "addresses", "inUse", "advertisedBy"] as const).map((name) =>
    say(`column.${name}`),
  );
  const lines = pools
    .slice(0, shownMax)
    .map(({ name, ranges, ipv4, ipv6, l2Advertisements, bgpAdvertisements }) => [
      `  ${name}`,
      ranges.join(", "),
      [ipv4, ipv6]
        .filter(({ total }) => total !== "0")
        .map(({ used, total }) => `${used}/${total}`)
        .join(", "),
      [...l2Advertisements, ...bgpAdvertisements].join(", ") || say("nobodyAdvertises"),
    ]);
  const [first = "", ...others] = headings;
  return [
    say("pools"),
    table([[`  ${first}`, ...others], ...lines]),
    ...more(pools.length - lines.length, say),
  ];
}

function speakerLines({ view, speakerPods }: ClusterReading, say: Say): string[] {
  if (speakerPods.length === 0) return [say("noSpeakers")];
  const rowOf = new Map(view.speakers().map((row) => [row.pod, row]));
  const lines = speakerPods
    .toSorted((a, b) => (a.nodeName ?? "").localeCompare(b.nodeName ?? ""))
    .slice(0, shownMax)
    .map(({ name, nodeName = "", ready }) => [
      `  ${nodeName}`,
      name,
      say(ready ? "ready" : "notReady"),
      String(rowOf.get(name)?.announcedLayer2 ?? 0),
      String(rowOf.get(name)?.announcedBgp ?? 0),
    ]);
  const headings = (["pod", "state", "layer2", "bgp"] as const).map((name) => say(`column.${name}`));
  const head = [`  ${say("column.node")}`, ...headings];
  return [say("speakers"), table([head, ...lines]), ...more(speakerPods.length - lines.length, say)];
}

function sessionTable(sessions: ReturnType<ClusterReading["view"]["sessions"]>, say: Say): string {
  const headings = (["node", "peer", "address", "state", "bfd"] as const).map((name) =>
    say(`column.${name}`),
  );
  const [first = "", ...others] = headings;
  const lines = sessions.map(({ node, peer, address, state, bfd = "-" }) => [
    `  ${node}`,
    peer,
    address,
    state,
    bfd,
  ]);
  return table([[`  ${first}`, ...others], ...lines]);
}

function unwrittenLines(reading: ClusterReading, say: Say): string[] {
  const list = (addresses: readonly string[]) => addresses.join(", ") || say("nothing");
  return reading
    .unwritten()
    .map(({ service, addresses }) =>
      say("unwrittenOne", { service, wanted: list(addresses), seen: list(reading.addressesOf(service)) }),
    );
}

function issueLine({ kind, name, path, message }: ConfigIssue): string {
  return message.startsWith(path) ? `${kind} ${name}: ${message}` : `${kind} ${name}: ${path}: ${message}`;
}

function titled(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [title, ...lines.slice(0, shownMax).map((line) => `  ✗ ${line}`)];
}

function more(count: number, say: Say): string[] {
  return count > 0 ? [`  ${say("more", { count })}`] : [];
}
