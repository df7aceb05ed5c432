/** A node's agent as a process of its own, to be run inside a network namespace; its options are JSON in argv. */
import { createLogger } from "#io/mod.ts";
import { type AgentOptions, runAgent } from "#sandbox/agent/mod.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as Omit<AgentOptions, "log" | "signal">;
const log = createLogger({ level: "warn", component: `agent-${options.nodeName ?? "relay"}` });
const abort = new AbortController();
process.on("SIGTERM", () => abort.abort());
await runAgent({ ...options, log, signal: abort.signal }, () => console.log("started"));
process.exit(0);
