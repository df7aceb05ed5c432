import type { Command } from "commander";
import { createLogger, type LogLevel } from "#io/mod.ts";

/** Starts a part. What stops it from starting is a line of its log, for whoever reads that of a Pod; then it ends. */
export async function startPart(command: Command, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    const level = command.opts().logLevel as LogLevel;
    // Who wants no log, or the whole story, is told on standard error (main.ts).
    if (level === "none" || process.env.METALLB_TRACE) throw error;
    createLogger({ level, component: command.name() }).error("cannot start", { op: "startup", error });
    process.exit(1);
  }
}
