import type { Reason } from "#core/reason/mod.ts";
import { sameList } from "./node_routes.ts";

/**
 * Where this node stands for an address: it announces ("first"), it is the heir of who announces ("second"), two
 * others at least come before it ("later"), or it may not announce at all, or nobody may ("none").
 */
export type Layer2Place = "first" | "second" | "later" | "none";

/** What is decided for one address at layer 2, as far as this node needs to know. */
export interface Layer2Entry {
  readonly address: string;
  /** `namespace/name` of every Service in the address's group. */
  readonly services: readonly string[];
  readonly place: Layer2Place;
  /**
   * Who announces: this node where it is first, the other where it is second, and where it just gave the address up
   * whoever has it now. Otherwise nobody asked, and it is undefined, as it is where nobody announces.
   */
  readonly winner?: string;
  /** Those this node answers on where it is first, or would where it is second; empty means every usable one. */
  readonly interfaces: readonly string[];
  /** The address whose hash orders the candidates. */
  readonly hashed: string;
  /** Why this node is no candidate; undefined where it is one. */
  readonly barrier?: Reason;
  /** Why nobody announces, where that is known. */
  readonly blocked?: Reason;
  /** It is announced for the first time, so the network is asked for it before (RFC 5227 §2.1.1, RFC 4862 §5.4). */
  readonly isProbed?: true;
}

export interface Layer2Change {
  readonly address: string;
  /** Its `winner` names who had the address, where this node takes it and that can be known. */
  readonly before?: Layer2Entry;
  readonly after?: Layer2Entry;
}

/** Whoever else announces, so long as it is not this node's concern, makes no difference. */
export function sameEntry(a: Layer2Entry, b: Layer2Entry): boolean {
  const isNear = b.place === "first" || b.place === "second";
  return (
    a.place === b.place &&
    (!isNear || a.winner === b.winner) &&
    a.hashed === b.hashed &&
    a.blocked?.code === b.blocked?.code &&
    a.barrier?.code === b.barrier?.code &&
    sameList(a.interfaces, b.interfaces) &&
    sameList(a.services, b.services)
  );
}
