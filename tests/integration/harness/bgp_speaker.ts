import type { BgpSessionRow } from "#server/ports.ts";
import type { PeerMetrics, PeerSettings } from "#speaker/bgp/mod.ts";

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
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;

  constructor(namespace: string) {
    const script = new URL("./bgp_speaker_child.ts", import.meta.url).pathname;
    this.#child = Bun.spawn(["ip", "netns", "exec", namespace, process.execPath, script], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#lines = readLines(this.#child.stdout);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async tell(command: ChildCommand): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    await this.#child.stdin.flush();
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`The speaker process ended at ${JSON.stringify(command).slice(0, 100)}`);
    return (JSON.parse(value) as { result: unknown }).result;
  }

  async look(): Promise<ChildState> {
    return (await this.tell({ do: "look" })) as ChildState;
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
