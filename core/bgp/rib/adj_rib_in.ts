import type { Prefix } from "#core/net/mod.ts";
import type { UpdateMessage } from "../codec/mod.ts";
import { type PrefixKey, prefixKey } from "./prefix_key.ts";

/** A router that sends the whole Internet must not cost us its memory. */
const prefixesMax = 200_000;

/** Adj-RIB-In of one peer: counts what it announces. Nothing of it is ever installed, chosen or passed on. */
export class AdjRibIn {
  readonly #prefixes = new Set<PrefixKey>();

  /** Distinct prefixes that the peer announces; at the limit, at least so many. */
  get count(): number {
    return this.#prefixes.size;
  }

  get isFull(): boolean {
    return this.#prefixes.size >= prefixesMax;
  }

  receive({ nlri, withdrawn }: Pick<UpdateMessage, "nlri" | "withdrawn">): void {
    // RFC 4271 §4.3: a prefix in both is announced.
    for (const prefix of withdrawn) this.#prefixes.delete(prefixKey(prefix));
    for (const prefix of nlri) this.#add(prefix);
  }

  clear(): void {
    this.#prefixes.clear();
  }

  #add(prefix: Prefix): void {
    if (!this.isFull) this.#prefixes.add(prefixKey(prefix));
  }
}
