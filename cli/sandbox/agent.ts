import { createLogger, type LogLevel } from "#io/mod.ts";
import { runAgent } from "#sandbox/mod.ts";

export interface AgentFlags {
  nodeName?: string;
  relayOnly: boolean;
  kubeconfig?: string;
  relayListen: string;
  relaySocket: string;
  dialSocket?: string;
  logLevel: LogLevel;
}

/** One namespace's agent, until SIGTERM or SIGINT. */
export async function runAgentProcess(flags: AgentFlags, version: string): Promise<void> {
  const { nodeName, relayOnly, kubeconfig, relayListen, relaySocket, dialSocket, logLevel } = flags;
  const log = createLogger({ level: logLevel, component: "agent" });
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ended.abort());
  await runAgent(
    {
      relay: { listen: relayListen, unixSocket: relaySocket },
      relayOnly,
      log,
      signal: ended.signal,
      ...(dialSocket !== undefined && { dialSocket }),
      ...(nodeName !== undefined && { nodeName }),
      ...(kubeconfig !== undefined && { kubeconfig }),
    },
    () => log.info("agent started", { version, ...(nodeName !== undefined && { node: nodeName }) }),
  );
  process.exit(0);
}
