import type { Layer2Change } from "#core/announce/mod.ts";
import type { InterfaceState } from "./data_plane/mod.ts";

/** An address that this node is to answer for, on interfaces of which it has none. */
export interface AnnounceFailure {
  readonly services: readonly string[];
  /** Named by the L2Advertisements. */
  readonly wanted: readonly string[];
  /** Usable on this node. */
  readonly present: readonly string[];
}

/** Finds the addresses that this node cannot announce for want of an interface, each once for each time it is so. */
export class AnnounceFailures {
  readonly #node: string;
  /** Own addresses whose interfaces are restricted. */
  readonly #restricted = new Map<string, { services: readonly string[]; wanted: readonly string[] }>();
  readonly #failed = new Set<string>();
  /** Undefined before the data plane has told. */
  #present: readonly string[] | undefined;

  constructor(node: string) {
    this.#node = node;
  }

  decided(changes: readonly Layer2Change[]): AnnounceFailure[] {
    return changes.flatMap(({ address, after }) => {
      if (after?.winner === this.#node && after.interfaces.length > 0) {
        this.#restricted.set(address, { services: after.services, wanted: after.interfaces });
        return this.#look(address);
      }
      this.#restricted.delete(address);
      this.#failed.delete(address);
      return [];
    });
  }

  interfaces(states: readonly InterfaceState[]): AnnounceFailure[] {
    this.#present = states.filter(({ isUsable }) => isUsable).map(({ name }) => name);
    return [...this.#restricted.keys()].flatMap((address) => this.#look(address));
  }

  #look(address: string): AnnounceFailure[] {
    const found = this.#restricted.get(address);
    const present = this.#present;
    if (!found || !present) return [];
    if (found.wanted.some((name) => present.includes(name))) {
      this.#failed.delete(address);
      return [];
    }
    if (this.#failed.has(address)) return [];
    this.#failed.add(address);
    return [{ ...found, present }];
  }
}
