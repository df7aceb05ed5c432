import { mkdirSync, readdirSync, realpathSync } from "node:fs";
import { SandboxError } from "../error.ts";
import { type Leftovers, removeLeftovers } from "./cleanup.ts";
import { Ledger, readLedger } from "./ledger.ts";
import { labId } from "./plan.ts";
import { identify, isAlive } from "./process_table.ts";

/**
 * Makes the directory this process's own: refuses where another sandbox runs from it or somebody else's files have
 * the names that it is about to write, removes what a crash left behind, and opens the ledger.
 */
export function claimDirectory(
  directory: string,
  names: readonly string[],
): {
  stateDirectory: string;
  ledger: Ledger;
  removed: Leftovers;
} {
  // Others may pass through, to the kubeconfig; what lies beside it has modes of its own.
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  const stateDirectory = realpathSync(directory);
  const before = readLedger(stateDirectory);
  if (before && isAlive(before.owner)) {
    throw new SandboxError(
      `A sandbox already runs from ${stateDirectory} (process ${before.owner.pid}). ` +
        `Stop it with "metallb sandbox stop", or choose another directory with --state-dir.`,
    );
  }
  const strangers = readdirSync(stateDirectory).filter((name) => names.includes(name));
  if (!before && strangers.length > 0) {
    throw new SandboxError(
      `${stateDirectory} holds ${strangers.join(", ")}, which no sandbox has made; ` +
        `choose another directory with --state-dir.`,
    );
  }
  const removed = removeLeftovers(stateDirectory);
  mkdirSync(stateDirectory, { recursive: true, mode: 0o711 });
  const owner = identify(process.pid);
  if (!owner) throw new Error("This process is not in the process table: is /proc mounted?");
  const id = labId(stateDirectory);
  return {
    stateDirectory,
    removed,
    ledger: new Ledger(stateDirectory, { version: 1, id, owner, paths: [], processes: {} }),
  };
}
