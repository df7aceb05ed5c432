import {
  type Datagram,
  decodeDatagram,
  encodeDatagram,
  proofBytes,
  Ring,
  type RingAction,
  type WitnessAnswer,
} from "#core/membership/ring/mod.ts";
import { Agenda } from "./agenda.ts";
import { randomFrom } from "./random.ts";

export interface Station {
  readonly name: string;
  ring: Ring;
  isRunning: boolean;
  /** Neither hears nor speaks nor looks at the clock until then: a process that got no CPU. */
  frozenUntil: number;
  /** Its clock runs so much faster than the world's. */
  skew: number;
  inbox: Datagram[];
  wakeAt: number;
  /** What it believes of each other by its last report. */
  readonly beliefs: Map<string, "alive" | "dead" | "left">;
  readonly facts: Map<string, string>;
}

export interface Said {
  readonly by: string;
  readonly node: string;
  readonly state: "alive" | "dead" | "left";
  readonly at: number;
  readonly lastHeardAt: number;
}

export interface WorldOptions {
  readonly seed: number;
  readonly names: readonly string[];
  readonly intervalMs?: number;
  /** Every datagram goes through the codec. */
  readonly isEncoded?: boolean;
  readonly zoneOf?: (name: string) => string;
  /** Starts are spread over so long. */
  readonly startWithinMs?: number;
}

type Event = { type: "wake"; station: Station } | { type: "arrive"; to: string; datagram: Datagram };

/** Speakers in one process on virtual time, with a network that loses, delays and is cut as told. */
export class RingWorld {
  now = 0;
  readonly random: () => number;
  readonly stations = new Map<string, Station>();
  readonly said: Said[] = [];
  readonly told: { by: string; from: string; topic: number; text: string }[] = [];
  readonly settled = new Map<string, number>();
  readonly recorded: { to: string; datagram: Datagram }[] = [];
  readonly sent = { datagrams: 0, bytes: 0, kinds: new Map<string, number>() };
  readonly flaps = new Map<string, number>();
  isRecording = false;
  lossRate = 0;
  latencyMs = { least: 0.1, most: 2 };
  isCut = (_from: string, _to: string) => false;
  witness: (name: string) => WitnessAnswer = () => "confirms";
  /** Who is listed to whom. */
  listed: (name: string) => readonly string[];
  readonly #agenda = new Agenda<Event>();
  readonly #options: WorldOptions;
  #boots = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = randomFrom(options.seed);
    this.listed = () => options.names;
    const within = options.startWithinMs ?? 300;
    for (const name of options.names) this.#add(name, this.random() * within);
  }

  get names(): readonly string[] {
    return this.#options.names;
  }

  station(name: string): Station {
    const station = this.stations.get(name);
    if (!station) throw new Error(`no station ${name}`);
    return station;
  }

  running(): Station[] {
    return [...this.stations.values()].filter((station) => station.isRunning);
  }

  kill(...names: string[]): void {
    for (const name of names) this.station(name).isRunning = false;
  }

  leave(name: string): void {
    const station = this.station(name);
    this.#carryOut(station, station.ring.leave(this.#clock(station)));
    this.#schedule(station);
  }

  /** A new run of the process. `startedAt` may lie, for a clock that went back. */
  start(name: string, startedAt?: number): void {
    this.#add(name, 0, startedAt);
  }

  list(name: string): void {
    const station = this.station(name);
    const { zoneOf } = this.#options;
    const peers = this.listed(name).map((node) => (zoneOf ? { node, zone: zoneOf(node) } : { node }));
    this.#carryOut(station, station.ring.setPeers(peers, this.#clock(station)));
    for (const node of station.beliefs.keys())
      if (!peers.some((each) => each.node === node)) station.beliefs.delete(node);
    this.#schedule(station);
  }

  act(name: string, act: (ring: Ring, now: number) => RingAction[]): void {
    const station = this.station(name);
    this.#carryOut(station, act(station.ring, this.#clock(station)));
    this.#schedule(station);
  }

  freeze(name: string, forMs: number): void {
    const station = this.station(name);
    station.frozenUntil = this.now + forMs;
    this.#agenda.add(station.frozenUntil, { type: "wake", station });
  }

  /** Puts a datagram into a station's queue, as whoever recorded it might. */
  inject(to: string, datagram: Datagram): void {
    this.#agenda.add(this.now, { type: "arrive", to, datagram });
  }

  run(forMs: number): void {
    const end = this.now + forMs;
    for (;;) {
      const next = this.#agenda.nextAt();
      if (next > end) break;
      this.now = Math.max(this.now, next);
      const event = this.#agenda.take();
      if (event?.type === "arrive") this.#arrive(event.to, event.datagram);
      else if (event) this.#turn(event.station);
    }
    this.now = end;
  }

  /** What each running speaker, that one apart, believes of it. */
  beliefsOf(node: string): Set<string> {
    return new Set(
      this.running()
        .filter(({ name }) => name !== node)
        .map(({ beliefs }) => beliefs.get(node) ?? "none"),
    );
  }

  /** Those that hold a wrong belief of somebody, for messages. */
  wrong(): string[] {
    const living = new Set(this.running().map(({ name }) => name));
    return this.running().flatMap(({ name, beliefs }) =>
      this.listed(name)
        .filter((node) => node !== name && (beliefs.get(node) === "alive") !== living.has(node))
        .map((node) => `${name} believes ${node} ${beliefs.get(node) ?? "unknown"}`),
    );
  }

  #add(name: string, afterMs: number, startedAt?: number): void {
    const { intervalMs = 150 } = this.#options;
    const boot = ++this.#boots;
    const ring = new Ring({
      node: name,
      boot,
      intervalMs,
      startedAt: startedAt ?? 1e12 + Math.floor(this.now + afterMs),
      random: randomFrom(this.random() * 2 ** 32),
    });
    const station: Station = {
      name,
      ring,
      isRunning: true,
      frozenUntil: this.now + afterMs,
      skew: this.stations.get(name)?.skew ?? 1,
      inbox: [],
      wakeAt: Infinity,
      beliefs: new Map(),
      facts: new Map(),
    };
    this.stations.set(name, station);
    this.list(name);
    this.#agenda.add(station.frozenUntil, { type: "wake", station });
  }

  #clock({ skew }: Station): number {
    return this.now * skew;
  }

  #arrive(to: string, datagram: Datagram): void {
    const station = this.station(to);
    if (!station.isRunning) return;
    station.inbox.push(datagram);
    this.#turn(station);
  }

  /** As the worker does: what waits is read first, and then what is due is done. */
  #turn(station: Station): void {
    if (!station.isRunning || this.stations.get(station.name) !== station || this.now < station.frozenUntil)
      return;
    const now = this.#clock(station);
    const inbox = station.inbox;
    station.inbox = [];
    for (const datagram of inbox) this.#carryOut(station, station.ring.receive(datagram, now));
    if (station.ring.nextDeadline() <= now) {
      this.#carryOut(station, station.ring.expire(now));
      station.wakeAt = Infinity;
    }
    this.#schedule(station);
  }

  #schedule(station: Station): void {
    const at = Math.max(station.ring.nextDeadline() / station.skew, this.now + 0.001, station.frozenUntil);
    if (at === Infinity || (at >= station.wakeAt && station.wakeAt > this.now)) return;
    station.wakeAt = at;
    this.#agenda.add(at, { type: "wake", station });
  }

  #carryOut(station: Station, actions: readonly RingAction[]): void {
    const by = station.name;
    for (const action of actions) {
      if (action.type === "send") this.#send(by, action.to, action.datagram);
      else if (action.type === "member") {
        const lastHeardAt = action.lastHeardAt / station.skew;
        this.said.push({ by, node: action.node, state: action.state, at: this.now, lastHeardAt });
        station.beliefs.set(action.node, action.state);
      } else if (action.type === "facts")
        station.facts.set(action.node, new TextDecoder().decode(action.facts));
      else if (action.type === "told") {
        const text = new TextDecoder().decode(action.payload);
        this.told.push({ by, from: action.node, topic: action.topic, text });
      } else if (action.type === "settled") this.settled.set(by, this.now);
      else if (action.type === "flaps") this.flaps.set(by, action.count);
      else if (action.type === "ask-witness") {
        const answer = this.witness(by);
        this.#carryOut(station, station.ring.witness(answer, this.#clock(station)));
      }
    }
  }

  #send(from: string, to: string, datagram: Datagram): void {
    const { sent } = this;
    sent.datagrams++;
    const { kind } = datagram.message;
    sent.kinds.set(kind, (sent.kinds.get(kind) ?? 0) + 1);
    if (this.isRecording) this.recorded.push({ to, datagram });
    const bytes = this.#options.isEncoded === false ? undefined : encodeDatagram(datagram);
    if (bytes) sent.bytes += bytes.length + proofBytes;
    if (!this.stations.get(to)?.isRunning || this.isCut(from, to) || this.random() < this.lossRate) return;
    const arrived = bytes ? decodeDatagram(bytes) : datagram;
    if (typeof arrived === "string") throw new Error(`a datagram was not read: ${arrived}`);
    const { least, most } = this.latencyMs;
    this.#agenda.add(this.now + least + this.random() * (most - least), {
      type: "arrive",
      to,
      datagram: arrived,
    });
  }
}

export const nodes = (count: number) => Array.from({ length: count }, (_, index) => `node${index + 1}`);
