import type { BfdProfile, BgpPeer } from "#core/config/mod.ts";
import type { BfdSessionRow, BgpSessionRow } from "#server/ports.ts";
import { eventually } from "./eventually.ts";
import { LineProcess } from "./line_process.ts";

export type BfdBgpCommand =
  | {
      do: "peers";
      /** Only what differs from an eBGP peer of AS 65003 on the link. */
      peers: (Partial<Omit<BgpPeer, "peerAddress" | "sourceAddress" | "routerID">> & {
        name: string;
        peerAddress?: string;
      })[];
      /** Only what differs from 100 ms × 10. */
      profiles: (Partial<BfdProfile> & { name: string })[];
    }
  | { do: "churn"; peer: string; changes: number; busyMs: number }
  | { do: "look" }
  | { do: "stop" };

export interface BfdBgpState {
  sessions: Omit<BgpSessionRow, "node">[];
  bfd: BfdSessionRow[];
  log: string[];
}

/** BGP and BFD of a speaker in a process of their own inside a network namespace. */
export class BfdBgpProcess {
  readonly #process: LineProcess;

  constructor(namespace: string) {
    this.#process = new LineProcess(namespace, new URL("./bfd_bgp_child.ts", import.meta.url).pathname);
  }

  tell(command: BfdBgpCommand): Promise<BfdBgpState> {
    return this.#process.ask(command) as Promise<BfdBgpState>;
  }

  /** Waits until the only BGP session, and the only BFD session where there is one, are as wanted. */
  async until(
    what: string,
    isSo: (bgp: BfdBgpState["sessions"][number], bfd: BfdSessionRow | undefined) => boolean,
    timeoutMs = 15_000,
  ): Promise<BfdBgpState> {
    let last: BfdBgpState | undefined;
    try {
      return await eventually(
        what,
        async () => {
          last = await this.tell({ do: "look" });
          const [session] = last.sessions;
          return session && isSo(session, last.bfd[0]) ? last : undefined;
        },
        timeoutMs,
      );
    } catch (error) {
      throw new Error(`not ${what}: ${JSON.stringify(last)}`, { cause: error });
    }
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
