import { encodeRouteAttributes, type PathAttributes } from "../codec/mod.ts";
import { type ExportContext, exportAttributes, type Policy, policyKey, policyOf } from "./export_policy.ts";
import type { Route } from "./route.ts";

/** Routes that share all but the prefix, so that one UPDATE carries hundreds of them. */
export class AttributeSet<Entry> {
  /** Entries whose announcement is still to be sent. */
  readonly pending = new Set<Entry>();
  /** Entries that hold it as what is desired or as what was told. */
  references = 0;
  /** Octets that its announcements have for prefixes; undefined: not asked in this session yet. */
  free: number | undefined;
  #attributes: PathAttributes | undefined;
  #bytes: Uint8Array | undefined;

  constructor(readonly policy: Policy) {}

  attributes(context: ExportContext): PathAttributes {
    this.#attributes ??= exportAttributes(this.policy, context);
    return this.#attributes;
  }

  bytes(context: ExportContext): Uint8Array {
    this.#bytes ??= encodeRouteAttributes(this.attributes(context), context);
    return this.#bytes;
  }

  /** A new session has a new context. */
  forgetContext(): void {
    this.#attributes = undefined;
    this.#bytes = undefined;
    this.free = undefined;
  }
}

/** One AttributeSet per distinct policy, as long as an entry refers to it; so policies compare by identity. */
export class AttributeSets<Entry> {
  /** Stands for "the peer shall be told again": it equals no set that a route has. */
  readonly outdated = new AttributeSet<Entry>({
    key: "outdated",
    family: "ipv4",
    communities: [],
    largeCommunities: [],
  });
  readonly #sets = new Map<string, AttributeSet<Entry>>();
  /** Routes come in runs that share their communities; the last answer mostly serves. */
  #last: { route: Route; set: AttributeSet<Entry> } | undefined;

  get size(): number {
    return this.#sets.size;
  }

  of(route: Route): AttributeSet<Entry> {
    if (this.#last && isSamePolicy(this.#last.route, route)) return this.#last.set;
    const key = policyKey(route);
    let set = this.#sets.get(key);
    if (!set) {
      set = new AttributeSet(policyOf(route, key));
      this.#sets.set(key, set);
    }
    this.#last = { route, set };
    return set;
  }

  retain(set: AttributeSet<Entry>): void {
    set.references++;
  }

  release(set: AttributeSet<Entry>): void {
    set.references--;
    if (set.references > 0) return;
    this.#sets.delete(set.policy.key);
    if (this.#last?.set === set) this.#last = undefined;
  }

  forgetContext(): void {
    for (const set of this.#sets.values()) set.forgetContext();
  }
}

function isSamePolicy(a: Route, b: Route): boolean {
  return (
    a.communities === b.communities &&
    a.nextHop === b.nextHop &&
    a.localPref === b.localPref &&
    a.prefix.address.family === b.prefix.address.family
  );
}
