import {
  type Action,
  capabilityVersion,
  type Endpoint,
  encodeMetadata,
  Memberlist,
  type MemberView,
  Wire,
} from "#core/membership/memberlist/mod.ts";
import { type Clock, systemClock } from "#io/mod.ts";
import { WakeTimer } from "../bgp/wake_timer.ts";
import { canonicalAddress } from "./address.ts";
import { AesGcm } from "./aes_gcm.ts";
import { type Complaint, Complaints } from "./complaints.ts";
import { Datagrams } from "./datagrams.ts";
import { gossipKey } from "./key.ts";
import { gossipMember } from "./member.ts";
import { Seeds } from "./seeds.ts";
import { StreamFaultError, Streams } from "./streams.ts";
import type { GossipChange, GossipMember, GossipOptions, GossipState } from "./types.ts";

const rebindAfterMs = 5000;
/** MetalLB gives its goodbye a second. */
const leaveLimitMs = 1000;

/**
 * This node's member of the memberlist ring: UDP and TCP, time and chance around the deciding {@link Memberlist}.
 * What the world does (a port in use, a peer with another key) is a {@link Complaint}, never an exception.
 */
export class Gossip {
  readonly #options: GossipOptions;
  readonly #address: string;
  readonly #clock: Clock;
  readonly #machine: Memberlist;
  readonly #wire: Wire;
  readonly #streams: Streams;
  readonly #seeds: Seeds;
  readonly #complaints: Complaints;
  readonly #wake: WakeTimer;
  readonly #listeners = new Set<(change: GossipChange) => void>();
  readonly #left = Promise.withResolvers<void>();
  #datagrams: Datagrams | undefined;
  #rebind: Timer | undefined;
  #phase: "new" | "binding" | "listening" | "closed" = "new";
  #joinsAt = Infinity;
  #counters = { refutations: 0, datagramsSent: 0, datagramsReceived: 0 };

  constructor(options: GossipOptions) {
    this.#options = options;
    const { node, port, settings, secret, fastPort, log, random = Math.random } = options;
    const address = canonicalAddress(options.address);
    if (address === undefined)
      throw new TypeError(`Cannot gossip as "${options.address}": the bind address must be an IP address`);
    this.#address = address;
    this.#clock = options.clock ?? systemClock;
    const isEncrypted = secret !== undefined && secret.length > 0;
    if (!isEncrypted)
      log.warn("memberlist traffic is not encrypted: no secret key was given (--ml-secret-key-path)");
    this.#wire = new Wire({
      ...(isEncrypted ? { cipher: new AesGcm(gossipKey(secret)) } : {}),
      isCompressing: settings.enableCompression,
      verifiesIncoming: settings.gossipVerifyIncoming,
      verifiesOutgoing: settings.gossipVerifyOutgoing,
    });
    this.#machine = new Memberlist({
      name: node,
      address,
      port,
      settings,
      wire: this.#wire,
      metadata: encodeMetadata({ capability: capabilityVersion, fastPort }),
      random,
    });
    this.#streams = new Streams({
      wire: this.#wire,
      timeoutMs: settings.tcpTimeoutMs,
      answer: (message) => {
        const { answer, actions } = this.#machine.streamReceived(message, this.#now());
        this.#do(actions);
        return answer;
      },
      fault: (fault, from) => this.#complaints.fault(fault, from, this.#clock.wallMs()),
    });
    this.#seeds = new Seeds(random);
    this.#complaints = new Complaints(({ peer, code, text }) =>
      log.warn("memberlist", { peer, code, problem: text }),
    );
    this.#wake = new WakeTimer(this.#clock, () => this.#expire());
  }

  /** Resolves when it listens, or when it cannot yet: then it tries again every five seconds. */
  async start(): Promise<void> {
    if (this.#phase !== "new") return;
    this.#phase = "binding";
    await this.#bind();
  }

  /** Where fellow speakers should be: their Pods' addresses. Those that are no members yet are joined. */
  setSeeds(addresses: Iterable<string>): void {
    const others = new Set([...addresses].flatMap((address) => canonicalAddress(address) ?? []));
    others.delete(this.#address);
    this.#seeds.set(others, this.#now());
    this.#join();
  }

  /** The ring of watchers found it dead: speakers of MetalLB hear of it at once. */
  declareDead(node: string): void {
    if (this.#phase === "listening") this.#do(this.#machine.declareDead(node, this.#now()));
  }

  /** The ring of watchers hears it: a suspicion against it is put off, and it is told to deny. */
  confirmAlive(node: string): void {
    if (this.#phase === "listening") this.#do(this.#machine.confirmAlive(node, this.#now()));
  }

  /** All fellow members that are not forgotten, by name; the dead and those that left among them. */
  members(): GossipMember[] {
    return this.#machine
      .members()
      .map((member) => this.#viewOf(member))
      .sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  /** Gives the unsubscriber. */
  onChange(listener: (change: GossipChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  state(): GossipState {
    return {
      isListening: this.#phase === "listening",
      address: this.#address,
      port: this.#options.port,
      isEncrypted: this.#wire.options.cipher !== undefined,
      health: this.#machine.health,
      members: this.members(),
      complaints: this.#complaints.list(this.#clock.wallMs()),
      ...this.#counters,
    };
  }

  /** Says goodbye for at most a second, then closes everything. */
  async leave(): Promise<void> {
    if (this.#phase === "listening") {
      this.#do(this.#machine.leave(this.#now()));
      await Promise.race([this.#left.promise, Bun.sleep(leaveLimitMs)]);
    }
    this.stop();
  }

  /** Closes everything without a word. */
  stop(): void {
    this.#phase = "closed";
    clearTimeout(this.#rebind);
    this.#wake.arm(undefined);
    this.#datagrams?.close();
    this.#streams.close();
  }

  async #bind(): Promise<void> {
    const { port } = this.#options;
    const address = this.#address;
    try {
      this.#datagrams = await Datagrams.open({ address, port }, (bytes, from) => this.#received(bytes, from));
      await this.#streams.listen({ address, port });
    } catch (error) {
      this.#datagrams?.close();
      this.#datagrams = undefined;
      const text = `cannot listen on port ${port}, UDP and TCP; trying again every 5 s: ${messageOf(error)}`;
      this.#complaints.add(address, "cannot-listen", text, this.#clock.wallMs());
      if (this.#phase === "binding") this.#rebind = setTimeout(() => void this.#bind(), rebindAfterMs);
      return;
    }
    if (this.#phase !== "binding") {
      // Stopped meanwhile.
      this.stop();
      return;
    }
    this.#complaints.settled(address);
    this.#phase = "listening";
    this.#do(this.#machine.start(this.#now()));
    this.#join();
  }

  #received(bytes: Uint8Array, from: Endpoint): void {
    if (this.#phase !== "listening") return;
    this.#counters.datagramsReceived++;
    this.#do(this.#machine.packetReceived(bytes, from, this.#now()));
  }

  #expire(): void {
    if (this.#phase !== "listening") return;
    const now = this.#now();
    if (this.#machine.nextDeadline() <= now) this.#do(this.#machine.expire(now));
    if (this.#joinsAt <= now) this.#join();
    this.#arm();
  }

  /** Tries whom it is time to try, and notes when the next is due. */
  #join(): void {
    if (this.#phase !== "listening") return;
    const members = new Set<string>();
    for (const { addr, state } of this.#machine.members())
      if (state === "alive" || state === "suspect") members.add(addr);
    const isMember = (address: string) => members.has(address);
    for (const address of this.#seeds.due(this.#now(), isMember))
      this.#do(this.#machine.join({ address, port: this.#options.port }));
    this.#joinsAt = this.#seeds.nextDeadline(isMember);
    this.#arm();
  }

  #arm(): void {
    if (this.#phase === "listening") this.#wake.arm(Math.min(this.#machine.nextDeadline(), this.#joinsAt));
  }

  #do(actions: readonly Action[]): void {
    for (const action of actions) this.#carryOut(action);
    this.#arm();
  }

  #carryOut(action: Action): void {
    const at = this.#clock.wallMs();
    switch (action.type) {
      case "datagram": {
        const problem = this.#datagrams?.send(action.bytes, action.to);
        if (problem === undefined) this.#counters.datagramsSent++;
        else this.#complaints.add(action.to.address, "unreachable", `cannot send to it: ${problem}`, at);
        return;
      }
      case "stream":
        void this.#ask(action);
        return;
      case "member":
        this.#changed(action.member, action.was);
        return;
      case "refuted":
        this.#counters.refutations++;
        this.#options.log.debug("memberlist: denied to be dead or suspect", { accuser: action.accuser });
        return;
      case "exchanged":
        this.#complaints.settled(action.with.address);
        return;
      case "left":
        this.#left.resolve();
        return;
      default:
        this.#complaints.about(action, at);
    }
  }

  async #ask({ id, to, bytes, timeoutMs, purpose }: Extract<Action, { type: "stream" }>): Promise<void> {
    let hasJoined = false;
    try {
      const message = await this.#streams.ask(to, bytes, timeoutMs);
      if (this.#phase !== "listening") return;
      const actions = this.#machine.streamAnswered(id, message, this.#now());
      hasJoined = message.type === "push-pull";
      this.#do(actions);
    } catch (error) {
      this.#machine.streamFailed(id);
      const at = this.#clock.wallMs();
      if (error instanceof StreamFaultError) this.#complaints.fault(error.fault, to, at);
      else if (purpose === "join" && this.#phase === "listening")
        this.#complaints.add(
          to.address,
          "unreachable",
          `no memberlist answers there: ${messageOf(error)}`,
          at,
        );
    }
    if (purpose === "join") this.#seeds.tried(to.address, hasJoined, this.#now());
    this.#join();
  }

  #changed(view: MemberView, was: MemberView["state"] | undefined): void {
    const member = this.#viewOf(view);
    const { node, address, state } = member;
    if (state !== was) this.#options.log.info("memberlist member", { member: node, address, state, was });
    const change = { member, ...(was === undefined ? {} : { was }) };
    for (const listener of this.#listeners) listener(change);
    // A seed that is a member no longer is one to be tried again.
    if (state === "dead" || state === "left") this.#joinsAt = this.#now();
  }

  #viewOf(view: MemberView): GossipMember {
    return gossipMember(view, this.#clock.wallMs() - this.#now());
  }

  #now(): number {
    return this.#clock.monotonicMs();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
