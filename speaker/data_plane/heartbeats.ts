import {
  type Boot,
  decodeHeartbeat,
  encodeHeartbeat,
  heartbeatBytesMax,
  Membership,
  type MembershipAction,
} from "#core/membership/mod.ts";
import {
  type Clock,
  errnoName,
  MemoryBlock,
  type UdpDestination,
  UdpSocket,
  udpDestination,
} from "#io/mod.ts";
import { Authenticator, authenticatorBytes } from "./authenticator.ts";
import type { Source, Timed } from "./loop.ts";
import type { Problems } from "./problems.ts";
import type { HeartbeatPeer, Report, WorkerOptions } from "./protocol.ts";

/** Datagrams read before the others have their turn. */
const turnBudget = 256;
const datagramBytesMax = heartbeatBytesMax + authenticatorBytes;

/** Pushes this node's heartbeat to its peers and judges theirs: the socket and the key of {@link Membership}. */
export class Heartbeats implements Source, Timed {
  readonly #clock: Clock;
  readonly #report: (report: Report) => void;
  readonly #problems: Problems;
  readonly #socket: UdpSocket;
  readonly #authenticator: Authenticator;
  readonly #membership: Membership;
  readonly #block = new MemoryBlock(2 * (datagramBytesMax + 8) + 1);
  readonly #sent = this.#block.carve(datagramBytesMax);
  /** One byte more than allowed, so that a longer datagram fails its check rather than being cut. */
  readonly #received = this.#block.carve(datagramBytesMax + 1);
  #peers = new Map<string, { peer: HeartbeatPeer; destination: UdpDestination }>();

  constructor(
    options: WorkerOptions,
    boot: Boot,
    clock: Clock,
    report: (report: Report) => void,
    problems: Problems,
  ) {
    this.#clock = clock;
    this.#report = report;
    this.#problems = problems;
    this.#socket = new UdpSocket(options.heartbeatAddress, options.heartbeatPort);
    this.#authenticator = new Authenticator(options.heartbeatKey);
    const { node, heartbeatIntervalMs: intervalMs } = options;
    this.#membership = new Membership({ node, boot, intervalMs });
  }

  get fd(): number {
    return this.#socket.fd;
  }

  setPeers(peers: readonly HeartbeatPeer[], now: number): void {
    const known = this.#peers;
    this.#peers = new Map();
    for (const peer of peers) {
      const before = known.get(peer.node);
      const isSame = before?.peer.address === peer.address && before.peer.port === peer.port;
      const destination = isSame ? before.destination : udpDestination(peer.address, peer.port);
      if (destination) this.#peers.set(peer.node, { peer, destination });
      else
        this.#problems.say(
          `Cannot send heartbeats to ${peer.node}: "${peer.address}" is not an IP address`,
          now,
        );
    }
    this.#carryOut(this.#membership.setPeers([...this.#peers.keys()], now), now);
  }

  serve(now: number): void {
    for (let count = 0; count < turnBudget; count++) {
      const length = this.#socket.receive(this.#received);
      if (length === 0) return;
      const payload = this.#authenticator.open(this.#received.bytes.subarray(0, length));
      const beat = payload && decodeHeartbeat(payload);
      if (beat === undefined)
        this.#problems.say(
          "Heartbeats arrive that were made with another key: do all speakers have the same?",
          now,
        );
      else if (typeof beat === "string")
        this.#problems.say(`Heartbeats arrive that cannot be read: ${beat}`, now);
      else this.#carryOut(this.#membership.receive(beat, now), now);
    }
  }

  nextDeadline(): number {
    return this.#membership.nextDeadline();
  }

  expire(now: number): void {
    this.#carryOut(this.#membership.expire(now), now);
  }

  /** The last words to all peers. */
  leave(now: number): void {
    this.#carryOut(this.#membership.leave(), now);
  }

  close(): void {
    this.#socket.close();
  }

  #carryOut(actions: readonly MembershipAction[], now: number): void {
    for (const action of actions) {
      if (action.type === "send") this.#send(action, now);
      else if (action.type === "settled") this.#report({ type: "settled", at: this.#clock.wallMs() });
      else {
        const at = this.#clock.wallMs();
        const lastHeardAt = Math.round(at - (now - action.lastHeardAt));
        this.#report({ type: "member", node: action.node, state: action.state, lastHeardAt, at });
      }
    }
  }

  #send({ beat, to }: Extract<MembershipAction, { type: "send" }>, now: number): void {
    const destination = this.#peers.get(to)?.destination;
    if (!destination) return;
    const payload = encodeHeartbeat({ ...beat, sentAt: this.#clock.wallMs() });
    const length = this.#authenticator.seal(payload, this.#sent.bytes);
    const errno = this.#socket.send(this.#sent, length, destination);
    if (errno !== 0) this.#problems.say(`Cannot send heartbeats to ${to}: sendto: ${errnoName(errno)}`, now);
  }
}
