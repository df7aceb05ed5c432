import type { Element } from "./elements.ts";

/** What to do to nft's sets so that they hold what the table holds. */
export interface Change {
  readonly remove: readonly Element[];
  readonly add: readonly Element[];
}

/**
 * The elements of all Services. Two Services may claim one key, such as the same port of a shared address: the first by
 * name has it, and the other gets it when the first lets go, so that nft never sees a key twice.
 */
export class ElementTable {
  /** Claims on each key, in the order of their owners' names. */
  readonly #claims = new Map<string, { owner: string; element: Element }[]>();
  readonly #byOwner = new Map<string, readonly Element[]>();
  /** What each touched key held at the last {@link takeChange}. */
  #before = new Map<string, Element | undefined>();

  /** From now on these are the owner's elements; none removes it. */
  replace(owner: string, elements: readonly Element[]): void {
    const after = new Map(elements.map((element) => [idOf(element), element]));
    for (const element of this.#byOwner.get(owner) ?? []) {
      const id = idOf(element);
      if (after.get(id)?.value === element.value) after.delete(id);
      else this.#release(id, owner);
    }
    for (const [id, element] of after) this.#claim(id, owner, element);
    if (elements.length > 0) this.#byOwner.set(owner, elements);
    else this.#byOwner.delete(owner);
  }

  *elements(): Generator<Element> {
    for (const [first] of this.#claims.values()) if (first) yield first.element;
  }

  /** What changed since the last call. */
  takeChange(): Change {
    const remove: Element[] = [];
    const add: Element[] = [];
    for (const [id, before] of this.#before) {
      const after = this.#claims.get(id)?.[0]?.element;
      if (before?.value === after?.value) continue;
      if (before) remove.push(before);
      if (after) add.push(after);
    }
    this.#before = new Map();
    return { remove, add };
  }

  #claim(id: string, owner: string, element: Element): void {
    const claims = this.#claims.get(id) ?? [];
    this.#remember(id, claims);
    claims.push({ owner, element });
    claims.sort((a, b) => (a.owner < b.owner ? -1 : 1));
    this.#claims.set(id, claims);
  }

  #release(id: string, owner: string): void {
    const claims = this.#claims.get(id) ?? [];
    this.#remember(id, claims);
    const left = claims.filter((claim) => claim.owner !== owner);
    if (left.length > 0) this.#claims.set(id, left);
    else this.#claims.delete(id);
  }

  #remember(id: string, claims: readonly { element: Element }[]): void {
    if (!this.#before.has(id)) this.#before.set(id, claims[0]?.element);
  }
}

function idOf({ set, key }: Element): string {
  return `${set} ${key}`;
}
