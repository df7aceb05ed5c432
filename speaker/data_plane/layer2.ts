import { type GratuitousTiming, type Link, type Owned, OwnedTable, Probing } from "#core/l2/mod.ts";
import type { Clock } from "#io/mod.ts";
import { Disputes } from "./disputes.ts";
import { Frames } from "./frames.ts";
import { Handover, type Teller } from "./handover.ts";
import { Layer2Reports } from "./layer2_reports.ts";
import type { Timed } from "./loop.ts";
import type { Port } from "./port.ts";
import type { Rival, ServingLink } from "./port_protocol.ts";
import { Ports } from "./ports.ts";
import type { Problems } from "./problems.ts";
import type { OwnChange, OwnedAddress, Report, StandbyAddress } from "./protocol.ts";

/** Addresses announced and probed before the sockets have their turn. */
const turnBudget = 64;

export interface Layer2Options {
  clock: Clock;
  report: (report: Report) => void;
  problems: Problems;
  timing: GratuitousTiming;
  teller: Teller;
  /** The sockets to wait for are others. */
  portsChanged: () => void;
  /** In [0, 1). */
  random: () => number;
}

/**
 * Answers and announces the addresses of this node on the usable interfaces, and watches for others that speak as them.
 * An address is asked for first where nobody had it before, answered for, given to another node, or taken from one.
 */
export class Layer2 implements Timed {
  readonly #problems: Problems;
  readonly #random: () => number;
  readonly #reports: Layer2Reports;
  readonly #frames: Frames;
  readonly #owned = new OwnedTable();
  readonly owned: OwnedTable = this.#owned;
  readonly #probing = new Probing<Owned>();
  readonly #disputes = new Disputes();
  readonly #handover: Handover;
  readonly #ports: Ports;
  #standby = new Map<string, StandbyAddress[]>();
  /** Taken over without a word of the main thread, with the verdict because of which. */
  readonly #taken = new Map<Owned, number>();
  #verdicts = 0;
  #isLeaving = false;

  constructor({ clock, report, problems, timing, teller, portsChanged, random }: Layer2Options) {
    this.#problems = problems;
    this.#random = random;
    this.#reports = new Layer2Reports(clock, report);
    this.#frames = new Frames(clock, this.#owned, this.#reports, problems, {
      conflict: (rival, port, now) => this.#conflict(rival, port, now),
      broken: (port) => this.#ports.close(port),
    });
    this.#handover = new Handover(teller, this.#owned, {
      isHeld: (entry) => entry.isAnswered && this.#reports.isAnnounced(entry),
      offered: (entry, now) => this.#offered(entry, now),
      release: (entry, to, why) => this.#release(entry, to, why),
    });
    this.#ports = new Ports(this.#owned, problems, timing, {
      serve: (port, now) => this.#frames.serve(port, this.#ports.ownMacs, this.#probing.size > 0, now),
      opened: (port, now) => this.#opened(port, now),
      closed: (port) => this.#reports.forgetInterface(port.index, port.protocol.family),
      changed: portsChanged,
    });
  }

  get ports(): Ports {
    return this.#ports;
  }

  /** Whether nothing is answered for any more. */
  get isSilent(): boolean {
    return !Array.from(this.#owned.values()).some(({ isAnswered }) => isAnswered);
  }

  /**
   * Takes a change of the set to answer for: what is new is announced, what stays as it is, is left alone. With the last
   * piece of a change everything goes that was taken over because of one of the first `verdicts` and is not wanted: what
   * was taken since then was not yet known to who decided.
   */
  own({ wanted, unwanted, isLast, verdicts }: OwnChange, now: number): void {
    for (const address of unwanted) this.#drop(this.#owned.find(address));
    for (const each of wanted) this.#want(each, now);
    if (isLast) for (const [entry, verdict] of this.#taken) if (verdict <= verdicts) this.#drop(entry);
    this.#ports.listen(now);
  }

  /** Begins the burst of these addresses again. */
  announce(addresses: readonly string[], now: number): void {
    for (const address of addresses) {
      const entry = this.#owned.find(address);
      if (entry?.isAnswered) this.#announce(entry, now);
    }
  }

  setStandby(addresses: readonly StandbyAddress[]): void {
    this.#standby = Map.groupBy(addresses, ({ behind }) => behind);
  }

  setHeirs(nodes: readonly string[]): void {
    this.#handover.setHeirs(nodes);
  }

  /** A fellow died, or said goodbye: takes what this node is first in line for. */
  lost(node: string, why: "dead" | "left", now: number): void {
    this.#verdicts++;
    if (this.#isLeaving) return;
    if (why === "left") this.#handover.left(node, now);
    for (const entry of this.#handover.gone(node)) this.#announce(entry, now);
    for (const { address, interfaces } of this.#standby.get(node) ?? []) {
      const found = this.#owned.set(address, interfaces);
      if (found?.what !== "new") continue;
      this.#taken.set(found.entry, this.#verdicts);
      this.#ports.include(found.entry);
      this.#takeOver(found.entry, now);
      this.#reports.taken(found.entry, node);
    }
    this.#ports.listen(now);
  }

  /** A fellow speaker's words about a hand-over. What was asked before them is answered before they count. */
  told(from: string, kind: number, payload: Uint8Array, now: number): void {
    for (const port of [...this.#ports]) port.serve(now);
    this.#handover.told(from, kind, payload, now);
  }

  /** Goes on answering for what is announced until others do; takes nothing any more. */
  leave(now: number): void {
    this.#isLeaving = true;
    for (const port of this.#ports) for (const entry of this.#owned.values()) port.schedule.stop(entry);
    for (const entry of this.#owned.values()) this.#probing.stop(entry);
    this.#handover.leave(now);
  }

  /** Follows the interfaces: one that serves anew, or under other addresses, announces all that it carries. */
  setLinks(usable: readonly ServingLink[], all: readonly Link[], now: number): void {
    this.#ports.follow(usable, all, now);
  }

  nextDeadline(): number {
    return Math.min(
      this.#ports.nextDeadline(),
      this.#probing.nextDeadline(),
      this.#handover.nextDeadline(),
      this.#disputes.nextDeadline(),
      this.#reports.nextDeadline(),
    );
  }

  expire(now: number): void {
    this.#ports.expire(now);
    for (const port of this.#ports) {
      if (port.schedule.nextDeadline() > now) continue;
      for (const entry of port.schedule.takeDue(now, turnBudget))
        if (this.#frames.announce(port, entry, now)) this.#handover.announced(entry, now);
    }
    const { probe, passed } = this.#probing.takeDue(now, turnBudget);
    for (const entry of probe) this.#probe(entry, now);
    for (const entry of passed) this.#begin(entry, now);
    this.#handover.expire(now);
    this.#settleDisputes(now);
    this.#reports.expire(this.#owned, now);
  }

  close(): void {
    this.#ports.closeAll();
  }

  #want(wanted: OwnedAddress, now: number): void {
    const found = this.#owned.set(wanted.address, wanted.interfaces);
    if (!found) {
      this.#problems.say(`Cannot announce "${wanted.address}": it is not an IP address`, now);
      return;
    }
    const { entry, what } = found;
    this.#taken.delete(entry);
    if (what === "new") {
      this.#ports.include(entry);
      if (wanted.yieldingTo !== undefined) this.#release(entry, wanted.yieldingTo, "limit");
      else if (!wanted.isProbed) this.#takeOver(entry, now);
      else {
        entry.isAnswered = false;
        this.#probing.start(entry, now);
      }
      return;
    }
    if (what === "moved") this.#move(entry, now);
    if (wanted.yieldingTo !== undefined) this.#yield(entry, wanted.yieldingTo, now);
    else if (this.#handover.keep(entry)) this.#announce(entry, now);
    else if (!entry.isAnswered && !this.#probing.has(entry)) this.#takeOver(entry, now);
  }

  #drop(entry: Owned | undefined): void {
    if (!entry) return;
    this.#owned.remove(entry.address);
    this.#taken.delete(entry);
    this.#probing.stop(entry);
    this.#handover.forget(entry);
    this.#reports.forget(entry);
    this.#ports.exclude(entry);
  }

  /** It is announced on other interfaces than before. */
  #move(entry: Owned, now: number): void {
    this.#ports.exclude(entry);
    this.#ports.include(entry);
    this.#reports.forget(entry);
    if (this.#probing.isHeld(entry)) this.#probing.start(entry, now);
    if (entry.isAnswered) this.#announce(entry, now);
  }

  #yield(entry: Owned, to: string, now: number): void {
    if (!entry.isAnswered) {
      // Nobody was answered for it here, so there is nothing to wait for; what was released before is told of once.
      if (this.#probing.has(entry)) this.#release(entry, to, "limit");
      return;
    }
    for (const port of this.#ports) port.schedule.stop(entry);
    this.#handover.yieldTo(entry, to, now);
  }

  /** Whoever was met while it was asked for is the one that gives it away now. */
  #offered(entry: Owned, now: number): void {
    if (!this.#probing.has(entry)) return;
    this.#probing.stop(entry);
    this.#takeOver(entry, now);
  }

  /** Where no interface carries it nobody can be asked: it waits for one. */
  #probe(entry: Owned, now: number): void {
    let isCarried = false;
    for (const port of this.#ports) {
      if (!port.carries(entry)) continue;
      isCarried = true;
      this.#frames.send(port, port.protocol.probe(port, entry), "probe for an address", now);
    }
    if (!isCarried) this.#probing.hold(entry);
  }

  #begin(entry: Owned, now: number): void {
    entry.isAnswered = true;
    this.#announce(entry, now);
  }

  #takeOver(entry: Owned, now: number): void {
    entry.takenAt = now;
    this.#begin(entry, now);
  }

  #announce(entry: Owned, now: number): void {
    for (const port of this.#ports) if (port.carries(entry)) port.schedule.start(entry, now);
  }

  #release(entry: Owned, to: string, why: "claimed" | "limit"): void {
    entry.isAnswered = false;
    this.#probing.stop(entry);
    for (const port of this.#ports) port.schedule.stop(entry);
    this.#reports.forget(entry);
    this.#reports.released(entry, to, why);
  }

  #opened(port: Port, now: number): void {
    for (const entry of this.#owned.values()) {
      if (!port.carries(entry)) continue;
      if (this.#probing.isHeld(entry)) this.#probing.start(entry, now);
      else if (entry.isAnswered && !this.#handover.isShared(entry)) port.schedule.start(entry, now);
    }
  }

  #conflict(rival: Rival, port: Port, now: number): void {
    const { entry, mac } = rival;
    if (this.#probing.has(entry)) {
      this.#reports.conflict(entry, mac, port, "probe", now);
      this.#probing.conflict(entry, now, this.#random());
    } else if (this.#isDisputed(entry)) this.#disputes.add(rival, port, now);
  }

  /** Whether nobody else may speak as the address. */
  #isDisputed(entry: Owned): boolean {
    return (
      this.#owned.findBytes(entry.bytes) === entry && entry.isAnswered && !this.#handover.isShared(entry)
    );
  }

  #settleDisputes(now: number): void {
    for (const { rival, port } of this.#disputes.takeDue(now)) {
      const { entry, mac } = rival;
      if (!this.#isDisputed(entry) || !this.#ports.has(port)) continue;
      this.#reports.conflict(entry, mac, port, "owned", now);
      this.#frames.defend(port, entry, now);
    }
  }
}
