import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProcessIdentity } from "./process_table.ts";

/** What a sandbox has made or is about to make; written first, so that a crash leaves nothing unknown. */
export interface LedgerData {
  version: 1;
  /** The lab's id: its namespaces and the marker of its processes derive from it. */
  id: string;
  /** The process that runs the sandbox. */
  owner: ProcessIdentity;
  /** Files, directories and sockets, absolute, in the order they are made. */
  paths: string[];
  /** Processes by name; a process between its start and this note is found by its marker. */
  processes: Record<string, ProcessIdentity>;
}

export const ledgerName = "state.json";

/** The ledger's only writer is the process that runs the sandbox. */
export class Ledger {
  readonly #file: string;
  readonly #data: LedgerData;

  constructor(stateDirectory: string, data: LedgerData) {
    this.#file = join(stateDirectory, ledgerName);
    this.#data = data;
    this.#write();
  }

  get data(): Readonly<LedgerData> {
    return this.#data;
  }

  /** Notes a file, directory or socket that will be made; gives it back. */
  path(path: string): string {
    if (!this.#data.paths.includes(path)) {
      this.#data.paths.push(path);
      this.#write();
    }
    return path;
  }

  started(name: string, identity: ProcessIdentity): void {
    this.#data.processes[name] = identity;
    this.#write();
  }

  /** The one with that number has ended; a newer one of the same name stays noted. */
  ended(name: string, pid: number): void {
    if (this.#data.processes[name]?.pid !== pid) return;
    delete this.#data.processes[name];
    // The directory may be gone by then, with everything it spoke of.
    if (existsSync(dirname(this.#file))) this.#write();
  }

  /** Whole or not at all: a crash in between leaves the version before. */
  #write(): void {
    const next = `${this.#file}.next`;
    writeFileSync(next, `${JSON.stringify(this.#data, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(next, this.#file);
  }
}

/** The ledger as the last sandbox left it; undefined where there is none. */
export function readLedger(stateDirectory: string): LedgerData | undefined {
  try {
    const data = JSON.parse(readFileSync(join(stateDirectory, ledgerName), "utf8"));
    return data.version === 1 ? data : undefined;
  } catch {
    return undefined;
  }
}
