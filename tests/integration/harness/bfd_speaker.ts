import type { BfdSessionReport, BfdSessionSettings } from "#speaker/data_plane/bfd/types.ts";
import { eventually } from "./eventually.ts";
import { LineProcess } from "./line_process.ts";

export type BfdCommand =
  | { do: "sessions"; sessions: BfdSessionSettings[] }
  | { do: "look" }
  /** As at the end of the process, which then goes on for a while. */
  | { do: "leave" };

export interface BfdChildState {
  sessions: BfdSessionReport[];
  /** Every state that was reported, oldest first. */
  moves: { key: string; state: string; at: number; why?: string }[];
  problems: string[];
}

/** Over one hop, at a pace that a busy machine keeps. */
export function bfdSettings(change: Partial<BfdSessionSettings> & { address: string }): BfdSessionSettings {
  return {
    key: change.address,
    isMultihop: false,
    transmitIntervalMs: 100,
    receiveIntervalMs: 100,
    detectMultiplier: 10,
    minimumTtl: 254,
    passiveMode: false,
    echoMode: false,
    echoIntervalMs: 50,
    ...change,
  };
}

/** The real BFD driver in a process of its own inside a network namespace. */
export class BfdProcess {
  readonly #process: LineProcess;

  constructor(namespace: string) {
    this.#process = new LineProcess(namespace, new URL("./bfd_speaker_child.ts", import.meta.url).pathname);
  }

  get pid(): number {
    return this.#process.pid;
  }

  tell(command: BfdCommand): Promise<BfdChildState> {
    return this.#process.ask(command) as Promise<BfdChildState>;
  }

  set(...sessions: BfdSessionSettings[]): Promise<BfdChildState> {
    return this.tell({ do: "sessions", sessions });
  }

  look(): Promise<BfdChildState> {
    return this.tell({ do: "look" });
  }

  async session(key: string): Promise<BfdSessionReport | undefined> {
    return (await this.look()).sessions.find((each) => each.key === key);
  }

  /** Waits until the session is as wanted; says how it is where it does not become so. */
  async until(
    key: string,
    what: string,
    isSo: (session: BfdSessionReport) => boolean,
    timeoutMs = 15_000,
  ): Promise<BfdSessionReport> {
    let last: BfdSessionReport | undefined;
    try {
      return await eventually(
        what,
        async () => {
          last = await this.session(key);
          return last && isSo(last) ? last : undefined;
        },
        timeoutMs,
      );
    } catch (error) {
      const { problems } = await this.look();
      throw new Error(`${key}: not ${what}; ${JSON.stringify(last)} ${problems.join("; ")}`, {
        cause: error,
      });
    }
  }

  up(key: string): Promise<BfdSessionReport> {
    return this.until(
      key,
      "up on both sides",
      ({ state, remoteState }) => state === "Up" && remoteState === "Up",
    );
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
