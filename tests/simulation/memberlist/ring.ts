import {
  type Action,
  type Cipher,
  encodeMetadata,
  lanSettings,
  Memberlist,
  type MemberlistSettings,
  type MemberView,
  ownVersions,
  type PushNodeState,
  Wire,
  WireFault,
} from "#core/membership/memberlist/mod.ts";
import { Agenda } from "./agenda.ts";
import { chance } from "./chance.ts";

export interface RingOptions {
  members: number;
  seed: number;
  /** Share of all packets that are lost, from 0 to 1; TCP repeats its own. */
  loss: number;
  settings?: MemberlistSettings;
  /** Everybody knows everybody at the start; else only by joining. */
  isJoined?: boolean;
}

export interface Traffic {
  datagrams: number;
  datagramBytes: number;
  streams: number;
  streamBytes: number;
}

/** Of the length of AES-GCM's, and as fast as a copy: only the bytes count here. */
const weightless: Cipher = {
  seal(plain) {
    const sealed = new Uint8Array(plain.length + 28);
    sealed.set(plain, 12);
    return sealed;
  },
  open: (sealed) => sealed.subarray(12, sealed.length - 16),
};

/** Initial and minimal retransmission timers of Linux' TCP (RFC 6298 §2). */
const [handshakeRepeatMs, dataRepeatMs] = [1000, 200];
const portOfAll = 7946;

/**
 * A ring of real members on virtual time, over a network that delays by 0.2 to 1.2 ms, loses and cuts as it is told.
 * A seed repeats a run to the last packet.
 */
export class SimulatedRing {
  readonly members: SimulatedMember[];
  readonly traffic: Traffic = { datagrams: 0, datagramBytes: 0, streams: 0, streamBytes: 0 };
  readonly #options: RingOptions;
  readonly #agenda = new Agenda();
  readonly #random: () => number;
  readonly #byAddress = new Map<string, SimulatedMember>();
  /** Told of every change of every view, as it happens. */
  onMember: (at: SimulatedMember, member: MemberView, was: MemberView["state"] | undefined) => void =
    () => {};
  /** True: nothing passes from one to the other. */
  isCut: (from: SimulatedMember, to: SimulatedMember) => boolean = () => false;
  loss: number;
  now = 0;

  constructor(options: RingOptions) {
    this.#options = options;
    this.#random = chance(options.seed);
    this.loss = options.loss;
    this.members = Array.from({ length: options.members }, (_, at) => this.#newMember(at));
    if (options.isJoined ?? true) {
      const everybody = this.members.map(({ record }) => record);
      for (const { machine } of this.members) machine.restore(everybody, 0);
    }
    for (const member of this.members) member.start();
  }

  random(): number {
    return this.#random();
  }

  /** As the driver with its list of Pods: whoever runs joins, every ten seconds, one that it does not hold for alive. */
  keepJoining(): void {
    for (const member of this.members) {
      const strangers = this.members.filter((other) => other !== member && !member.seesAlive(other.name));
      const stranger = strangers[Math.floor(this.#random() * strangers.length)];
      if (member.isUp && stranger) member.join(stranger);
    }
    this.later(10_000, () => this.keepJoining());
  }

  at(index: number): SimulatedMember {
    return this.members[index] as SimulatedMember;
  }

  run(forMs: number): void {
    const until = this.now + forMs;
    this.runUntil(() => false, until);
    this.now = until;
  }

  /** False where the time was over before. */
  runUntil(isDone: () => boolean, until: number): boolean {
    for (;;) {
      if (isDone()) return true;
      const next = this.#agenda.take(until);
      if (!next) return isDone();
      this.now = next.at;
      next.run();
    }
  }

  later(delayMs: number, run: () => void): void {
    this.#agenda.add(this.now + delayMs, run);
  }

  datagram(from: SimulatedMember, to: string, bytes: Uint8Array): void {
    this.traffic.datagrams++;
    this.traffic.datagramBytes += bytes.length;
    const receiver = this.#byAddress.get(to);
    if (!receiver || this.isCut(from, receiver) || this.#random() < this.loss) return;
    this.later(this.#delay(), () => receiver.receive(bytes, from));
  }

  /** A connection, a message, its answer. */
  stream(from: SimulatedMember, action: Extract<Action, { type: "stream" }>): void {
    const { id, to, bytes, timeoutMs } = action;
    const receiver = this.#byAddress.get(to.address);
    const opensAfter = this.#leg(handshakeRepeatMs) + this.#leg(handshakeRepeatMs) + this.#leg(dataRepeatMs);
    const answersAfter = opensAfter + this.#leg(dataRepeatMs);
    this.traffic.streams++;
    this.traffic.streamBytes += bytes.length;
    const fail = () => from.machine.streamFailed(id);
    if (!receiver || this.isCut(from, receiver) || answersAfter > timeoutMs) {
      this.later(timeoutMs, fail);
      return;
    }
    this.later(opensAfter, () => {
      const answer = receiver.answer(bytes);
      if (!answer) {
        this.later(timeoutMs, fail);
        return;
      }
      this.traffic.streamBytes += answer.length;
      this.later(answersAfter - opensAfter, () => from.answered(id, answer));
    });
  }

  #leg(repeatMs: number): number {
    let delay = this.#delay();
    for (let repeat = repeatMs; this.#random() < this.loss; repeat *= 2) delay += repeat;
    return delay;
  }

  #delay(): number {
    return 0.2 + this.#random();
  }

  #newMember(index: number): SimulatedMember {
    const member = new SimulatedMember(this, index, this.#options.settings ?? lanSettings);
    this.#byAddress.set(member.address, member);
    return member;
  }
}

/** One node: its member, and whether it runs. */
export class SimulatedMember {
  readonly name: string;
  readonly address: string;
  readonly wire: Wire;
  readonly #ring: SimulatedRing;
  readonly #settings: MemberlistSettings;
  machine: Memberlist;
  isUp = true;
  /** What it did beside sending, newest last. */
  readonly notes: Exclude<Action, { type: "datagram" | "stream" | "member" }>[] = [];
  #wakesAt = Infinity;

  constructor(ring: SimulatedRing, index: number, settings: MemberlistSettings) {
    this.#ring = ring;
    this.#settings = settings;
    this.name = `node${index + 1}`;
    this.address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    this.wire = new Wire({
      cipher: weightless,
      isCompressing: settings.enableCompression,
      verifiesIncoming: true,
      verifiesOutgoing: true,
    });
    this.machine = this.#newMachine();
  }

  get record(): PushNodeState {
    const { name, address: addr } = this;
    return { name, addr, port: portOfAll, meta, incarnation: 1, state: "alive", vsn: ownVersions };
  }

  start(): void {
    this.do(this.machine.start(this.#ring.now));
  }

  kill(): void {
    this.isUp = false;
  }

  /** Another run of the process, which remembers nothing. */
  restart(): void {
    this.isUp = true;
    this.machine = this.#newMachine();
    this.#wakesAt = Infinity;
    this.start();
  }

  join(other: SimulatedMember): void {
    this.do(this.machine.join({ address: other.address, port: portOfAll }));
  }

  seesAlive(name: string): boolean {
    const state = this.machine.members().find((member) => member.name === name)?.state;
    return state === "alive" || state === "suspect";
  }

  receive(bytes: Uint8Array, from: SimulatedMember): void {
    if (!this.isUp) return;
    this.do(this.machine.packetReceived(bytes, { address: from.address, port: portOfAll }, this.#ring.now));
  }

  answer(bytes: Uint8Array): Uint8Array | undefined {
    const message = this.isUp ? this.wire.streamDecoder(true).push(bytes) : undefined;
    if (!message || message instanceof WireFault) return undefined;
    const { answer, actions } = this.machine.streamReceived(message, this.#ring.now);
    this.do(actions);
    return answer;
  }

  answered(id: number, bytes: Uint8Array): void {
    const message = this.wire.streamDecoder(false).push(bytes);
    if (!this.isUp || !message || message instanceof WireFault) return;
    this.do(this.machine.streamAnswered(id, message, this.#ring.now));
  }

  do(actions: readonly Action[]): void {
    for (const action of actions) {
      if (action.type === "datagram") this.#ring.datagram(this, action.to.address, action.bytes);
      else if (action.type === "stream") this.#ring.stream(this, action);
      else if (action.type === "member") this.#ring.onMember(this, action.member, action.was);
      else this.notes.push(action);
    }
    this.#arm();
  }

  #arm(): void {
    const deadline = this.machine.nextDeadline();
    if (deadline >= this.#wakesAt) return;
    this.#wakesAt = deadline;
    const { machine } = this;
    this.#ring.later(Math.max(0, deadline - this.#ring.now), () => {
      if (!this.isUp || this.machine !== machine || this.#wakesAt > this.#ring.now) return;
      this.#wakesAt = Infinity;
      if (machine.nextDeadline() <= this.#ring.now) this.do(machine.expire(this.#ring.now));
      else this.#arm();
    });
  }

  #newMachine(): Memberlist {
    return new Memberlist({
      name: this.name,
      address: this.address,
      port: portOfAll,
      settings: this.#settings,
      wire: this.wire,
      metadata: meta,
      random: () => this.#ring.random(),
    });
  }
}

const meta = encodeMetadata({ capability: 1, fastPort: 7947 });
