import type { Owned } from "#core/l2/mod.ts";
import type { Port } from "./port.ts";
import type { Rival } from "./port_protocol.ts";

/** Two speakers decide on a move within so long of each other, on machines that are busy too. */
const patienceMs = 1_000;
/** Who gave an address up may answer the first announcements of who took it. */
const takeoverMs = 2_000;

interface Dispute {
  rival: Rival;
  port: Port;
  dueAt: number;
}

/**
 * Conflicts over owned addresses, held back for a moment: in a planned move the new announcer may speak before this
 * node heard that the address is no longer its own. What is a conflict still is one a second later.
 */
export class Disputes {
  /** In the order of time, for all wait equally long. */
  readonly #open = new Map<Owned, Dispute>();

  add(rival: Rival, port: Port, now: number): void {
    const { entry } = rival;
    if (rival.isAnswer && now - entry.takenAt < takeoverMs) return;
    if (!this.#open.has(entry)) this.#open.set(entry, { rival, port, dueAt: now + patienceMs });
  }

  nextDeadline(): number {
    for (const { dueAt } of this.#open.values()) return dueAt;
    return Infinity;
  }

  takeDue(now: number): { rival: Rival; port: Port }[] {
    const due: Dispute[] = [];
    for (const dispute of this.#open.values()) {
      if (dispute.dueAt > now) break;
      due.push(dispute);
    }
    for (const { rival } of due) this.#open.delete(rival.entry);
    return due;
  }
}
