import { type Finding, finding } from "./finding.ts";
import { isOurs } from "./installation.ts";
import { type Installed, setting } from "./workload.ts";

/** What our speaker listens on, on every node. */
const needed: readonly (readonly [number, string])[] = [
  [7472, "/metrics"],
  [17_472, "/readyz"],
  [7946, "memberlist"],
  [7947, "UDP ring"],
];
const ringPort = 7947;
/** From 0.16 on metrics are served over HTTPS, at this port. */
const securePort = "9120";

/** Ports that change, and ports that somebody else has already. */
export function judgePorts(installed: Installed): Finding[] {
  const { controller, speaker, all } = installed;
  const moved = (
    [
      ["controller", controller],
      ["speaker", speaker],
    ] as const
  ).flatMap(([part, workload]) => {
    if (!workload || isOurs(workload)) return [];
    const old = setting(workload, "port") ?? securePort;
    return old === "7472" ? [] : [finding("port.metrics", { part, old })];
  });
  const others = all.filter((workload) => workload !== speaker && workload !== controller);
  const taken = others.flatMap((workload) => {
    const held = new Set(workload.containers.flatMap(({ hostPorts }) => hostPorts));
    return needed
      .filter(([port]) => held.has(port))
      .map(([port, use]) =>
        finding("port.taken", {
          workload: `${workload.kind} ${workload.namespace}/${workload.name}`,
          port,
          use,
        }),
      );
  });
  return [...moved, ...taken, ...(speaker ? [finding("port.ring", { port: ringPort })] : [])];
}
