import type { Layer2Change } from "#core/announce/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import type { Move } from "#server/ports.ts";
import type { Members } from "./members.ts";

const movesMax = 200;

/**
 * The moves of addresses that this node took part in, newest first and bounded. To be told once among all speakers, a
 * planned move is told by the node that gives the address up, and a takeover by the node that takes it, which also
 * knows how long it took.
 */
export class Moves {
  readonly #node: string;
  readonly #members: Members;
  readonly #moves: Move[] = [];
  readonly #takenOver = new Map<string, { from?: string; why: Reason; decidedAt: number }>();

  constructor(node: string, members: Members) {
    this.#node = node;
    this.#members = members;
  }

  list(): readonly Move[] {
    return this.#moves;
  }

  /**
   * A decision of this node; `isStarting` while it learns what already was, which moves nothing. Gives the move where
   * this node gives the address up; a takeover is complete only with {@link announced}.
   */
  decided(change: Layer2Change, now: number, isStarting: boolean): Move | undefined {
    const from = change.before?.winner;
    const to = change.after?.winner;
    if (from === to) return undefined;
    if (from === this.#node) {
      this.#takenOver.delete(change.address);
      return this.#add({
        at: now,
        address: change.address,
        from,
        ...(to === undefined ? {} : { to }),
        why: whyLeft(change, to),
      });
    }
    if (to === this.#node && !isStarting) {
      const why = this.#whyTaken(from);
      if (why)
        this.#takenOver.set(change.address, { ...(from === undefined ? {} : { from }), why, decidedAt: now });
    }
    return undefined;
  }

  /** The first gratuitous frame went out: the takeover is complete. Gives the move, if it is one. */
  announced(address: string, at: number): Move | undefined {
    const taken = this.#takenOver.get(address);
    if (!taken) return undefined;
    this.#takenOver.delete(address);
    const lostAt = taken.from === undefined ? undefined : this.#members.get(taken.from)?.lastHeardAt;
    return this.#add({
      at,
      address,
      to: this.#node,
      why: taken.why,
      tookMs: Math.max(0, Math.round(at - (lostAt ?? taken.decidedAt))),
      ...(taken.from === undefined ? {} : { from: taken.from }),
    });
  }

  /** Undefined: the node that had it lives and tells of the move itself. */
  #whyTaken(from: string | undefined): Reason | undefined {
    if (from === undefined) return reason("move.first");
    const state = this.#members.get(from)?.state;
    if (state === "left") return reason("move.left", { from });
    return state === "alive" ? undefined : reason("move.node-lost", { from });
  }

  #add(move: Move): Move {
    this.#moves.unshift(move);
    if (this.#moves.length > movesMax) this.#moves.length = movesMax;
    return move;
  }
}

function whyLeft(change: Layer2Change, to: string | undefined): Reason {
  if (to === undefined) return change.after?.blocked ?? reason("move.withdrawn");
  return change.after?.barrier ?? reason("move.preferred", { to });
}
