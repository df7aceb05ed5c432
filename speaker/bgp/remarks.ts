import { messageLengthMax } from "#core/bgp/mod.ts";
import { formatPrefix, type Prefix } from "#core/net/mod.ts";
import type { Clock } from "#io/mod.ts";

export interface Remark {
  readonly at: number;
  readonly text: string;
}

/** Distinct failures remembered, so that each is logged once. */
const saidMax = 32;

/** What people should know of a peer beside its state; the same at each attempt is logged once. */
export class Remarks {
  readonly #clock: Clock;
  readonly #warn: (text: string) => void;
  /** Since the session was up. */
  readonly #said = new Set<string>();
  #advice: Remark | undefined;

  constructor(clock: Clock, warn: (text: string) => void) {
    this.#clock = clock;
    this.#warn = warn;
  }

  /** Not an end of the session, but something that is not as it was asked for. */
  get advice(): Remark | undefined {
    return this.#advice;
  }

  advise(text: string): void {
    this.#advice = { at: this.#clock.monotonicMs(), text };
    this.warn(text);
  }

  takeBack(): void {
    this.#advice = undefined;
  }

  warn(text: string): void {
    if (this.#said.has(text)) return;
    if (this.#said.size >= saidMax) this.#said.clear();
    this.#said.add(text);
    this.#warn(text);
  }

  /** The session was up: what happens from now on is news. */
  forget(): void {
    this.#said.clear();
  }
}

export function oversizedWords(prefix: Prefix): string {
  const room = `its attributes leave no room in a message of ${messageLengthMax} octets`;
  return `route ${formatPrefix(prefix)} is not announced to this peer: ${room}; give it fewer communities`;
}
