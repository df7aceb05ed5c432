import { ConflictLimiter, defendIntervalMs, type Owned, type OwnedTable } from "#core/l2/mod.ts";
import { type Clock, errnoName, MemoryBlock } from "#io/mod.ts";
import type { Layer2Reports } from "./layer2_reports.ts";
import type { Port } from "./port.ts";
import type { Rival } from "./port_protocol.ts";
import { protocols } from "./ports.ts";
import type { Problems } from "./problems.ts";

/** Frames read from one interface before the others have their turn. */
const turnBudget = 64;
const frameBytesMax = 2_048;

export interface FramesUser {
  /** Another host speaks as an address, or asks for it to take it. */
  conflict(rival: Rival, port: Port, now: number): void;
  /** The port's socket is of no use any more. */
  broken(port: Port): void;
}

/** Reads and writes frames: questions and their answers, announcements, probes. */
export class Frames {
  readonly #clock: Clock;
  readonly #owned: OwnedTable;
  readonly #reports: Layer2Reports;
  readonly #problems: Problems;
  readonly #user: FramesUser;
  readonly #defences = new ConflictLimiter(defendIntervalMs);
  readonly #block = new MemoryBlock(2 * frameBytesMax);
  readonly #received = this.#block.carve(frameBytesMax);
  readonly #sent = this.#block.carve(Math.max(...protocols.map((each) => each.frameBytes)));

  constructor(clock: Clock, owned: OwnedTable, reports: Layer2Reports, problems: Problems, user: FramesUser) {
    this.#clock = clock;
    this.#owned = owned;
    this.#reports = reports;
    this.#problems = problems;
    this.#user = user;
  }

  /** The hot path: between a client's request and its answer nothing is allocated. */
  serve(port: Port, ownMacs: readonly Uint8Array[], isProbing: boolean, now: number): void {
    const { protocol } = port;
    for (let count = 0; count < turnBudget; count++) {
      const length = port.socket.receive(this.#received);
      if (length === 0) return;
      if (length < 0) {
        this.#problems.say(`Cannot receive on ${port.name}: recv: ${errnoName(-length)}`, now);
        this.#user.broken(port);
        return;
      }
      const frame = this.#received.bytes;
      const outcome = protocol.respond(frame, length, port, this.#owned, this.#sent.bytes);
      if (outcome === "invalid") continue;
      if (outcome !== "unanswered") this.#answer(port, outcome, now);
      let rival = protocol.claim(frame, port, this.#owned, ownMacs);
      if (!rival && isProbing && outcome === "unanswered")
        rival = protocol.rivalProbe(frame, port, this.#owned, ownMacs);
      if (rival) this.#user.conflict(rival, port, now);
    }
  }

  /** True where it is the first announcement of the address since it was taken. */
  announce(port: Port, entry: Owned, now: number): boolean {
    this.#reports.counted(entry);
    for (const frame of port.protocol.announcement(port, entry)) {
      if (!this.send(port, frame, "announce", now)) return false;
      entry.gratuitous++;
    }
    entry.gratuitousAt = this.#clock.wallMs();
    return this.#reports.announced(entry, port);
  }

  /** Says whose the address is, at most every ten seconds, and keeps it (RFC 5227 §2.4, its third way). */
  defend(port: Port, entry: Owned, now: number): void {
    if (this.#defences.admit(entry.address, "", port.name, now)) this.announce(port, entry, now);
  }

  send(port: Port, frame: Uint8Array, what: string, now: number): boolean {
    this.#sent.bytes.set(frame);
    const errno = port.socket.send(this.#sent, frame.length);
    if (errno !== 0) this.#problems.say(`Cannot ${what} on ${port.name}: send: ${errnoName(errno)}`, now);
    return errno === 0;
  }

  #answer(port: Port, entry: Owned, now: number): void {
    entry.requests++;
    this.#reports.counted(entry);
    const errno = port.socket.send(this.#sent, port.protocol.frameBytes);
    if (errno === 0) entry.responses++;
    else this.#problems.say(`Cannot answer requests on ${port.name}: send: ${errnoName(errno)}`, now);
  }
}
