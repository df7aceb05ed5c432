import { SandboxError } from "../error.ts";
import { run, runTolerant } from "./command.ts";
import { type LabPlan, namespacePrefix, type Station } from "./plan.ts";

const bridge = "br0";

/**
 * Makes the LAN: a namespace with a bridge, a namespace per station, a veth pair between them. Each pair is made
 * with both its ends inside, so that the host's namespace never sees an interface, an address or a route of it.
 */
export function createNetwork(plan: LabPlan): void {
  const { stations, lanNamespace } = plan;
  const namespaces = [lanNamespace, ...stations.map((station) => station.namespace)];
  batch(
    [],
    [
      ...namespaces.map((name) => `netns add ${name}`),
      ...stations.map(
        ({ namespace, mac, port }) =>
          `link add name eth0 address ${mac} netns ${namespace} type veth peer name ${port} netns ${lanNamespace}`,
      ),
    ],
  );
  // Without a querier on the bridge, snooping would drop multicast between ports after a while.
  batch(
    ["-n", lanNamespace],
    [
      `link add ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      "link set lo up",
      `link set ${bridge} up`,
      ...stations.map(({ port }) => `link set ${port} master ${bridge} up`),
    ],
  );
  for (const station of stations) configureStation(plan, station);
  const late = awaitForwarding(plan, stations, 5000);
  if (late.length > 0) throw new SandboxError(`The bridge does not forward to ${late.join(", ")}.`);
}

function configureStation(plan: LabPlan, station: Station): void {
  const router = plan.stations.find(({ role }) => role === "router");
  writeSysctls(station);
  batch(
    ["-n", station.namespace],
    [
      "link set lo up",
      `addr add ${station.address}/${plan.prefixLength} brd + dev eth0`,
      ...(station.address6 ? [`addr add ${station.address6}/${plan.prefixLength6} dev eth0 nodad`] : []),
      "link set eth0 up",
      ...(router && router !== station ? defaultRoutes(router) : []),
    ],
  );
}

function defaultRoutes({ address, address6 }: Station): string[] {
  return [address, address6].flatMap((via) => (via ? [`route add default via ${via}`] : []));
}

/** Kernel settings live in each namespace: the host's own `ip_forward` is not touched. A node's agent sets its own. */
function writeSysctls({ namespace, role }: Station): void {
  const settings: string[] = [
    // Duplicate address detection keeps a link-local address tentative for a second; nobody here has a twin.
    ...["all", "default", "eth0"].map((name) => `ipv6/conf/${name}/accept_dad=0`),
  ];
  if (role === "router") {
    settings.push("ipv4/ip_forward=1", "ipv6/conf/all/forwarding=1");
    for (const name of ["all", "default", "eth0"]) {
      // Its one interface is the way in and the way out: traffic takes different ways, and a redirect would only
      // send the client past the nodes that share its load.
      settings.push(`ipv4/conf/${name}/rp_filter=0`, `ipv4/conf/${name}/send_redirects=0`);
    }
    // ECMP by addresses and ports: one client's connections spread over the nodes, as real routers do.
    settings.push("ipv4/fib_multipath_hash_policy=1");
  }
  const script = settings.map((setting) => {
    const [path, value] = setting.split("=");
    return `[ ! -e /proc/sys/net/${path} ] || echo ${value} > /proc/sys/net/${path}`;
  });
  run(["ip", "netns", "exec", namespace, "sh", "-ec", script.join("\n")]);
}

/** `bridge`: link stays up, nothing passes (a partition). `carrier`: the cable is pulled. */
export type Cut = "bridge" | "carrier";

export function cutStation(plan: LabPlan, station: Station, cut: Cut): void {
  const change = cut === "bridge" ? "nomaster" : "down";
  run(["ip", "-n", plan.lanNamespace, "link", "set", station.port, change]);
}

export function healStation(plan: LabPlan, station: Station): void {
  run(["ip", "-n", plan.lanNamespace, "link", "set", station.port, "master", bridge, "up"]);
  // Not for long, should its own end of the link be down.
  awaitForwarding(plan, [station], 300);
}

/**
 * The kernel tells the bridge of a carrier by a worker of its own: on a busy machine the first frames would be lost.
 * Gives the ports that do not forward when the time is up.
 */
function awaitForwarding({ lanNamespace }: LabPlan, stations: readonly Station[], limitMs: number): string[] {
  const ports = new Set(stations.map(({ port }) => port));
  const deadline = performance.now() + limitMs;
  for (;;) {
    const late = linksOf(lanNamespace).filter(
      ({ ifname, linkinfo }) => ports.has(ifname) && linkinfo?.info_slave_data?.state !== "forwarding",
    );
    if (late.length === 0 || performance.now() > deadline) return late.map(({ ifname }) => ifname);
    Bun.sleepSync(1);
  }
}

interface Link {
  ifname: string;
  flags: string[];
  master?: string;
  linkinfo?: { info_slave_data?: { state?: string } };
}

function linksOf(namespace: string): Link[] {
  return JSON.parse(run(["ip", "-n", namespace, "-j", "-d", "link", "show"]));
}

/** How each station is cut at the moment, by name, as the kernel has it. */
export function cutsOf(plan: LabPlan): Map<string, Cut> {
  const links = linksOf(plan.lanNamespace);
  const cuts = new Map<string, Cut>();
  for (const { name, port } of plan.stations) {
    const link = links.find(({ ifname }) => ifname === port);
    if (link && !link.flags.includes("UP")) cuts.set(name, "carrier");
    else if (link && link.master !== bridge) cuts.set(name, "bridge");
  }
  return cuts;
}

/** The lab's namespaces that exist, whoever made them. */
export function namespacesOf(id: string): string[] {
  const { exitCode, stdout } = runTolerant(["ip", "netns", "list"]);
  if (exitCode !== 0) return [];
  return stdout
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => name.startsWith(namespacePrefix(id)));
}

/**
 * Removes the lab's namespaces. The kernel takes the bridge and with it every veth pair down in its own time, as
 * nobody sits in the LAN's namespace; the names are free at once.
 */
export function removeNetwork(id: string): void {
  batch(
    ["-force"],
    namespacesOf(id).map((name) => `netns del ${name}`),
  );
}

function batch(options: string[], lines: string[]): void {
  run(["ip", ...options, "-batch", "-"], `${lines.join("\n")}\n`);
}
