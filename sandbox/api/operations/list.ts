import type { Kind } from "../kinds/mod.ts";
import {
  type FieldSelector,
  type LabelSelector,
  parseFieldSelector,
  parseLabelSelector,
} from "../selectors/mod.ts";
import { badRequest, expired } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import type { ApiContext } from "./context.ts";

/** What narrows a list or a watch. */
export interface Selection {
  /** All where absent. */
  readonly namespace: string | undefined;
  readonly labels: LabelSelector | undefined;
  readonly fields: FieldSelector | undefined;
}

export interface Page {
  readonly items: readonly Stored[];
  readonly revision: number;
  /** Present where there is more. */
  readonly continueToken?: string;
  /** How many there are after this page; unknown where selectors narrow the list. */
  readonly remaining?: number;
}

export function selectionOf(
  kind: Kind,
  namespace: string | undefined,
  labelSelector: string,
  fieldSelector: string,
): Selection {
  return {
    namespace: kind.namespaced ? namespace : "",
    labels: parseLabelSelector(labelSelector),
    fields: parseFieldSelector(fieldSelector, kind.selectableFields),
  };
}

export function listObjects(context: ApiContext, kind: Kind, selection: Selection): Stored[] {
  const { labels, fields } = selection;
  const namespace = selection.namespace ?? fields?.namespace;
  const collection = context.store.collection(kind.collection);
  if (fields?.name !== undefined && namespace !== undefined) {
    const only = collection.get(namespace, fields.name);
    return only && matches(only, selection) ? [only] : [];
  }
  const all = collection.list(namespace);
  return labels || fields ? all.filter((stored) => matches(stored, selection)) : all;
}

function matches({ object }: Stored, { labels, fields }: Selection): boolean {
  return (!labels || labels(object.metadata.labels)) && (!fields || fields.matches(object));
}

interface Snapshot {
  readonly key: string;
  readonly items: readonly Stored[];
  readonly revision: number;
  readonly isNarrowed: boolean;
  readonly takenAt: number;
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

  /** `limit` 0 is no limit; `key` tells requests apart, so that a token serves only the list that it came from. */
  page(kind: Kind, selection: Selection, key: string, limit: number, token: string): Page {
    if (token !== "") return this.#next(key, limit, token);
    const items = listObjects(this.#context, kind, selection);
    const { revision } = this.#context.store;
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

  #next(key: string, limit: number, token: string): Page {
    const [id = "", offset] = Buffer.from(token, "base64url").toString().split(" ");
    const snapshot = this.#snapshots.get(id);
    if (offset === undefined || !/^\d+$/.test(offset)) throw badRequest("continue key is not valid");
    if (snapshot === undefined || this.#context.now() - snapshot.takenAt > snapshotLifetimeMs) {
      this.#snapshots.delete(id);
      throw expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
      );
    }
    if (snapshot.key !== key) throw badRequest("continue key is not valid: it belongs to another list");
    const page = cut(snapshot, id, Number(offset), limit === 0 ? snapshot.items.length : limit);
    if (page.continueToken === undefined) this.#snapshots.delete(id);
    return page;
  }
}

function cut({ items, revision, isNarrowed }: Snapshot, id: string, offset: number, limit: number): Page {
  const end = offset + limit;
  const page = { items: items.slice(offset, end), revision };
  if (end >= items.length) return page;
  const continueToken = Buffer.from(`${id} ${end}`).toString("base64url");
  return { ...page, continueToken, ...(isNarrowed ? {} : { remaining: items.length - end }) };
}
