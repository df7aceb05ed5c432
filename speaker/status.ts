import type { ApiContact } from "#k8s/mod.ts";
import type { SpeakerState } from "#server/ports.ts";

/**
 * The number of the present state, and those who wait for the next. Changes that come together wake readers once:
 * a reader is answered at the next turn of the event loop, not in the middle of a decision.
 */
export class Version {
  #number = 1;
  #isWaking = false;
  readonly #waiting = new Set<() => void>();

  get number(): number {
    return this.#number;
  }

  bump(): void {
    this.#number++;
    if (this.#isWaking) return;
    this.#isWaking = true;
    setTimeout(() => {
      this.#isWaking = false;
      for (const wake of [...this.#waiting]) wake();
    }, 0);
  }

  /** Resolves when the number is above `after`, when the time is over, or when the reader has gone. */
  wait(after: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#number > after || signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }
}

/** How this speaker stands with the API server; nothing while all is well. */
export function contactState(contact: ApiContact): Pick<SpeakerState, "cachedSince" | "denials"> {
  const { cachedSince } = contact;
  const denials = contact.denials();
  return {
    ...(cachedSince !== undefined && { cachedSince }),
    ...(denials.length > 0 && { denials }),
  };
}
