import type { SandboxStatus } from "#sandbox/mod.ts";
import { listing, table } from "../layout.ts";
import type { Say } from "./texts.ts";

export function statusText(status: SandboxStatus, say: Say): string {
  const { stations, bgpSessions, leaders, hasLan } = status;
  const headings = (["station", "address", "link", "process", "pid", "state", "metrics"] as const).map(
    (name) => say(`column.${name}`),
  );
  const controllers = stations.flatMap(({ processes }) => processes.filter(({ pod }) => pod)).length;
  const rows = stations.flatMap(({ name, address, cut, processes }) => {
    const link = say(`link.${hasLan ? (cut ?? "up") : "none"}`);
    const [first, ...others] = processes.map((process) => [
      process.name,
      String(process.pid),
      say(stateOf(process, controllers)),
      process.metrics ?? "",
    ]);
    return [[name, address, link, ...(first ?? [])], ...others.map((other) => ["", "", "", ...other])];
  });
  return [
    listing([
      ["API", status.api],
      ["KUBECONFIG", status.kubeconfig],
      [say("console"), status.console],
    ]),
    "",
    table([headings, ...rows]),
    "",
    ...(bgpSessions ? [say("bgp", { addresses: bgpSessions.join(", ") || say("none") })] : []),
    leaders ? leadersText(leaders, say(hasLan ? "leaders" : "recorded"), say) : say("consoleAway"),
  ].join("\n");
}

type Process = SandboxStatus["stations"][number]["processes"][number];

/** Of several controllers it is worth knowing which one leads. */
function stateOf({ state, pod, isLeader }: Process, controllers: number) {
  if (pod === undefined || controllers < 2 || state !== "ready") return `state.${state}` as const;
  return isLeader ? "state.leads" : "state.standby";
}

function leadersText(leaders: NonNullable<SandboxStatus["leaders"]>, title: string, say: Say): string {
  if (leaders.length === 0) return `${title} ${say("none")}`;
  const rows = leaders.map(
    ({ address, nodes }) => [address, nodes.join(", ") || say("nobody")] satisfies [string, string],
  );
  return `${title}\n${listing(rows)}`;
}
