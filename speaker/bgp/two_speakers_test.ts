import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { parseAddress } from "#core/net/mod.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import type { Dial } from "./dial.ts";
import { prefix } from "./fake_world.ts";
import type { Accepted, Listen } from "./listeners.ts";
import { BgpSpeaker, type PeerSettings } from "./mod.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

type Side = 0 | 1;
const addresses = ["10.0.0.1", "10.0.0.2"].map((text) => parseAddress(text) ?? expect.unreachable());

/** A link of virtual time with delay, cuts and resets, from a seed that reproduces everything. */
class Network {
  #isCut = false;
  readonly listeners: [((one: Accepted) => void)?, ((one: Accepted) => void)?] = [];
  readonly wires: Wire[] = [];
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed * 7919 + 17;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** What was sent meanwhile is sent again when a cut heals, as TCP does. */
  cut(isCut: boolean): void {
    this.#isCut = isCut;
    if (!isCut) for (const { ends } of this.wires) for (const end of ends) end.release();
  }

  random(): number {
    this.#seed = (this.#seed * 48271) % 0x7fffffff;
    return this.#seed / 0x7fffffff;
  }

  delayMs(): number {
    return 1 + Math.floor(this.random() * 120);
  }

  dial(from: Side): Dial {
    return async (_peer, signal) => {
      await new Promise((resolve) => setTimeout(resolve, this.delayMs()));
      if (this.isCut) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      const to = from === 0 ? 1 : 0;
      const accept = this.listeners[to];
      if (!accept || signal.aborted) throw new Error("ECONNREFUSED");
      const wire = new Wire(this);
      this.wires.push(wire);
      setTimeout(() => {
        accept({ connection: wire.ends[to], peer: address(from), local: address(to), requireTtl() {} });
      }, this.delayMs());
      return { connection: wire.ends[from], local: { address: address(from), besides: [] } };
    };
  }

  listen(side: Side): Listen {
    return (_, accepted) => {
      this.listeners[side] = accepted;
      return { setKey() {}, stop: () => delete this.listeners[side] };
    };
  }
}

const address = (side: Side) => addresses[side] ?? expect.unreachable();

class Wire {
  readonly ends: [End, End];
  constructor(readonly network: Network) {
    this.ends = [new End(this), new End(this)];
  }
  get isOpen(): boolean {
    return this.ends.every(({ isClosed }) => !isClosed);
  }
  reset(): void {
    for (const end of this.ends) end.lose("TCP connection lost: ECONNRESET");
  }
}

/** In order, each octet after the delay of the moment; what a cut holds up comes when it heals. */
class End implements Connection {
  readonly isBlocked = false;
  isClosed = false;
  #events: ConnectionEvents | undefined;
  readonly #early: (() => void)[] = [];
  readonly #held: (() => void)[] = [];
  #lastAt = 0;

  constructor(readonly wire: Wire) {}

  start(events: ConnectionEvents): void {
    this.#events = events;
    for (const deliver of this.#early.splice(0)) deliver();
  }

  write(bytes: Uint8Array): void {
    const other = this.#other;
    this.#send(() => other.#deliver(() => other.#events?.data(bytes.slice())));
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    const other = this.#other;
    this.#send(() => other.lose("TCP connection closed by the peer"));
    this.isClosed = true;
  }

  rekey(): void {}

  unacknowledged(): number {
    return 0;
  }

  lose(reason: string): void {
    this.#deliver(() => {
      if (!this.isClosed) this.#events?.lost(reason);
      this.isClosed = true;
    });
  }

  get #other(): End {
    const [a, b] = this.wire.ends;
    return a === this ? b : a;
  }

  #send(arrive: () => void): void {
    const { network } = this.wire;
    this.#lastAt = Math.max(Date.now() + network.delayMs(), this.#lastAt + 1);
    setTimeout(() => {
      this.#held.push(arrive);
      if (!network.isCut) this.release();
    }, this.#lastAt - Date.now());
  }

  release(): void {
    for (const each of this.#held.splice(0)) each();
  }

  #deliver(what: () => void): void {
    if (this.isClosed) return;
    if (this.#events) what();
    else this.#early.push(what);
  }
}

function speakers(
  network: Network,
  isGraceful: boolean,
  connection: [PeerSettings["connection"], PeerSettings["connection"]],
) {
  return ([0, 1] as const).map((side) => {
    const speaker = new BgpSpeaker(
      { nodeName: `node${side}` },
      {
        clock: { monotonicMs: () => Date.now(), wallMs: () => Date.now() },
        random: () => network.random(),
        dial: network.dial(side),
        listen: network.listen(side),
        acceptsPassword: async () => false,
      },
    );
    const mode = connection[side];
    speaker.setPeers([
      {
        name: "other",
        address: address(side === 0 ? 1 : 0),
        port: 179,
        myASN: 64512 + side,
        peerASN: 64513 - side,
        holdTimeMs: 9_000,
        ...(mode && { connection: mode }),
        enableGracefulRestart: isGraceful,
      },
    ]);
    speaker.setRoutes(
      "other",
      [0, 1, 2].map((index) => ({ prefix: prefix(side * 100 + index), communities: [] })),
    );
    return speaker;
  });
}

async function pass(ms: number, each = () => {}): Promise<void> {
  for (let at = 0; at < ms; at += 40) {
    jest.advanceTimersByTime(40);
    await new Promise((resolve) => setImmediate(resolve));
    each();
  }
}

const seeds = Array.from({ length: 100 }, (_, index) => index + 1);

describe("two speakers on virtual time", () => {
  test.each([
    ["both dial", false, ["both", "both"]],
    ["both dial, under graceful restart", true, ["both", "both"]],
    ["one dials, the other listens", false, ["active", "passive"]],
  ] as ["both dial", boolean, ["both", "both"]][])(
    "%s: whatever the network did, one session comes of it, and stays",
    async (_, isGraceful, modes) => {
      let collisions = 0;
      for (const seed of seeds) {
        const network = new Network(seed);
        const pair = speakers(network, isGraceful, modes);
        // Trouble: cuts of up to 12 s, longer than the hold time, and resets.
        await pass(12_000, () => {
          if (network.random() < 0.004) network.cut(!network.isCut);
          if (network.random() < 0.004) network.wires.at(-1)?.reset();
        });
        network.cut(false);
        await pass(22_000);
        const before = pair.map((speaker) => speaker.sessions()[0]);
        const message = `seed ${seed}`;
        expect(
          before.map((row) => row?.state),
          message,
        ).toEqual(["Established", "Established"]);
        expect(network.wires.filter(({ isOpen }) => isOpen).length, message).toBe(1);
        expect(
          before.map((row) => row?.prefixesReceived),
          message,
        ).toEqual([3, 3]);
        await pass(12_000);
        const after = pair.map((speaker) => speaker.sessions()[0]);
        expect(
          after.map((row) => row?.since),
          message,
        ).toEqual(before.map((row) => row?.since ?? 0));
        collisions += pair
          .flatMap((speaker) => speaker.messages("other"))
          .filter(({ text }) => text.includes("Collision")).length;
        for (const speaker of pair) void speaker.stop();
        await pass(2_000);
      }
      if (modes[0] === "both") expect(collisions).toBeGreaterThan(0);
    },
    60_000,
  );
});
