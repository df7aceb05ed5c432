import type { Kind } from "../kinds/mod.ts";
import { badRequest, expiredList } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import type { ApiContext } from "./context.ts";
import { listObjects, type Selection } from "./list.ts";

export interface Page {
  readonly items: readonly Stored[];
  readonly revision: number;
  /** Present where there is more. */
  readonly continueToken?: string;
  /** How many there are after this page; unknown where selectors narrow the list. */
  readonly remaining?: number;
}

export interface PageRequest {
  /** Tells requests apart, so that a token serves only the list that it came from. */
  readonly key: string;
  /** 0 is no limit. */
  readonly limit: number;
  /** Of the page before; empty for the first. */
  readonly token: string;
  /** The list as it was then; as it is now where absent. */
  readonly exactRevision?: number | undefined;
}

interface Snapshot {
  readonly key: string;
  readonly items: readonly Stored[];
  readonly revision: number;
  readonly isNarrowed: boolean;
  readonly takenAt: number;
}

/** What a continue token says. */
interface Position {
  /** Empty: goes on in what there is then. */
  readonly snapshot: string;
  /** The key of the last object that was given. */
  readonly after: string;
}

const snapshotsMax = 100;
/** As long as a real server's etcd keeps old revisions. */
const snapshotLifetimeMs = 5 * 60_000;

/**
 * Lists in pages. All pages of a list show the same moment: versions are never changed, so a list that goes on later is
 * only kept as it was, until it ends, grows old, or too many others begin.
 */
export class Pager {
  readonly #context: ApiContext;
  readonly #snapshots = new Map<string, Snapshot>();
  #count = 0;

  constructor(context: ApiContext) {
    this.#context = context;
  }

  page(kind: Kind, selection: Selection, request: PageRequest): Page {
    const { key, limit, token, exactRevision } = request;
    const position = token === "" ? undefined : read(token);
    if (position !== undefined && position.snapshot !== "") return this.#next(key, limit, position);
    const all = listObjects(this.#context, kind, selection, exactRevision);
    const items = position === undefined ? all : all.filter((stored) => stored.key > position.after);
    const revision = exactRevision ?? this.#context.store.revision;
    if (limit === 0 || items.length <= limit) return { items, revision };
    const isNarrowed = selection.labels !== undefined || selection.fields !== undefined;
    const snapshot = { key, items, revision, isNarrowed, takenAt: this.#context.now() };
    this.#count++;
    const id = `${revision}.${this.#count}`;
    this.#snapshots.set(id, snapshot);
    const [oldest] = this.#snapshots.keys();
    if (this.#snapshots.size > snapshotsMax && oldest !== undefined) this.#snapshots.delete(oldest);
    return cut(snapshot, id, 0, limit);
  }

  #next(key: string, limit: number, { snapshot: id, after }: Position): Page {
    const snapshot = this.#snapshots.get(id);
    if (snapshot === undefined || this.#context.now() - snapshot.takenAt > snapshotLifetimeMs) {
      this.#snapshots.delete(id);
      throw expiredList(write({ snapshot: "", after }));
    }
    if (snapshot.key !== key) throw badRequest("continue key is not valid: it belongs to another list");
    const { items } = snapshot;
    const start = items.findIndex((stored) => stored.key > after);
    const page = cut(snapshot, id, start === -1 ? items.length : start, limit || items.length);
    if (page.continueToken === undefined) this.#snapshots.delete(id);
    return page;
  }
}

function cut({ items, revision, isNarrowed }: Snapshot, id: string, offset: number, limit: number): Page {
  const end = offset + limit;
  const page = { items: items.slice(offset, end), revision };
  const last = page.items.at(-1);
  if (end >= items.length || last === undefined) return page;
  const continueToken = write({ snapshot: id, after: last.key });
  return { ...page, continueToken, ...(isNarrowed ? {} : { remaining: items.length - end }) };
}

function write({ snapshot, after }: Position): string {
  return Buffer.from(`${snapshot} ${after}`).toString("base64url");
}

function read(token: string): Position {
  const [, snapshot, after] = /^([\d.]*) (\S*\/\S+)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (snapshot === undefined || after === undefined) throw badRequest("continue key is not valid");
  return { snapshot, after };
}
