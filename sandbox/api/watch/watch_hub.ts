import type { FieldSelector, LabelSelector } from "../selectors/mod.ts";
import { expired, type StatusError } from "../status_error.ts";
import { type Change, type Collection, type Scope, Stored } from "../store/mod.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a watch is about and where it starts. */
export interface WatchRequest {
  readonly scope: Scope;
  readonly labels?: LabelSelector | undefined;
  readonly fields?: FieldSelector | undefined;
  /** Undefined: everything that exists first, as ADDED, then changes. Otherwise only changes after this revision. */
  readonly startRevision?: number | undefined;
  /** After the first objects, say that they are complete (KEP-3157 WatchList). */
  readonly marksInitialEventsEnd: boolean;
  readonly allowBookmarks: boolean;
  readonly timeoutMs: number;
}

export type WatchNotice =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly stored: Stored }
  | { readonly type: "BOOKMARK"; readonly revision: number; readonly endsInitialEvents: boolean }
  | { readonly type: "ERROR"; readonly error: StatusError };

/** Where notices go; nothing follows `close`. */
export interface WatchSink {
  notify(notice: WatchNotice): void;
  close(): void;
}

const bookmarkPeriodMs = 60_000;

/** Opens watches and knows the open ones, to end them with the server or with the kind they watch. */
export class WatchHub {
  readonly #scheduler: Scheduler;
  readonly #currentRevision: () => number;
  readonly #open = new Map<Collection, Set<() => void>>();

  constructor(scheduler: Scheduler, currentRevision: () => number) {
    this.#scheduler = scheduler;
    this.#currentRevision = currentRevision;
  }

  get size(): number {
    let size = 0;
    for (const watches of this.#open.values()) size += watches.size;
    return size;
  }

  /** Sends what is due at once, and the rest as it happens, until the timeout or until the returned function runs. */
  open(collection: Collection, request: WatchRequest, sink: WatchSink): () => void {
    const start = this.#currentRevision();
    const missed = request.startRevision === undefined ? [] : collection.changesSince(request.startRevision);
    if (missed === undefined || (request.startRevision ?? 0) > start) {
      const oldest = collection.compactedRevision;
      const error = expired(`too old resource version: ${request.startRevision} (${oldest})`);
      sink.notify({ type: "ERROR", error });
      sink.close();
      return () => {};
    }

    const selects = selection(request);
    if (request.startRevision === undefined) {
      for (const stored of existing(collection, request.scope)) {
        if (selects(stored)) sink.notify({ type: "ADDED", stored });
      }
    }
    for (const change of missed) {
      if (isInScope(change, request.scope)) forward(change, selects, sink);
    }
    const bookmark = (endsInitialEvents: boolean) =>
      sink.notify({ type: "BOOKMARK", revision: this.#currentRevision(), endsInitialEvents });
    if (request.marksInitialEventsEnd && request.allowBookmarks) bookmark(true);

    const leave = collection.subscribe(request.scope, (change) => {
      // A watch that a listener opened meets the change that is still being delivered once more.
      if (change.revision > start) forward(change, selects, sink);
    });
    const stopBookmarks = request.allowBookmarks
      ? this.#scheduler.every(bookmarkPeriodMs, () => bookmark(false))
      : () => {};
    const stop = () => {
      leave();
      stopBookmarks();
      cancelTimeout();
      this.#forget(collection, end);
    };
    const end = () => {
      stop();
      if (request.allowBookmarks) bookmark(false);
      sink.close();
    };
    const cancelTimeout = this.#scheduler.after(request.timeoutMs, end);
    const watches = this.#open.get(collection) ?? new Set();
    this.#open.set(collection, watches.add(end));
    return stop;
  }

  /** Ends the watches of one collection, or all. */
  closeAll(collection?: Collection): void {
    const ends = collection ? [this.#open.get(collection)] : [...this.#open.values()];
    for (const end of ends.flatMap((watches) => [...(watches ?? [])])) end();
  }

  #forget(collection: Collection, end: () => void): void {
    const watches = this.#open.get(collection);
    watches?.delete(end);
    if (watches?.size === 0) this.#open.delete(collection);
  }
}

type Selects = (stored: Stored) => boolean;

function selection({ labels, fields }: WatchRequest): Selects {
  return ({ object }) =>
    (labels === undefined || labels(object.metadata.labels)) &&
    (fields === undefined || fields.matches(object));
}

function existing(collection: Collection, { namespace, name }: Scope): Stored[] {
  if (namespace === undefined || name === undefined) {
    return collection.list(namespace).filter((stored) => name === undefined || stored.name === name);
  }
  const stored = collection.get(namespace, name);
  return stored ? [stored] : [];
}

function isInScope({ after }: Change, { namespace, name }: Scope): boolean {
  return (
    (namespace === undefined || after.namespace === namespace) && (name === undefined || after.name === name)
  );
}

/** An object that enters the selection is ADDED for this watch, one that leaves it is DELETED. */
function forward(change: Change, selects: Selects, sink: WatchSink): void {
  const { type, before, after } = change;
  const isSelected = type !== "DELETED" && selects(after);
  const wasSelected = before !== undefined && selects(before);
  if (isSelected) sink.notify({ type: wasSelected ? "MODIFIED" : "ADDED", stored: after });
  else if (wasSelected)
    sink.notify({ type: "DELETED", stored: type === "DELETED" ? after : leaving(change) });
}

/** The last state that was selected, with the resourceVersion of the change that took it away. */
function leaving({ before, after, revision }: Change): Stored {
  const last = (before ?? after).object;
  const metadata = { ...last.metadata, resourceVersion: String(revision) };
  return new Stored({ ...last, metadata }, revision);
}
