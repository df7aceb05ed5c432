import type { Logger } from "#k8s/mod.ts";
import { startRelay } from "../agent/mod.ts";
import type { Paths } from "../processes/paths.ts";
import { speakerName } from "../processes/processes.ts";
import { onFreePort } from "./free_port.ts";
import type { MetricsTarget } from "./prometheus.ts";

/** The host's loopback ports of console and /metrics, each carried to its process's Unix socket. */
export interface HostPorts {
  /** `http://127.0.0.1:7472`. */
  console: string;
  metrics: MetricsTarget[];
}

/** The console gets the wanted port where it is free, the speakers those that follow. */
export async function openHostPorts(
  paths: Paths,
  nodes: readonly string[],
  wantedPort: number,
  /** Of the controller that is asked. */
  consoleSocket: () => string,
  options: { log: Logger; signal: AbortSignal },
): Promise<HostPorts> {
  const open = async (unixSocket: string | (() => string), wanted: number): Promise<string> => {
    const { port } = await onFreePort(wanted, (port) =>
      startRelay({ listen: `127.0.0.1:${port}`, unixSocket, ...options }),
    );
    return `127.0.0.1:${port}`;
  };
  const controller = await open(consoleSocket, wantedPort);
  const metrics: MetricsTarget[] = [{ job: "controller", address: controller }];
  for (const [index, node] of nodes.entries()) {
    const wanted = wantedPort === 0 ? 0 : wantedPort + 1 + index;
    metrics.push({ job: "speaker", node, address: await open(paths.socket(speakerName(node)), wanted) });
  }
  return { console: `http://${controller}`, metrics };
}
