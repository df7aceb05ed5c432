import {
  arpFrameBytes,
  foreignClaim,
  gratuitousFrames,
  type Link,
  type Owned,
  OwnedTable,
  respond,
  senderMac,
} from "#core/l2/mod.ts";
import { macToBytes } from "#core/net/mod.ts";
import { type Clock, errnoName, MemoryBlock, SystemError } from "#io/mod.ts";
import { ArpPort } from "./arp_port.ts";
import { Layer2Reports } from "./layer2_reports.ts";
import type { Timed } from "./loop.ts";
import type { Problems } from "./problems.ts";
import type { OwnedAddress, Report } from "./protocol.ts";

/** Frames read from one interface, and addresses announced on one, before the others have their turn. */
const turnBudget = 64;
const frameBytesMax = 2_048;

/** Answers and announces the owned addresses on the usable interfaces, and watches for others that speak as them. */
export class Layer2 implements Timed {
  readonly #clock: Clock;
  readonly #problems: Problems;
  readonly #reports: Layer2Reports;
  readonly #portsChanged: () => void;
  readonly #owned = new OwnedTable();
  readonly #ports = new Map<number, ArpPort>();
  readonly #block = new MemoryBlock(2 * frameBytesMax);
  readonly #received = this.#block.carve(frameBytesMax);
  readonly #sent = this.#block.carve(arpFrameBytes);
  #ownMacs: Uint8Array[] = [];

  constructor(clock: Clock, report: (report: Report) => void, problems: Problems, portsChanged: () => void) {
    this.#clock = clock;
    this.#problems = problems;
    this.#reports = new Layer2Reports(clock, report);
    this.#portsChanged = portsChanged;
  }

  ports(): ArpPort[] {
    return [...this.#ports.values()];
  }

  /** Takes the whole set to answer for. What is new is announced; what stays as it is, is left alone. */
  own(addresses: readonly OwnedAddress[], now: number): void {
    const { added, removed } = this.#owned.replace(addresses);
    if (added.length === 0 && removed.length === 0) return;
    for (const entry of removed) this.#reports.forget(entry);
    for (const port of this.#ports.values()) {
      port.listenFor(this.#owned);
      for (const entry of removed) port.schedule.stop(entry);
    }
    for (const entry of added) this.#announce(entry, now);
    this.#reports.counted();
  }

  /** Begins the burst of these addresses again. */
  announce(addresses: readonly string[], now: number): void {
    for (const address of addresses) {
      const entry = this.#owned.find(address);
      if (entry) this.#announce(entry, now);
    }
  }

  /** Follows the interfaces: one that serves anew, or under another MAC, announces all that it carries. */
  setLinks(usable: readonly Link[], all: readonly Link[], now: number): void {
    this.#ownMacs = all.filter((link) => link.mac !== "").map((link) => macToBytes(link.mac));
    const present = new Map(usable.map((link) => [link.index, link] as const));
    for (const port of this.#ports.values())
      if (present.get(port.index)?.name !== port.name) this.#close(port);
    for (const link of usable) {
      const port = this.#ports.get(link.index);
      if (!port) this.#open(link, now);
      else if (port.macText !== link.mac) {
        port.setMac(link.mac);
        this.#announceAll(port, now);
      }
    }
  }

  nextDeadline(): number {
    let nearest = this.#reports.nextDeadline();
    for (const port of this.#ports.values()) nearest = Math.min(nearest, port.schedule.nextDeadline());
    return nearest;
  }

  expire(now: number): void {
    for (const port of this.#ports.values()) {
      if (port.schedule.nextDeadline() > now) continue;
      for (const entry of port.schedule.takeDue(now, turnBudget)) this.#sendGratuitous(port, entry, now);
    }
    this.#reports.expire(this.#owned, now);
  }

  close(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  /** The hot path: between a client's request and its answer nothing is allocated. */
  #serve(port: ArpPort, now: number): void {
    for (let count = 0; count < turnBudget; count++) {
      const length = port.socket.receive(this.#received);
      if (length === 0) return;
      if (length < 0) {
        this.#problems.say(`Cannot receive on ${port.name}: recv: ${errnoName(-length)}`, now);
        this.#close(port);
        return;
      }
      const outcome = respond(this.#received.bytes, length, port, this.#owned, this.#sent.bytes);
      if (outcome === "malformed") continue;
      if (typeof outcome !== "string") this.#answer(port, outcome, now);
      const claimed = foreignClaim(this.#received.bytes, port.name, this.#owned, this.#ownMacs);
      if (claimed) this.#reports.conflict(claimed, senderMac(this.#received.bytes), port.name, now);
    }
  }

  #answer(port: ArpPort, entry: Owned, now: number): void {
    entry.requests++;
    this.#reports.counted();
    const errno = port.socket.send(this.#sent, arpFrameBytes);
    if (errno === 0) entry.responses++;
    else this.#problems.say(`Cannot answer requests on ${port.name}: send: ${errnoName(errno)}`, now);
  }

  #announce(entry: Owned, now: number): void {
    for (const port of this.#ports.values()) if (port.carries(entry)) port.schedule.start(entry, now);
  }

  #announceAll(port: ArpPort, now: number): void {
    for (const entry of this.#owned.values()) if (port.carries(entry)) port.schedule.start(entry, now);
  }

  #sendGratuitous(port: ArpPort, entry: Owned, now: number): void {
    this.#reports.counted();
    for (const frame of gratuitousFrames(port.macText, entry.key)) {
      this.#sent.bytes.set(frame);
      const errno = port.socket.send(this.#sent, arpFrameBytes);
      if (errno !== 0) {
        this.#problems.say(`Cannot announce on ${port.name}: send: ${errnoName(errno)}`, now);
        return;
      }
      entry.gratuitous++;
    }
    entry.gratuitousAt = this.#clock.wallMs();
    this.#reports.announced(entry, port);
  }

  #open(link: Link, now: number): void {
    try {
      const port = new ArpPort(link, this.#owned, (each, at) => this.#serve(each, at));
      this.#ports.set(port.index, port);
      this.#portsChanged();
      this.#announceAll(port, now);
    } catch (error) {
      // The interface may be gone again, or the privilege missing; the next event or rescan tries anew.
      if (!(error instanceof SystemError)) throw error;
      this.#problems.say(error.message, now);
    }
  }

  #close(port: ArpPort): void {
    this.#ports.delete(port.index);
    this.#reports.forgetInterface(port.index);
    port.close();
    this.#portsChanged();
  }
}
