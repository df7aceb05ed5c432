import type { KubeObject } from "#k8s/mod.ts";
import { apiVersionOf, type Kind } from "../kinds/mod.ts";
import { type ApiContext, decodeCopy, encode, type Page } from "../operations/mod.ts";
import { statusOf } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import { type IncludeObject, metadataOf, tableOf } from "../table/mod.ts";
import type { WatchNotice } from "../watch/mod.ts";
import type { Form } from "./negotiate.ts";

const encoder = new TextEncoder();

/** Writes objects, lists and watch events of one kind in the form that a request asked for. */
export class Presenter {
  readonly #context: ApiContext;
  readonly #kind: Kind;
  readonly #form: Form;
  readonly #includeObject: IncludeObject;
  #hasSentColumns = false;

  constructor(context: ApiContext, kind: Kind, form: Form, includeObject: IncludeObject) {
    this.#context = context;
    this.#kind = kind;
    this.#form = form;
    this.#includeObject = includeObject;
  }

  object(stored: Stored): string {
    if (this.#form === "object") return encode(stored, this.#kind);
    if (this.#form === "metadata") return JSON.stringify(metadataOf(stored.object));
    return this.#table([stored], { resourceVersion: stored.object.metadata.resourceVersion }, true);
  }

  list(page: Page): string {
    const metadata = {
      resourceVersion: String(page.revision),
      ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
      ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
    };
    if (this.#form === "table") return this.#table(page.items, metadata, true);
    const isMetadata = this.#form === "metadata";
    const head = JSON.stringify({
      kind: isMetadata ? "PartialObjectMetadataList" : this.#kind.listKind,
      apiVersion: isMetadata ? "meta.k8s.io/v1" : apiVersionOf(this.#kind),
      metadata,
    });
    const items = page.items.map((stored) => this.object(stored)).join(",");
    return `${head.slice(0, -1)},"items":[${items}]}`;
  }

  /** One line of a watch. */
  event(notice: WatchNotice): Uint8Array {
    if (notice.type === "ERROR") return line("ERROR", JSON.stringify(statusOf(notice.error)));
    if (notice.type === "BOOKMARK") {
      return line("BOOKMARK", this.#bookmark(notice.revision, notice.endsInitialEvents));
    }
    if (this.#form === "object") return sharedLine(notice.type, notice.stored, this.#kind);
    if (this.#form === "metadata") return line(notice.type, this.object(notice.stored));
    const metadata = { resourceVersion: notice.stored.object.metadata.resourceVersion };
    const table = this.#table([notice.stored], metadata, !this.#hasSentColumns);
    this.#hasSentColumns = true;
    return line(notice.type, table);
  }

  #table(items: readonly Stored[], metadata: Record<string, unknown>, withColumns: boolean): string {
    return JSON.stringify(
      tableOf({
        columns: this.#kind.columns,
        objects: items.map((stored) => tableObject(stored, this.#kind)),
        metadata,
        includeObject: this.#includeObject,
        context: { now: this.#context.now() },
        withColumns,
      }),
    );
  }

  #bookmark(revision: number, endsInitialEvents: boolean): string {
    const annotations = endsInitialEvents ? { "k8s.io/initial-events-end": "true" } : undefined;
    const metadata = { resourceVersion: String(revision), creationTimestamp: null, annotations };
    if (this.#form === "table") return this.#table([], metadata, false);
    const isMetadata = this.#form === "metadata";
    return JSON.stringify({
      kind: isMetadata ? "PartialObjectMetadata" : this.#kind.kind,
      apiVersion: isMetadata ? "meta.k8s.io/v1" : apiVersionOf(this.#kind),
      metadata,
    } satisfies Omit<KubeObject, "metadata"> & { metadata: unknown });
  }
}

/** Columns are read in the version that they are declared for, where versions differ. */
function tableObject(stored: Stored, kind: Kind): KubeObject {
  return kind.isCustom && kind.conversion !== undefined ? decodeCopy(stored, kind) : stored.object;
}

function line(type: string, json: string): Uint8Array {
  return encoder.encode(`{"type":"${type}","object":${json}}\n`);
}

/** The last line made, for a change is told to all watchers of its kind in one turn. */
let last: { type: string; stored: Stored; kind: Kind; bytes: Uint8Array } | undefined;

function sharedLine(type: string, stored: Stored, kind: Kind): Uint8Array {
  if (last?.stored === stored && last.type === type && last.kind === kind) return last.bytes;
  last = { type, stored, kind, bytes: line(type, encode(stored, kind)) };
  return last.bytes;
}
