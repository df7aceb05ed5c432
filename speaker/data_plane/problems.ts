import type { Report } from "./protocol.ts";

const repeatMs = 10_000;
const rememberedMax = 256;

/** Reports what the world did, each message at most once in ten seconds: a link that is down fails a thousand sends. */
export class Problems {
  readonly #report: (report: Report) => void;
  readonly #saidAt = new Map<string, number>();

  constructor(report: (report: Report) => void) {
    this.#report = report;
  }

  say(message: string, now: number): void {
    const saidAt = this.#saidAt.get(message);
    if (saidAt !== undefined && now - saidAt < repeatMs) return;
    if (this.#saidAt.size >= rememberedMax) this.#saidAt.clear();
    this.#saidAt.set(message, now);
    this.#report({ type: "problem", message });
  }
}
