import * as v from "valibot";
import type { Child, Cut } from "../lab/mod.ts";
import { birdSessions } from "../processes/ground.ts";
import type { Sandbox } from "../sandbox.ts";

/** What `metallb sandbox status` shows; plain data, for it crosses the control socket. */
export interface SandboxStatus {
  stateDirectory: string;
  hasLan: boolean;
  api: string;
  kubeconfig: string;
  console: string;
  stations: { name: string; address: string; cut?: Cut; processes: ProcessStatus[] }[];
  /** Addresses of the speakers whose session the router has up; absent without a router. */
  bgpSessions?: string[];
  /** Who announces what, as the controller's console knows it; absent where it does not answer. */
  leaders?: { address: string; nodes: string[] }[];
}

export interface ProcessStatus {
  name: string;
  pid: number;
  /** Of a controller: its Pod, and whether it holds the lease. */
  pod?: string;
  isLeader?: boolean;
  state: "ready" | "running" | "starting" | "ended";
  /** Host and port of its /metrics on this machine. */
  metrics?: string;
}

const leadersTimeoutMs = 1000;
const layer2Schema = v.object({
  rows: v.array(v.object({ address: v.string(), leaders: v.array(v.object({ node: v.string() })) })),
});

export async function sandboxStatus(
  sandbox: Sandbox,
  console: { unixSocket: string; token: string },
  birdSocket: string,
): Promise<SandboxStatus> {
  const { addresses, plan, stateDirectory, support } = sandbox;
  const cuts = sandbox.cuts();
  const processes = processesByStation(sandbox);
  const bgpSessions = sandbox.router && birdSessions(birdSocket);
  const leaders = await askLeaders(console);
  return {
    stateDirectory,
    hasLan: support.ok,
    api: addresses.api,
    kubeconfig: addresses.kubeconfig,
    console: addresses.console,
    stations: plan.stations.map(({ name, address }) => {
      const cut = cuts.get(name);
      return { name, address, ...(cut && { cut }), processes: processes.get(name) ?? [] };
    }),
    ...(bgpSessions && { bgpSessions }),
    ...(leaders && { leaders }),
  };
}

function processesByStation(sandbox: Sandbox): Map<string, ProcessStatus[]> {
  const found = new Map<string, ProcessStatus[]>();
  const add = (station: string, process: ProcessStatus) => {
    found.set(station, [...(found.get(station) ?? []), process]);
  };
  for (const { pod, child, state } of sandbox.pods()) {
    const isController = pod.component === "controller";
    const word = !child.isRunning ? "ended" : state.isReady ? "ready" : "starting";
    const station = isController ? sandbox.stationOf(pod) : pod.node;
    const isLeader = isController && pod.name === sandbox.leader;
    // Of several controllers the host's port leads to the one that leads.
    const target = sandbox.addresses.metrics.find(({ job, node }) =>
      isController ? job === "controller" && isLeader : node === pod.node,
    );
    add(station, {
      name: pod.component,
      ...(isController && { pod: pod.name, isLeader }),
      pid: child.pid,
      state: word,
      ...(target && { metrics: target.address }),
    });
  }
  const plain = (child: Child, name: string): ProcessStatus => ({
    name,
    pid: child.pid,
    state: child.isRunning ? "running" : "ended",
  });
  for (const [station, child] of sandbox.agents()) add(station, plain(child, "agent"));
  if (sandbox.router) add("router", plain(sandbox.router, "bird"));
  return found;
}

/** The console's own answer, over its Unix socket. */
async function askLeaders(console: {
  unixSocket: string;
  token: string;
}): Promise<{ address: string; nodes: string[] }[] | undefined> {
  try {
    const response = await fetch("http://console/api/v1/layer2", {
      unix: console.unixSocket,
      headers: { Authorization: `Bearer ${console.token}` },
      signal: AbortSignal.timeout(leadersTimeoutMs),
    });
    const { rows } = v.parse(layer2Schema, await response.json());
    return rows.map(({ address, leaders }) => ({ address, nodes: leaders.map(({ node }) => node) }));
  } catch {
    return undefined;
  }
}
