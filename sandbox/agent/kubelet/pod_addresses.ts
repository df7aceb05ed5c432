import { formatAddress, type Prefix, parseAddress, prefixContains, prefixToRange } from "#core/net/mod.ts";

/**
 * The addresses of a node's pods: the lowest free one of its range, without the first two (the network, and what a
 * bridge of a CNI plugin would have) and the last. Held by pod uid.
 */
export class PodAddresses {
  readonly #prefix: Prefix;
  readonly #holders = new Map<string, string>();
  readonly #held = new Map<string, string>();

  constructor(prefix: Prefix) {
    this.#prefix = prefix;
  }

  /** The pod's address; `known` is what its status says, kept where it is of this range and nobody else's. */
  take(uid: string, known: string): string | undefined {
    const held = this.#held.get(uid);
    if (held !== undefined) return held;
    const address = this.#isFree(known) ? known : this.#lowestFree();
    if (address === undefined) return undefined;
    this.#holders.set(address, uid);
    this.#held.set(uid, address);
    return address;
  }

  release(uid: string): void {
    this.#holders.delete(this.#held.get(uid) ?? "");
    this.#held.delete(uid);
  }

  /** Is it of this node's range, whoever has it? */
  contains(text: string): boolean {
    const address = parseAddress(text);
    return address !== undefined && prefixContains(this.#prefix, address);
  }

  #isFree(text: string): boolean {
    return this.contains(text) && !this.#holders.has(text);
  }

  #lowestFree(): string | undefined {
    const { first, last } = prefixToRange(this.#prefix);
    for (let value = first.value + 2n; value < last.value; value++) {
      const address = formatAddress({ family: first.family, value });
      if (!this.#holders.has(address)) return address;
    }
    return undefined;
  }
}
