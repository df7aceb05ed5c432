import type { Kind } from "./kind.ts";

/** Which kinds are served now: the built-in ones, and those of CustomResourceDefinitions as they come and go. */
export class Registry {
  readonly #kinds = new Map<string, Kind>();
  #generation = 0;

  /** Grows with every change, so that documents made from the registry know when they are old. */
  get generation(): number {
    return this.#generation;
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return this.#kinds.get(`${group}/${version}/${plural}`);
  }

  all(): IterableIterator<Kind> {
    return this.#kinds.values();
  }

  /** Serves exactly these kinds from the collection, in place of what it served before. */
  replace(collection: string, kinds: readonly Kind[]): void {
    for (const [key, kind] of this.#kinds) if (kind.collection === collection) this.#kinds.delete(key);
    this.add(kinds);
  }

  add(kinds: readonly Kind[]): void {
    for (const kind of kinds) this.#kinds.set(`${kind.group}/${kind.version}/${kind.plural}`, kind);
    this.#generation++;
  }
}

/** v2 before v1 before v1beta2 before v1beta1 before v1alpha1 before anything else (apimachinery pkg/version). */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    if (value !== other) return other - value;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): number[] {
  const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  if (major === undefined) return [0, 0, 0];
  return [stage === undefined ? 3 : stage === "beta" ? 2 : 1, Number(major), Number(minor ?? 0)];
}
