import { receiveControlPacket } from "#core/bfd/mod.ts";
import type { Link } from "#core/l2/mod.ts";
import { addressFromBytes, formatAddress, type IpAddress, parseAddress } from "#core/net/mod.ts";
import type { Clock, Datagram } from "#io/mod.ts";
import type { Source, Timed } from "../loop.ts";
import type { Problems } from "../problems.ts";
import { Echo } from "./echo.ts";
import { EchoMirror } from "./echo_mirror.ts";
import { canEcho, sessionParameters } from "./parameters.ts";
import { type Receiver, Receivers } from "./receivers.ts";
import { BfdReports } from "./reports.ts";
import { Sender } from "./sender.ts";
import { SessionBook } from "./session_book.ts";
import type { BfdSessionReport, BfdSessionSettings } from "./types.ts";
import { Watched } from "./watched.ts";

/** Strangers are told of once in so long, whoever they are. */
const strangersIntervalMs = 10_000;

/**
 * All BFD sessions of this node, driven: datagrams in, the states of core/bfd, datagrams out. Runs in the data-plane
 * worker, so that a main thread that is held up breaks no session.
 */
export class BfdSessions implements Timed {
  readonly #problems: Problems;
  readonly #reports: BfdReports;
  readonly #receivers: Receivers;
  readonly #echo: Echo;
  readonly #changed: () => void;
  readonly #book = new SessionBook();
  /** Sessions that say AdminDown until then, and are forgotten. */
  readonly #leaving = new Map<Watched, number>();
  #mirror: EchoMirror | undefined;
  /** No session has a deadline before it. */
  #nearest = Infinity;
  #strangersAfter = -Infinity;

  /** `changed` is called when the sources are others than before. */
  constructor(
    clock: Clock,
    report: (report: { type: "bfd"; sessions: BfdSessionReport[] }) => void,
    problems: Problems,
    changed: () => void,
  ) {
    this.#problems = problems;
    this.#changed = changed;
    this.#reports = new BfdReports(clock, report);
    this.#receivers = new Receivers(problems, (...heard) => this.#heard(...heard), changed);
    this.#echo = new Echo(problems, changed);
  }

  sources(): Source[] {
    return [...this.#receivers.sources(), ...this.#echo.sources(), ...(this.#mirror ? [this.#mirror] : [])];
  }

  /** The whole set. Other intervals are agreed on with the peer (RFC 5880 §6.8.3); another way to it is another session. */
  set(wanted: readonly BfdSessionSettings[], now: number): void {
    const before = new Set(this.#book.all());
    for (const settings of wanted) {
      const address = parseAddress(settings.address);
      if (!address) {
        this.#problems.say(`Cannot watch "${settings.address}" by BFD: it is not an IP address`, now);
        continue;
      }
      const known = this.#book.byKey(settings.key);
      if (known && isSameWay(known.settings, settings)) {
        before.delete(known);
        this.#adapt(known, settings, address, now);
      } else {
        if (known) this.#remove(known, now);
        if (known) before.delete(known);
        this.#add(settings, address, now);
      }
    }
    for (const session of before) this.#remove(session, now);
    this.#openPorts(now);
    this.#nearest = now;
  }

  setLinks(links: readonly Link[], now: number): void {
    this.#echo.setLinks(links, now);
    this.#nearest = now;
  }

  nextDeadline(): number {
    return Math.min(this.#nearest, this.#reports.nextDeadline(), this.#receivers.nextDeadline());
  }

  expire(now: number): void {
    if (this.#nearest <= now) this.#expireSessions(now);
    this.#reports.expire(now);
    this.#receivers.expire(now);
  }

  /** Nobody is watched. */
  get isSilent(): boolean {
    return this.#book.size === 0;
  }

  /** Says AdminDown to all peers, so that their BGP takes it for no failure. */
  leave(now: number): void {
    for (const session of this.#book.all()) this.#remove(session, now);
    this.#nearest = now;
  }

  close(): void {
    for (const session of [...this.#book.all(), ...this.#leaving.keys()]) session.close();
    this.#receivers.close();
    this.#echo.close();
    this.#mirror?.close();
  }

  #add(settings: BfdSessionSettings, address: IpAddress, now: number): void {
    // Two that speak to one peer, one of them AdminDown, would contradict each other.
    for (const left of [...this.#leaving.keys()]) if (left.settings.key === settings.key) this.#forget(left);
    const sender = new Sender(settings, address);
    const session = new Watched(
      settings,
      sessionParameters(settings, address),
      this.#book.freeDiscriminator(),
      sender,
      {
        changed: (changed, isUrgent) => {
          // One that says goodbye is of no interest any more, and may have a successor by its name.
          if (this.#book.byKey(settings.key) === changed) this.#reports.changed(changed, isUrgent);
          this.#nearest = Math.min(this.#nearest, changed.nextDeadline());
        },
        sendEcho: (from, sequence) => this.#echo.send(from, sequence),
      },
      now,
    );
    this.#book.add(session, address);
    this.#reports.changed(session, true);
  }

  #adapt(session: Watched, settings: BfdSessionSettings, address: IpAddress, now: number): void {
    session.settings = settings;
    session.apply({ type: "parameters", parameters: sessionParameters(settings, address) }, now);
    if (!canEcho(settings, address)) this.#echo.forget(session, now);
  }

  #remove(session: Watched, now: number): void {
    this.#book.retire(session);
    this.#echo.forget(session, now);
    this.#leaving.set(session, session.leave(now));
    this.#reports.forget(session);
  }

  #openPorts(now: number): void {
    const sessions = [...this.#book.all()];
    const kinds = sessions.map(({ settings: { address, isMultihop, vrf = "" } }) => {
      const family = address.includes(":") ? ("ipv6" as const) : ("ipv4" as const);
      return { family, isMultihop, vrf };
    });
    this.#receivers.want(kinds, now);
    const isMirrored = sessions.some(({ settings }) => settings.echoMode && settings.address.includes(":"));
    if (isMirrored === (this.#mirror !== undefined)) return;
    this.#mirror?.close();
    this.#mirror = isMirrored
      ? EchoMirror.open((datagram) => this.#isEchoPeer(datagram), this.#problems, now)
      : undefined;
    this.#changed();
  }

  #isEchoPeer(datagram: Datagram): boolean {
    const session = this.#book.bySender({ family: "ipv6", isMultihop: false, vrf: "" }, datagram);
    return session !== undefined && session.session.parameters.requiredMinEchoRxIntervalMs > 0;
  }

  #heard({ kind, portMinimumTtl }: Receiver, datagram: Datagram, now: number): void {
    const { payload, ttl } = datagram;
    const received = receiveControlPacket<Watched>(
      { payload, ttl, portMinimumTtl },
      {
        byDiscriminator: (discr) => this.#book.byDiscriminator(discr),
        bySender: () => this.#book.bySender(kind, datagram),
      },
    );
    if (!("discarded" in received)) {
      const { session, packet } = received;
      session.hear(packet, now);
      if (session.session.parameters.echoIntervalMs !== undefined) this.#echo.heard(session, datagram, now);
      return;
    }
    // After a restart peers name sessions of the process before.
    const session = received.session ?? this.#book.bySender(kind, datagram);
    if (session) session.discarded(received.discarded, now);
    else this.#strange(datagram, received.discarded, now);
  }

  #strange({ source }: Datagram, why: string, now: number): void {
    if (now < this.#strangersAfter) return;
    this.#strangersAfter = now + strangersIntervalMs;
    const address = addressFromBytes(source);
    const from = address ? formatAddress(address) : "nowhere";
    this.#problems.say(`BFD packets from ${from} are dropped: ${why}`, now);
  }

  #expireSessions(now: number): void {
    this.#nearest = Infinity;
    for (const session of this.#book.all()) this.#expireOne(session, now);
    for (const [session, until] of this.#leaving) {
      if (until > now) this.#expireOne(session, now);
      else this.#forget(session);
    }
  }

  #forget(session: Watched): void {
    this.#leaving.delete(session);
    this.#book.forget(session);
    session.close();
  }

  #expireOne(session: Watched, now: number): void {
    if (session.nextDeadline() <= now) session.expire(now);
    this.#nearest = Math.min(this.#nearest, session.nextDeadline());
  }
}

function isSameWay(a: BfdSessionSettings, b: BfdSessionSettings): boolean {
  return (
    a.address === b.address &&
    a.localAddress === b.localAddress &&
    a.interface === b.interface &&
    a.vrf === b.vrf &&
    a.isMultihop === b.isMultihop
  );
}
