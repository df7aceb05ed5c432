import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { EventFd } from "#io/mod.ts";
import type { BfdSessionSettings } from "./bfd/types.ts";
import { OwnChanges } from "./own_changes.ts";
import type {
  HeartbeatPeer,
  OwnedAddress,
  Report,
  StandbyAddress,
  WireCommand,
  WorkerData,
  WorkerOptions,
} from "./protocol.ts";

/** A worker ends within milliseconds of the end of its grace; one that does not is ended. */
const stopLimitMs = 1_000;

/** The main thread's end of the data-plane worker: hides the Worker, its MessagePort and the bell that wakes it. */
export class DataPlane {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #bell = new EventFd();
  readonly #listeners = new Set<(report: Report) => void>();
  readonly #ended: Promise<void>;
  readonly #ownChanges = new OwnChanges();
  #isStopping = false;
  #hasEnded = false;

  /** Starts the worker. Commands may follow at once; it reads them when it is ready. */
  constructor(options: WorkerOptions) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on("message", (report: Report) => {
      for (const listener of this.#listeners) listener(report);
    });
    const workerData: WorkerData = { options, port: port2, bell: this.#bell.fd };
    this.#worker = new Worker(workerEntry(), { workerData, transferList: [port2] });
    this.#ended = new Promise((resolve) => {
      this.#worker.on("error", (cause: Error) =>
        fail(`the data-plane worker threw: ${cause.message}`, cause),
      );
      this.#worker.on("exit", (code) => {
        this.#hasEnded = true;
        port1.close();
        this.#bell.close();
        resolve();
        if (!this.#isStopping) fail(`the data-plane worker ended with code ${code}`);
      });
    });
  }

  /** Calls back with every report, in order; returns the unsubscriber. */
  onReport(listener: (report: Report) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The whole set of addresses this node answers for, decided with the first `verdicts` losses in mind. */
  own(addresses: OwnedAddress[], verdicts: number): void {
    if (this.#isStopping) return;
    for (const piece of this.#ownChanges.take(addresses, verdicts)) this.#port.postMessage(piece);
    this.#bell.ring();
  }

  /** The whole set of addresses this node takes at once when the node before it is lost. */
  standby(addresses: StandbyAddress[]): void {
    this.#command({ type: "standby", addresses });
  }

  /** Who takes over from this node, most addresses first. */
  heirs(nodes: string[]): void {
    this.#command({ type: "heirs", nodes });
  }

  /** The whole set of BFD sessions that this node keeps; also during {@link stop}, which waits for the last to end. */
  bfd(sessions: BfdSessionSettings[]): void {
    if (this.#hasEnded) return;
    this.#port.postMessage({ type: "bfd", sessions } satisfies WireCommand);
    this.#bell.ring();
  }

  /** Everybody else's heartbeat endpoint. */
  peers(peers: HeartbeatPeer[]): void {
    this.#command({ type: "peers", peers });
  }

  /** Sends the gratuitous burst of owned addresses again, after a partition healed. */
  announce(addresses: string[]): void {
    this.#command({ type: "announce", addresses });
  }

  /**
   * Tells the peers that this node leaves, answers until they have taken every address or `graceMs` are over, then
   * closes every socket and ends the worker.
   */
  async stop(graceMs = 0): Promise<void> {
    if (!this.#isStopping) this.#command({ type: "stop", graceMs });
    this.#isStopping = true;
    const limit = setTimeout(() => void this.#worker.terminate(), graceMs + stopLimitMs);
    await this.#ended;
    clearTimeout(limit);
  }

  #command(command: WireCommand): void {
    if (this.#isStopping) return;
    this.#port.postMessage(command);
    this.#bell.ring();
  }
}

/** Nothing answers ARP any more, and the peers will notice: restarting the whole speaker is the repair. */
function fail(what: string, cause?: unknown): never {
  throw new Error(`Cannot go on: ${what}`, { cause });
}

/** In a compiled program, the extra entry points stand where they stood under the program's root. */
function workerEntry(): URL | string {
  return import.meta.dir.startsWith("/$bunfs/")
    ? "./speaker/data_plane/worker.ts"
    : new URL("./worker.ts", import.meta.url);
}
