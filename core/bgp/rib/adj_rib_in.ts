import type { Family, Prefix } from "#core/net/mod.ts";
import { announcedPrefixes, type UpdateMessage, withdrawnPrefixes } from "../codec/mod.ts";
import { type PrefixKey, prefixKey } from "./prefix_key.ts";

/** A router that sends the whole Internet must not cost us its memory. */
const prefixesMax = 200_000;

/** Adj-RIB-In of one peer: counts what it announces. Nothing of it is ever installed, chosen or passed on. */
export class AdjRibIn {
  readonly #prefixes: Readonly<Record<Family, Set<PrefixKey>>> = { ipv4: new Set(), ipv6: new Set() };

  /** Distinct prefixes that the peer announces; at the limit, at least so many. */
  get count(): number {
    return this.#prefixes.ipv4.size + this.#prefixes.ipv6.size;
  }

  countOf(family: Family): number {
    return this.#prefixes[family].size;
  }

  get isFull(): boolean {
    return this.count >= prefixesMax;
  }

  receive(update: Pick<UpdateMessage, "nlri" | "withdrawn" | "attributes">): void {
    // RFC 4271 §4.3: a prefix in both is announced.
    for (const prefix of withdrawnPrefixes(update)) this.#of(prefix).delete(prefixKey(prefix));
    for (const prefix of announcedPrefixes(update)) this.#add(prefix);
  }

  clear(): void {
    this.#prefixes.ipv4.clear();
    this.#prefixes.ipv6.clear();
  }

  #add(prefix: Prefix): void {
    if (!this.isFull) this.#of(prefix).add(prefixKey(prefix));
  }

  #of(prefix: Prefix): Set<PrefixKey> {
    return this.#prefixes[prefix.address.family];
  }
}
