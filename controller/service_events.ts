import type { EventView, Informer } from "#k8s/mod.ts";

/** The events of each Service that the API server still keeps, for showing. */
export class ServiceEvents {
  readonly #byService = new Map<string, Map<string, EventView>>();

  constructor(events: Informer<EventView>, changed: () => void) {
    events.subscribe({
      changed: (after) => {
        const known = this.#byService.get(after.about) ?? new Map<string, EventView>();
        this.#byService.set(after.about, known.set(after.name, after));
        changed();
      },
      removed: (before) => {
        const known = this.#byService.get(before.about);
        known?.delete(before.name);
        if (known?.size === 0) this.#byService.delete(before.about);
      },
    });
  }

  /** Newest first. */
  of(service: string): EventView[] {
    return [...(this.#byService.get(service)?.values() ?? [])].sort((a, b) => b.at - a.at);
  }
}
