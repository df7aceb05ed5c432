import type { Informer, ServiceL2StatusView } from "#k8s/mod.ts";

/** Who announced each Service last, as its ServiceL2Status says: all speakers see the same. */
export interface Incumbents {
  /** Node names; undefined where no object says it. */
  get(service: string): string | undefined;
  /** Calls back with the Service and its incumbent, after a change. */
  onChange(listener: (service: string, node: string | undefined) => void): void;
}

type View = ServiceL2StatusView;

/**
 * The ServiceL2Status objects by Service. Most Services have one, so the index holds the object itself and a list only
 * where there are several.
 */
export class L2StatusObjects implements Incumbents {
  readonly #byService = new Map<string, View | View[]>();
  readonly #incumbentListeners: ((service: string, node: string | undefined) => void)[] = [];
  readonly #objectListeners: ((service: string) => void)[] = [];

  constructor(informer: Pick<Informer<View>, "subscribe">) {
    informer.subscribe({
      changed: (after, before) => {
        if (before && before.service !== after.service) this.#change(before.service, before, undefined);
        this.#change(after.service, before, after);
      },
      removed: (before) => this.#change(before.service, before, undefined),
    });
  }

  of(service: string): readonly View[] {
    const found = this.#byService.get(service);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  services(): IterableIterator<string> {
    return this.#byService.keys();
  }

  get(service: string): string | undefined {
    return incumbentOf(this.of(service));
  }

  onChange(listener: (service: string, node: string | undefined) => void): void {
    this.#incumbentListeners.push(listener);
  }

  /** Calls back with the Service after any change of its objects. */
  onObject(listener: (service: string) => void): void {
    this.#objectListeners.push(listener);
  }

  #change(service: string, before: View | undefined, after: View | undefined): void {
    const incumbent = this.get(service);
    const others = this.of(service).filter(({ name }) => name !== (after ?? before)?.name);
    const objects = after ? [...others, after] : others;
    const [first] = objects;
    if (first === undefined) this.#byService.delete(service);
    else this.#byService.set(service, objects.length === 1 ? first : objects);
    const now = this.get(service);
    if (now !== incumbent) for (const listener of this.#incumbentListeners) listener(service, now);
    for (const listener of this.#objectListeners) listener(service);
  }
}

/** While the new announcer's object is there and the old one's still is, the new one: it was made last. */
function incumbentOf(objects: readonly View[]): string | undefined {
  return objects
    .filter(({ isStuck }) => !isStuck)
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? 1 : -1))[0]?.node;
}
