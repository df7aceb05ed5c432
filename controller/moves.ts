import type { Move } from "#server/ports.ts";

const movesMax = 500;
/** Two speakers tell of one move at about the same time, each by its own clock. */
const sameMoveMs = 3_000;

/**
 * The moves that speakers told of, newest first: each once, also when two nodes tell of it or a speaker tells again
 * what it told before. The more precise telling is kept, the one that knows how long it took.
 */
export class MoveHistory {
  #moves: Move[] = [];
  /** Everything that was taken in, so that a telling is not taken twice. */
  readonly #seen = new Set<string>();

  list(limit: number): Move[] {
    return this.#moves.slice(0, limit);
  }

  /** True where something was new. */
  add(moves: readonly Move[]): boolean {
    let isNew = false;
    for (const move of moves) isNew = this.#addOne(move) || isNew;
    return isNew;
  }

  #addOne(move: Move): boolean {
    const key = `${move.address} ${move.from} ${move.to} ${move.at}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= movesMax * 8) break;
      this.#seen.delete(oldest);
    }
    const twin = this.#moves.findIndex((other) => isSameMove(other, move));
    if (twin >= 0) {
      if (this.#moves[twin]?.tookMs !== undefined || move.tookMs === undefined) return false;
      this.#moves.splice(twin, 1);
    }
    const at = this.#moves.findIndex((other) => other.at <= move.at);
    this.#moves.splice(at < 0 ? this.#moves.length : at, 0, move);
    this.#moves = this.#moves.slice(0, movesMax);
    return this.#moves.includes(move);
  }
}

function isSameMove(a: Move, b: Move): boolean {
  return a.address === b.address && a.from === b.from && a.to === b.to && Math.abs(a.at - b.at) <= sameMoveMs;
}
