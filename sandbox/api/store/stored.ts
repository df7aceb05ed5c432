import type { KubeObject } from "#k8s/mod.ts";

/**
 * One version of one object. Never changed after it is stored, so watchers, lists and paging snapshots share it; it is
 * written as JSON once for each form that somebody reads.
 */
export class Stored {
  readonly namespace: string;
  readonly name: string;
  #json: string | undefined;
  #forms: Map<string, string> | undefined;

  constructor(
    readonly object: KubeObject,
    readonly revision: number,
  ) {
    this.namespace = object.metadata.namespace ?? "";
    this.name = object.metadata.name;
  }

  /** Where it stands among the objects of its collection. */
  get key(): string {
    return `${this.namespace}/${this.name}`;
  }

  /** The object as stored. */
  get json(): string {
    this.#json ??= JSON.stringify(this.object);
    return this.#json;
  }

  /** Another form of the same version, such as an older API version; `make` runs on the first call for `form`. */
  form(form: string, make: (object: KubeObject) => unknown): string {
    this.#forms ??= new Map();
    let json = this.#forms.get(form);
    if (json === undefined) {
      json = JSON.stringify(make(this.object));
      this.#forms.set(form, json);
    }
    return json;
  }

  hasForm(form: string): boolean {
    return this.#forms?.has(form) === true;
  }

  /** A copy that the caller may change. */
  copy(): KubeObject {
    return JSON.parse(this.json) as KubeObject;
  }
}
