import type { Change } from "./change_window.ts";
import { Collection, type Journal } from "./collection.ts";
import type { DataFile } from "./data_file.ts";

type StoreListener = (collection: Collection, change: Change) => void;

/**
 * Every collection, under one counter of revisions: a resourceVersion orders writes of all kinds, as etcd's does.
 * Everything here is synchronous, so a read and the write that follows it are one step.
 */
export class Store implements Journal {
  readonly #collections = new Map<string, Collection>();
  readonly #listeners: StoreListener[] = [];
  readonly #undelivered: [Collection, Change][] = [];
  readonly #changesMax: number;
  readonly #file: DataFile | undefined;
  #isDelivering = false;
  #revision: number;

  /**
   * In memory where no file is given: then `revision` should be larger than any that an earlier run gave out, so that
   * its watches are told to list again. A file that holds something goes on from its own last revision, so that a
   * watch from there resumes, and one from before lists again.
   */
  constructor(options: { revision: number; changesMax: number; file?: DataFile | undefined }) {
    const { file } = options;
    this.#revision = file?.revision || options.revision;
    this.#changesMax = options.changesMax;
    this.#file = file;
    for (const { collection, object, revision } of file?.objects() ?? []) {
      this.collection(collection).restore(object, revision);
    }
  }

  get revision(): number {
    return this.#revision;
  }

  /** The collection of that name; made on first use. */
  collection(id: string): Collection {
    let collection = this.#collections.get(id);
    if (collection === undefined) {
      collection = new Collection(id, this, this.#changesMax);
      this.#collections.set(id, collection);
    }
    return collection;
  }

  collections(): IterableIterator<Collection> {
    return this.#collections.values();
  }

  /** Calls back after every change of every collection, after the collection's own subscribers. */
  onChange(listener: StoreListener): void {
    this.#listeners.push(listener);
  }

  nextRevision(): number {
    this.#revision++;
    return this.#revision;
  }

  keep({ id: collection }: Collection, { type, revision, after }: Change): void {
    if (this.#file === undefined) return;
    const { namespace, name } = after;
    if (type === "DELETED") this.#file.delete({ collection, namespace, name, revision });
    else this.#file.put({ collection, namespace, name, revision, json: after.json });
  }

  /** A write made by a listener waits here, so that all subscribers see all changes in the order of revisions. */
  publish(collection: Collection, change: Change): void {
    this.#undelivered.push([collection, change]);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let next = this.#undelivered.shift(); next !== undefined; next = this.#undelivered.shift()) {
        next[0].deliver(next[1]);
        for (const listener of this.#listeners) listener(next[0], next[1]);
      }
    } finally {
      this.#isDelivering = false;
    }
  }
}
