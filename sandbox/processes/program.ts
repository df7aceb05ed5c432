import { existsSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../lab/mod.ts";

/** How to run `metallb`: from the sources with this Bun, or the single binary itself. */
export function metallbProgram(): string[] {
  const source = join(import.meta.dir, "..", "..", "main.ts");
  return existsSync(source) && !source.startsWith("/$bunfs/")
    ? [process.execPath, source]
    : [process.execPath];
}

/** Runs `metallb` with these arguments in a network namespace, or in this machine's. */
export function ownCommand(namespace: string | undefined, args: readonly string[]): string[] {
  const within = namespace === undefined ? [] : [findProgram("ip") ?? "ip", "netns", "exec", namespace];
  return [...within, ...metallbProgram(), ...args];
}
