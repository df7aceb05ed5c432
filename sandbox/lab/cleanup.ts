import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./command.ts";
import { ledgerName, readLedger } from "./ledger.ts";
import { namespacesOf, removeNetwork } from "./network.ts";
import { labId } from "./plan.ts";
import { isAlive, markedProcesses, type ProcessIdentity, signal } from "./process_table.ts";
import { socketDirectory } from "./socket_directory.ts";

/** What a sandbox left behind, by name. */
export interface Leftovers {
  processes: ProcessIdentity[];
  namespaces: string[];
  paths: string[];
}

const killWaitMs = 3000;
const killRoundsMax = 20;

/** What there is of the sandbox of this directory, made by a process that is not alive any more or by this one. */
export function findLeftovers(stateDirectory: string): Leftovers {
  const id = labId(stateDirectory);
  const ledger = readLedger(stateDirectory);
  const noted = Object.values(ledger?.processes ?? {}).filter(isAlive);
  const known = new Set(noted.map(({ pid }) => pid));
  const canHaveNamespaces = process.platform === "linux" && findProgram("ip") !== undefined;
  return {
    processes: [...noted, ...markedProcesses(id).filter(({ pid }) => !known.has(pid))],
    namespaces: canHaveNamespaces ? namespacesOf(id) : [],
    // A ledger is a file that anyone may have edited: nothing outside our own two directories is ever removed.
    paths: (ledger?.paths ?? []).filter((path) =>
      [stateDirectory, socketDirectory(stateDirectory)].some(
        (directory) => path === directory || path.startsWith(`${directory}/`),
      ),
    ),
  };
}

/** Removes them all, processes first; gives what was removed. */
export function removeLeftovers(stateDirectory: string): Leftovers {
  const leftovers = findLeftovers(stateDirectory);
  killAndWait(leftovers.processes);
  // A process may have started another between the look and the kill.
  for (let round = 0; round < killRoundsMax; round++) {
    const { processes } = findLeftovers(stateDirectory);
    if (processes.length === 0) break;
    killAndWait(processes);
    leftovers.processes.push(...processes);
  }
  if (leftovers.namespaces.length > 0) removeNetwork(labId(stateDirectory));
  for (const path of [...leftovers.paths].reverse()) {
    if (path !== stateDirectory) rmSync(path, { recursive: true, force: true });
  }
  rmSync(join(stateDirectory, ledgerName), { force: true });
  rmSync(join(stateDirectory, `${ledgerName}.next`), { force: true });
  removeIfEmpty(stateDirectory);
  return leftovers;
}

function killAndWait(processes: readonly ProcessIdentity[]): void {
  for (const identity of processes) signal(identity, "SIGKILL");
  const deadline = performance.now() + killWaitMs;
  while (processes.some(isAlive) && performance.now() < deadline) Bun.sleepSync(2);
}

function removeIfEmpty(directory: string): void {
  try {
    if (readdirSync(directory).length === 0) rmdirSync(directory);
  } catch {
    // It was never made, or is somebody's mount point.
  }
}
