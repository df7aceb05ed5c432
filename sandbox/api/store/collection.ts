import type { KubeObject } from "#k8s/mod.ts";
import { type Change, ChangeWindow } from "./change_window.ts";
import { Stored } from "./stored.ts";

/** Which changes a subscriber hears: all, one namespace's, or one object's. */
export interface Scope {
  /** All namespaces where absent; "" for objects that have none. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** What a collection needs of the store around it. */
export interface Journal {
  readonly revision: number;
  /** The number of the write that is about to happen; called once per write. */
  nextRevision(): number;
  /** Keeps a change that is about to happen; what it throws stops the change. */
  keep(collection: Collection, change: Change): void;
  /** Delivers a change that has happened, after those before it. */
  publish(collection: Collection, change: Change): void;
}

type Listener = (change: Change) => void;

interface Bucket {
  readonly byName: Map<string, Stored>;
  /** Dropped at each creation and deletion, made again by the next list. */
  sortedNames?: string[] | undefined;
}

const everything = "*";

/** All objects of one kind, by namespace and name, with the changes that led to them. */
export class Collection {
  readonly #journal: Journal;
  readonly #buckets = new Map<string, Bucket>();
  readonly #window: ChangeWindow;
  readonly #listeners = new Map<string, Set<Listener>>();
  #size = 0;

  constructor(
    /** `services`, `ipaddresspools.metallb.io`. */
    readonly id: string,
    journal: Journal,
    changesMax: number,
  ) {
    this.#journal = journal;
    this.#window = new ChangeWindow(changesMax, journal.revision);
  }

  get size(): number {
    return this.#size;
  }

  get(namespace: string, name: string): Stored | undefined {
    return this.#buckets.get(namespace)?.byName.get(name);
  }

  /** How many there are in the namespace. */
  count(namespace: string): number {
    return this.#buckets.get(namespace)?.byName.size ?? 0;
  }

  /** In the order of their keys, as etcd returns them: "a-b/c" is before "a/c". */
  list(namespace?: string): Stored[] {
    if (namespace !== undefined) return listBucket(this.#buckets.get(namespace));
    const prefixes = [...this.#buckets.keys()].map((each) => `${each}/`).sort();
    return prefixes.flatMap((each) => listBucket(this.#buckets.get(each.slice(0, -1))));
  }

  /** What {@link list} gave when `revision` was the last; undefined where changes since then are forgotten. */
  listAt(revision: number, namespace?: string): Stored[] | undefined {
    const changes = this.#window
      .since(revision)
      ?.filter(({ after }) => namespace === undefined || after.namespace === namespace);
    const objects = this.list(namespace);
    if (changes === undefined || changes.length === 0) return changes && objects;
    const then = new Map(objects.map((stored) => [stored.key, stored]));
    for (const { before, after } of changes.reverse()) {
      if (before === undefined) then.delete(after.key);
      else then.set(after.key, before);
    }
    return [...then].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stored]) => stored);
  }

  /** Stores an object whose name is free; its resourceVersion is written into it. */
  insert(object: KubeObject): Stored {
    const { namespace = "", name } = object.metadata;
    if (this.get(namespace, name) !== undefined) throw new Error(`${this.id} "${name}" is stored already`);
    const after = this.#version(object);
    const change: Change = { type: "ADDED", revision: after.revision, after };
    this.#journal.keep(this, change);
    this.#place(after);
    this.#record(change);
    return after;
  }

  /** Puts back what an earlier run has kept; nobody is told. */
  restore(object: KubeObject, revision: number): void {
    this.#place(new Stored(object, revision));
  }

  /** Compare and swap: refuses when `before` is not what is stored. */
  replace(before: Stored, object: KubeObject): Stored {
    const bucket = this.#current(before);
    const after = this.#version(object);
    const change: Change = { type: "MODIFIED", revision: after.revision, before, after };
    this.#journal.keep(this, change);
    bucket.byName.set(after.name, after);
    this.#record(change);
    return after;
  }

  /** Removes what is stored; the last state, with the deletion's resourceVersion, is returned and announced. */
  remove(before: Stored, last: KubeObject = before.object): Stored {
    const bucket = this.#current(before);
    const after = this.#version({ ...last, metadata: { ...last.metadata } });
    const change: Change = { type: "DELETED", revision: after.revision, before, after };
    this.#journal.keep(this, change);
    bucket.byName.delete(before.name);
    bucket.sortedNames = undefined;
    this.#size--;
    if (bucket.byName.size === 0) this.#buckets.delete(before.namespace);
    this.#record(change);
    return after;
  }

  get compactedRevision(): number {
    return this.#window.compactedRevision;
  }

  changesSince(revision: number): readonly Change[] | undefined {
    return this.#window.since(revision);
  }

  /** Calls back after every change in the scope until the returned function is called. */
  subscribe(scope: Scope, listener: Listener): () => void {
    const key = scopeKey(scope.namespace, scope.name);
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  /** Tells subscribers; only the journal calls this, in the order of the revisions. */
  deliver(change: Change): void {
    if (this.#listeners.size === 0) return;
    const { namespace, name } = change.after;
    const keys = [everything, scopeKey(namespace), scopeKey(undefined, name), scopeKey(namespace, name)];
    for (const key of keys) {
      for (const listener of this.#listeners.get(key) ?? []) listener(change);
    }
  }

  #place(stored: Stored): void {
    const bucket = this.#buckets.get(stored.namespace) ?? { byName: new Map<string, Stored>() };
    this.#buckets.set(stored.namespace, bucket);
    bucket.byName.set(stored.name, stored);
    bucket.sortedNames = undefined;
    this.#size++;
  }

  #version(object: KubeObject): Stored {
    const revision = this.#journal.nextRevision();
    object.metadata.resourceVersion = String(revision);
    return new Stored(object, revision);
  }

  #current(stored: Stored): Bucket {
    const bucket = this.#buckets.get(stored.namespace);
    if (bucket?.byName.get(stored.name) !== stored) {
      throw new Error(`${this.id} "${stored.name}" changed between read and write`);
    }
    return bucket;
  }

  #record(change: Change): void {
    this.#window.add(change);
    this.#journal.publish(this, change);
  }
}

function listBucket(bucket: Bucket | undefined): Stored[] {
  if (bucket === undefined) return [];
  bucket.sortedNames ??= [...bucket.byName.keys()].sort();
  return bucket.sortedNames.map((name) => bucket.byName.get(name) as Stored);
}

function scopeKey(namespace?: string, name?: string): string {
  if (namespace === undefined && name === undefined) return everything;
  return `${namespace ?? everything}/${name ?? everything}`;
}
