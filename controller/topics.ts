import type { Topic } from "#server/ports.ts";

/** Who wants to hear that a topic has changed. */
export class Topics {
  readonly #listeners = new Set<(topic: Topic) => void>();

  subscribe(listener: (topic: Topic) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  poke(...topics: readonly Topic[]): void {
    for (const topic of topics) for (const listener of this.#listeners) listener(topic);
  }
}
