import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ledger, socketDirectory } from "../lab/mod.ts";

/** In the state directory; `sockets` may lie elsewhere ({@link socketDirectory}). */
export const ownNames = ["logs", "credentials", "sockets", "kubeconfig", "prometheus.yml"] as const;

/** The sandbox's files, each noted in the ledger before it is made. */
export class Paths {
  readonly logs: string;
  readonly credentials: string;
  readonly sockets: string;
  readonly #stateDirectory: string;
  readonly #ledger: Ledger;

  constructor(stateDirectory: string, ledger: Ledger) {
    this.#stateDirectory = stateDirectory;
    this.#ledger = ledger;
    this.logs = this.#directory(join(stateDirectory, "logs"));
    this.credentials = this.#directory(join(stateDirectory, "credentials"));
    this.sockets = this.#directory(socketDirectory(stateDirectory));
  }

  socket(name: string): string {
    return join(this.sockets, `${name}.sock`);
  }

  log(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  /** A file for the user: under `sudo` it belongs to whoever called it. */
  userFile(name: (typeof ownNames)[number], text: string, mode: number): string {
    const file = this.#ledger.path(join(this.#stateDirectory, name));
    writeFileSync(file, text, { mode });
    chmodSync(file, mode);
    const { SUDO_UID, SUDO_GID } = process.env;
    if (process.getuid?.() === 0 && SUDO_UID && SUDO_GID) chownSync(file, Number(SUDO_UID), Number(SUDO_GID));
    return file;
  }

  #directory(path: string): string {
    mkdirSync(this.#ledger.path(path), { recursive: true, mode: 0o700 });
    return path;
  }
}
