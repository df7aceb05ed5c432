import { type Link, type Owned, OwnedTable } from "#core/l2/mod.ts";
import { macToBytes } from "#core/net/mod.ts";
import { type Clock, errnoName, MemoryBlock, SystemError } from "#io/mod.ts";
import { arp } from "./arp.ts";
import { Layer2Reports } from "./layer2_reports.ts";
import type { Timed } from "./loop.ts";
import { ndp } from "./ndp.ts";
import { Port } from "./port.ts";
import type { PortProtocol, ServingLink } from "./port_protocol.ts";
import type { Problems } from "./problems.ts";
import type { OwnedAddress, Report } from "./protocol.ts";

/** Frames read from one interface, and addresses announced and groups joined on one, before the others have their turn. */
const turnBudget = 64;
const frameBytesMax = 2_048;
const protocols: readonly PortProtocol[] = [arp, ndp];

/** Answers and announces the owned addresses on the usable interfaces, and watches for others that speak as them. */
export class Layer2 implements Timed {
  readonly #clock: Clock;
  readonly #problems: Problems;
  readonly #reports: Layer2Reports;
  readonly #portsChanged: () => void;
  readonly #owned = new OwnedTable();
  readonly #ports = new Set<Port>();
  readonly #block = new MemoryBlock(2 * frameBytesMax);
  readonly #received = this.#block.carve(frameBytesMax);
  readonly #sent = this.#block.carve(Math.max(...protocols.map((each) => each.frameBytes)));
  #ownMacs: Uint8Array[] = [];

  constructor(clock: Clock, report: (report: Report) => void, problems: Problems, portsChanged: () => void) {
    this.#clock = clock;
    this.#problems = problems;
    this.#reports = new Layer2Reports(clock, report);
    this.#portsChanged = portsChanged;
  }

  ports(): Port[] {
    return [...this.#ports];
  }

  /** Takes the whole set to answer for. What is new is announced; what stays as it is, is left alone. */
  own(addresses: readonly OwnedAddress[], now: number): void {
    const { added, removed } = this.#owned.replace(addresses);
    if (added.length === 0 && removed.length === 0) return;
    for (const entry of removed) this.#reports.forget(entry);
    for (const port of this.#ports) {
      this.#listen(port, now);
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

  /** Follows the interfaces: one that serves anew, or under other addresses, announces all that it carries. */
  setLinks(usable: readonly ServingLink[], all: readonly Link[], now: number): void {
    this.#ownMacs = all.filter((link) => link.mac !== "").map((link) => macToBytes(link.mac));
    const present = new Map(usable.map((link) => [link.index, link] as const));
    for (const port of this.#ports) {
      const link = present.get(port.index);
      if (link?.name !== port.name || !port.protocol.serves(link)) {
        this.#close(port);
        continue;
      }
      port.groups.retry();
      if (port.update(link)) this.#announceAll(port, now);
    }
    for (const link of usable)
      for (const protocol of protocols)
        if (protocol.serves(link) && !this.#hasPort(link, protocol)) this.#open(link, protocol, now);
  }

  nextDeadline(): number {
    let nearest = this.#reports.nextDeadline();
    for (const port of this.#ports) {
      if (port.groups.isPending) return -Infinity;
      nearest = Math.min(nearest, port.schedule.nextDeadline());
    }
    return nearest;
  }

  expire(now: number): void {
    for (const port of this.#ports) {
      if (port.groups.isPending) this.#attempt(now, () => port.groups.advance(turnBudget));
      if (port.schedule.nextDeadline() > now) continue;
      for (const entry of port.schedule.takeDue(now, turnBudget)) this.#sendGratuitous(port, entry, now);
    }
    this.#reports.expire(this.#owned, now);
  }

  close(): void {
    for (const port of this.#ports) port.close();
    this.#ports.clear();
  }

  /** The hot path: between a client's request and its answer nothing is allocated. */
  #serve(port: Port, now: number): void {
    for (let count = 0; count < turnBudget; count++) {
      const length = port.socket.receive(this.#received);
      if (length === 0) return;
      if (length < 0) {
        this.#problems.say(`Cannot receive on ${port.name}: recv: ${errnoName(-length)}`, now);
        this.#close(port);
        return;
      }
      const frame = this.#received.bytes;
      const outcome = port.protocol.respond(frame, length, port, this.#owned, this.#sent.bytes);
      if (outcome === "invalid") continue;
      if (outcome !== "unanswered") this.#answer(port, outcome, now);
      const claim = port.protocol.claim(frame, port, this.#owned, this.#ownMacs);
      if (claim) this.#reports.conflict(claim.entry, claim.mac, port, now);
    }
  }

  #answer(port: Port, entry: Owned, now: number): void {
    entry.requests++;
    this.#reports.counted();
    const errno = port.socket.send(this.#sent, port.protocol.frameBytes);
    if (errno === 0) entry.responses++;
    else this.#problems.say(`Cannot answer requests on ${port.name}: send: ${errnoName(errno)}`, now);
  }

  #announce(entry: Owned, now: number): void {
    for (const port of this.#ports) if (port.carries(entry)) port.schedule.start(entry, now);
  }

  #announceAll(port: Port, now: number): void {
    for (const entry of this.#owned.values()) if (port.carries(entry)) port.schedule.start(entry, now);
  }

  #sendGratuitous(port: Port, entry: Owned, now: number): void {
    this.#reports.counted();
    for (const frame of port.protocol.announcement(port, entry)) {
      this.#sent.bytes.set(frame);
      const errno = port.socket.send(this.#sent, frame.length);
      if (errno !== 0) {
        this.#problems.say(`Cannot announce on ${port.name}: send: ${errnoName(errno)}`, now);
        return;
      }
      entry.gratuitous++;
    }
    entry.gratuitousAt = this.#clock.wallMs();
    this.#reports.announced(entry, port);
  }

  #hasPort(link: ServingLink, protocol: PortProtocol): boolean {
    for (const port of this.#ports) if (port.index === link.index && port.protocol === protocol) return true;
    return false;
  }

  #open(link: ServingLink, protocol: PortProtocol, now: number): void {
    this.#attempt(now, () => {
      const port = new Port(protocol, link, (each, at) => this.#serve(each, at));
      this.#ports.add(port);
      this.#portsChanged();
      this.#listen(port, now);
      this.#announceAll(port, now);
    });
  }

  #listen(port: Port, now: number): void {
    this.#attempt(now, () => {
      port.listenFor(this.#owned);
      port.groups.advance(turnBudget);
    });
  }

  /** The interface may be gone again, or the privilege missing; the next event or rescan tries anew. */
  #attempt(now: number, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#problems.say(error.message, now);
    }
  }

  #close(port: Port): void {
    this.#ports.delete(port);
    this.#reports.forgetInterface(port.index, port.protocol.family);
    port.close();
    this.#portsChanged();
  }
}
