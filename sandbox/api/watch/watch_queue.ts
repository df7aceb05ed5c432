import { expired } from "../status_error.ts";
import type { WatchNotice, WatchSink } from "./watch_hub.ts";

/** Far more than a first list; who falls behind this much is told to list again. */
const noticesMax = 100_000;

/** The in-process counterpart of a watch response: notices wait here until they are asked for. */
export class WatchQueue implements WatchSink, AsyncIterable<WatchNotice> {
  #waiting: WatchNotice[] = [];
  #isClosed = false;
  #wake = () => {};
  readonly #noticesMax: number;

  constructor(limit = noticesMax) {
    this.#noticesMax = limit;
  }

  notify(notice: WatchNotice): void {
    if (this.#isClosed) return;
    this.#waiting.push(notice);
    if (this.#waiting.length > this.#noticesMax) {
      this.#waiting = [{ type: "ERROR", error: expired("the watch fell too far behind") }];
      this.close();
    } else this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchNotice> {
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      yield* batch;
      if (this.#waiting.length > 0) continue;
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
