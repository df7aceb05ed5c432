import { type Owned, type OwnedTable, sameMacBytes } from "#core/l2/mod.ts";
import { bpfInstructionBytes, groupsOf, MemoryBlock, runBpf, SystemError } from "#io/mod.ts";
import type { Timed } from "./loop.ts";
import type { Port } from "./port.ts";
import type { Ports } from "./ports.ts";

const intervalMs = 1_000;
/** Of one interface and protocol, in a row; before it the socket is made anew each time. */
const failuresMax = 3;
/** Addresses that are tried on each port; the others come next. */
const triedAtOnce = 64;
/** Reading the kernel's list of groups takes milliseconds where there are thousands. */
const groupsIntervalMs = 10_000;
const manyGroups = 1_000;
const manyGroupsIntervalMs = 60_000;
/** RFC 826 and RFC 4861 questions fit. */
const frameBytesMax = 256;
/** SKF_AD_PKTTYPE and SKF_AD_IFINDEX, as the kernel would give them for a frame to everybody on the interface. */
const broadcastTo = (index: number) => ({ 4: 1, 8: index });

export interface SelfCheckUser {
  /** The result is another than before. */
  changed(isPassed: boolean, message: string, now: number): void;
  /** No interface carries the address, which is no fault of the sockets. */
  uncarried(entry: Owned, now: number): void;
}

/**
 * "Owned, so answered", each second: the kernel's socket hangs on the interface that has the name and the MAC of now and
 * runs the filter that was made; questions for owned addresses pass that filter and get their answer; the groups in
 * which they arrive are joined. What fails is made anew, and what goes on failing is said.
 *
 * It sees what goes wrong between the network card's driver and this thread. It does not see a switch that drops frames,
 * for nothing that a node sends to everybody comes back to it.
 */
export class SelfCheck implements Timed {
  readonly #owned: OwnedTable;
  readonly #ports: Ports;
  readonly #user: SelfCheckUser;
  readonly #reply = new MemoryBlock(frameBytesMax).carve(frameBytesMax).bytes;
  /** By interface and protocol: how often in a row it failed, and why. */
  readonly #failures = new Map<string, { count: number; why: string }>();
  #dueAt: number;
  #groupsAt: number;
  #from = 0;
  #isPassed = true;

  constructor(owned: OwnedTable, ports: Ports, user: SelfCheckUser, now: number) {
    this.#owned = owned;
    this.#ports = ports;
    this.#user = user;
    this.#dueAt = now + intervalMs;
    this.#groupsAt = now + groupsIntervalMs;
  }

  nextDeadline(): number {
    return this.#dueAt;
  }

  expire(now: number): void {
    this.#dueAt = now + intervalMs;
    const sample = this.#sample();
    for (const entry of sample) if (!this.#ports.carries(entry)) this.#user.uncarried(entry, now);
    const isGroupsTurn = now >= this.#groupsAt;
    const seen = new Set<string>();
    for (const port of [...this.#ports]) {
      const fault = this.#fault(port, sample, isGroupsTurn);
      this.#note(`${port.name} ${port.protocol.family}`, fault, seen);
      if (fault !== undefined) this.#ports.reopen(port, now);
    }
    for (const { link, protocol } of this.#ports.missing())
      this.#note(`${link.name} ${protocol.family}`, "its socket cannot be opened", seen);
    this.#ports.openMissing(now);
    for (const id of this.#failures.keys()) if (!seen.has(id)) this.#failures.delete(id);
    if (isGroupsTurn)
      this.#groupsAt = now + (this.#owned.size > manyGroups ? manyGroupsIntervalMs : groupsIntervalMs);
    this.#judge(now);
  }

  #judge(now: number): void {
    const lasting = [...this.#failures].filter(([, { count }]) => count >= failuresMax);
    const isPassed = lasting.length === 0 || this.#owned.size === 0;
    if (isPassed === this.#isPassed) return;
    this.#isPassed = isPassed;
    const words = lasting.map(([id, { why }]) => `${id}: ${why}`).join("; ");
    this.#user.changed(isPassed, isPassed ? "every owned address is answered" : words, now);
  }

  #note(id: string, fault: string | undefined, seen: Set<string>): void {
    seen.add(id);
    if (fault === undefined) this.#failures.delete(id);
    else this.#failures.set(id, { count: (this.#failures.get(id)?.count ?? 0) + 1, why: fault });
  }

  #fault(port: Port, sample: readonly Owned[], isGroupsTurn: boolean): string | undefined {
    try {
      const { interfaceIndex, mac, filterSteps } = port.socket.look();
      if (interfaceIndex !== port.index) return "its socket hangs on an interface that is gone";
      if (mac.length !== 6 || !sameMacBytes(mac, 0, port.mac, 0))
        return "it has another MAC than it answers with";
      if (filterSteps !== port.filter.length / bpfInstructionBytes) return "its socket has another filter";
    } catch (error) {
      if (error instanceof SystemError) return error.message;
      throw error;
    }
    for (const entry of sample)
      if (port.carries(entry) && !this.#isAnswered(port, entry))
        return `it does not answer for ${entry.address}`;
    if (!isGroupsTurn || port.protocol.family !== "ipv6") return undefined;
    const joined = groupsOf(port.name);
    for (const group of port.groups.joined()) if (!joined.has(group)) return `it has left the group ${group}`;
    return undefined;
  }

  /** Puts a question through the filter and to the responder, as the kernel and the loop would. */
  #isAnswered(port: Port, entry: Owned): boolean {
    const { protocol } = port;
    const question = protocol.question(port, entry);
    if (runBpf(port.filter, question, broadcastTo(port.index)) === 0) return false;
    const outcome = protocol.respond(question, question.length, port, this.#owned, this.#reply);
    return outcome === entry && sameMacBytes(this.#reply, 6, port.mac, 0);
  }

  /** The next of the answered addresses, beginning anew after the last. */
  #sample(): Owned[] {
    const sample: Owned[] = [];
    let index = 0;
    for (const entry of this.#owned.values()) {
      if (index++ < this.#from) continue;
      if (sample.length === triedAtOnce) break;
      if (entry.isAnswered) sample.push(entry);
    }
    this.#from = sample.length < triedAtOnce ? 0 : index - 1;
    return sample;
  }
}
