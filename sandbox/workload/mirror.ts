import type { Informer, KubeObject } from "#k8s/mod.ts";
import type { ObjectView } from "./objects.ts";

/** Uids that are remembered as gone, so that a late answer does not bring an object back. */
const goneMax = 1000;

type Listener<T> = (after: T | undefined, before: T | undefined) => void;

/**
 * An informer that also knows our own writes. A controller that has just created a pod must not create it again because
 * the watch has not brought it back yet: what a write returned is entered here at once, and an older version that the
 * watch still delivers is ignored (resourceVersions of one kind compare as numbers, KEP-5504).
 */
export class Mirror<T extends ObjectView> {
  readonly #objects = new Map<string, T>();
  readonly #gone = new Set<string>();
  readonly #listeners: Listener<T>[] = [];
  readonly #informer: Informer<T>;
  readonly #project: (object: KubeObject) => T;

  constructor(informer: Informer<T>, project: (object: KubeObject) => T) {
    this.#informer = informer;
    this.#project = project;
    informer.subscribe({
      changed: (after) => this.#enter(after),
      removed: (before) => this.#drop(before),
    });
  }

  whenSynced(): Promise<void> {
    return this.#informer.whenSynced();
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  subscribe(listener: Listener<T>): void {
    this.#listeners.push(listener);
  }

  /** Enters what a create or patch returned. */
  written(object: KubeObject): T {
    const view = this.#project(object);
    this.#enter(view);
    return view;
  }

  /** The server says that this object is gone. */
  lost(object: T): void {
    this.#drop(object);
  }

  #enter(after: T): void {
    if (this.#gone.has(after.uid)) return;
    const before = this.#objects.get(after.key);
    if (before && before.resourceVersion >= after.resourceVersion) return;
    this.#objects.set(after.key, after);
    for (const listener of this.#listeners) listener(after, before);
  }

  #drop(gone: T): void {
    this.#gone.add(gone.uid);
    for (const uid of this.#gone) if (this.#gone.size > goneMax) this.#gone.delete(uid);
    const before = this.#objects.get(gone.key);
    // Another object of the same name is newer than the one that went.
    if (!before || before.uid !== gone.uid) return;
    this.#objects.delete(gone.key);
    for (const listener of this.#listeners) listener(undefined, before);
  }
}
