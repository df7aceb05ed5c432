import type { WatchNotice, WatchSink } from "./watch_hub.ts";

/** The in-process counterpart of a watch response: notices wait here until they are asked for. */
export class WatchQueue implements WatchSink, AsyncIterable<WatchNotice> {
  #waiting: WatchNotice[] = [];
  #isClosed = false;
  #wake = () => {};

  notify(notice: WatchNotice): void {
    if (this.#isClosed) return;
    this.#waiting.push(notice);
    this.#wake();
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
