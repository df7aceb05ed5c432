import type { BgpSessionRow } from "#server/ports.ts";
import type { PeerMetrics, PeerSettings } from "#speaker/bgp/mod.ts";
import { LineProcess } from "./line_process.ts";

/** PeerSettings with addresses as text. */
export type ChildPeer = Omit<PeerSettings, "address" | "sourceAddress" | "routerID" | "port"> & {
  /** Absent: unnumbered, on `interface`. */
  address?: string;
  port?: number;
  sourceAddress?: string;
  routerID?: string;
};

/** A run of /32s or /128s. */
export interface ChildRoutes {
  first: string;
  count: number;
  communities?: string[];
  localPref?: number;
}

export type ChildCommand =
  | { do: "peers"; peers: ChildPeer[] }
  | { do: "routes"; peer: string; routes: ChildRoutes[] }
  | { do: "change"; peer: string; announce?: ChildRoutes[]; withdraw?: ChildRoutes[] }
  | { do: "drain"; isDraining: boolean }
  | { do: "bfd"; address: string; state: "up" | "down" | "adminDown" }
  | { do: "look" }
  | { do: "busy"; ms: number }
  | { do: "stop"; text?: string };

/** What the child says of itself. */
export interface ChildState {
  sessions: Omit<BgpSessionRow, "node">[];
  metrics: PeerMetrics[];
  /** Per peer, oldest first. */
  messages: string[][];
  log: string[];
  memoryBytes: number;
}

/** The real BGP driver in a process inside a network namespace. */
export class SpeakerProcess {
  readonly #process: LineProcess;

  constructor(namespace: string) {
    const script = new URL("./bgp_speaker_child.ts", import.meta.url).pathname;
    this.#process = new LineProcess(namespace, script);
  }

  get pid(): number {
    return this.#process.pid;
  }

  async tell(command: ChildCommand): Promise<unknown> {
    return ((await this.#process.ask(command)) as { result: unknown }).result;
  }

  async look(): Promise<ChildState> {
    return (await this.tell({ do: "look" })) as ChildState;
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
