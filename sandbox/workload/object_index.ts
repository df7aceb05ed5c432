import type { Mirror } from "./mirror.ts";
import type { ObjectView } from "./objects.ts";

/** Objects of a mirror by something they hold, such as their owner or their node; kept as they change. */
export class Index<T extends ObjectView> {
  readonly #byValue = new Map<string, Map<string, T>>();

  constructor(mirror: Mirror<T>, valuesOf: (object: T) => Iterable<string>) {
    mirror.subscribe((after, before) => {
      if (before) for (const value of valuesOf(before)) this.#remove(value, before.key);
      if (after) for (const value of valuesOf(after)) this.#add(value, after);
    });
  }

  of(value: string): T[] {
    return [...(this.#byValue.get(value)?.values() ?? [])];
  }

  #add(value: string, object: T): void {
    const objects = this.#byValue.get(value) ?? new Map<string, T>();
    this.#byValue.set(value, objects.set(object.key, object));
  }

  #remove(value: string, key: string): void {
    const objects = this.#byValue.get(value);
    objects?.delete(key);
    if (objects?.size === 0) this.#byValue.delete(value);
  }
}

/** For {@link Index}: the uid of the managing owner. */
export function ownerUid(object: ObjectView): string[] {
  return object.owner ? [object.owner.uid] : [];
}

/** For {@link Index}: each label, within its namespace. */
export function labelPairs(object: ObjectView): string[] {
  return Object.entries(object.labels).map(([name, value]) => labelPair(object.namespace, name, value));
}

export function labelPair(namespace: string, name: string, value: string): string {
  return `${namespace}/${name}=${value}`;
}

export function selects(selector: Readonly<Record<string, string>>, object: ObjectView): boolean {
  return Object.entries(selector).every(([name, value]) => object.labels[name] === value);
}
