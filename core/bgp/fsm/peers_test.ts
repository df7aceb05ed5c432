import { describe, expect, test } from "bun:test";
import {
  ceaseNotification,
  decodeMessage,
  describeNotification,
  encodeMessage,
  ipv4Unicast,
} from "../codec/mod.ts";
import {
  type Action,
  type Event,
  eventOfMessage,
  expiredTimers,
  Journal,
  losesCollision,
  newSession,
  nextDeadline,
  type Session,
  transition,
} from "./mod.ts";

const oneHourMs = 3_600_000;
const wire = { fourOctetAs: true, isExternal: true };

interface Flight {
  at: number;
  to: 0 | 1;
  connection: number;
  event: Event;
}

/** Two state machines, one dials and one listens, over a wire of virtual time that can be cut. */
class Pair {
  now = 0;
  isCut = false;
  readonly sessions: [Session, Session];
  readonly journals = [new Journal(), new Journal()] as const;
  readonly flights: Flight[] = [];
  /** Number of the connection that each side is on. */
  readonly #connections: [number, number] = [0, 0];
  #connectionsMade = 0;
  #seed = 1;

  constructor(holdTimeMs = 9_000) {
    const both = {
      holdTimeMs,
      connectRetryTimeMs: 10_000,
      idleHoldTimeMs: 250,
      idleHoldTimeMaxMs: 10_000,
      families: [ipv4Unicast],
    };
    this.sessions = [
      newSession({ ...both, localAS: 64512, peerAS: 64513, isPassive: false }, 0),
      newSession({ ...both, localAS: 64513, peerAS: "external", isPassive: true }, 0),
    ];
    for (const side of [1, 0] as const) this.feed(side, { type: "ManualStart" });
  }

  feed(side: 0 | 1, event: Event): void {
    const [after, actions] = transition(this.sessions[side], event, {
      now: this.now,
      random: () => this.#random(),
    });
    this.sessions[side] = after;
    for (const action of actions) this.#perform(side, action);
  }

  runUntil(end: number): void {
    while (this.now < end) {
      const times = [...this.sessions.map(nextDeadline), ...this.flights.map(({ at }) => at)];
      this.now = Math.min(end, ...times.filter((at) => at !== undefined));
      for (const side of [0, 1] as const) {
        const [due] = expiredTimers(this.sessions[side], this.now);
        if (due) this.feed(side, due);
      }
      const index = this.flights.findIndex(({ at }) => at <= this.now);
      const [flight] = index < 0 ? [] : this.flights.splice(index, 1);
      if (flight) this.#land(flight);
    }
  }

  #perform(side: 0 | 1, action: Action): void {
    const other = side === 0 ? 1 : 0;
    const connection = this.#connections[side];
    if (action.type === "send") {
      this.journals[side].record(this.now, "sent", action.message);
      const message = decodeMessage(encodeMessage(action.message, wire), wire);
      this.#fly(other, connection, eventOfMessage(message));
      this.#fly(side, connection, { type: "MessageSent" });
    } else if (action.type === "connect" && this.sessions[other].state === "Active") {
      const made = ++this.#connectionsMade;
      this.#fly(other, made, { type: "TcpConnectionConfirmed", bgpIdentifier: 2 });
      this.#fly(side, made, { type: "Tcp_CR_Acked", bgpIdentifier: 1 });
    } else if (action.type === "connect") {
      this.#fly(side, connection, { type: "TcpConnectionFails", reason: "ECONNREFUSED" });
    } else if (action.type === "disconnect" && connection > 0) {
      this.#fly(other, connection, {
        type: "TcpConnectionFails",
        reason: "TCP connection closed by the peer",
      });
      this.#connections[side] = 0;
    }
  }

  #fly(to: 0 | 1, connection: number, event: Event): void {
    if (!this.isCut) this.flights.push({ at: this.now + 1, to, connection, event });
  }

  /** What belongs to a connection that is gone is lost. */
  #land({ to, connection, event }: Flight): void {
    if (event.type === "Tcp_CR_Acked" || event.type === "TcpConnectionConfirmed") {
      this.#connections[to] = connection;
    }
    if (connection === this.#connections[to]) this.feed(to, event);
  }

  #random(): number {
    this.#seed = (this.#seed * 48271) % 0x7fffffff;
    return this.#seed / 0x7fffffff;
  }
}

const states = (pair: Pair) => pair.sessions.map(({ state }) => state);

describe("two sessions on virtual time", () => {
  test("are up after a few round trips and stay so for an hour, on keepalives alone", () => {
    const pair = new Pair();
    pair.runUntil(20);
    expect(states(pair)).toEqual(["Established", "Established"]);
    pair.runUntil(oneHourMs);
    expect(states(pair)).toEqual(["Established", "Established"]);
    expect(pair.sessions.map(({ flaps }) => flaps)).toEqual([0, 0]);
    const { KEEPALIVE, OPEN } = pair.journals[0].counts("sent");
    expect(OPEN).toBe(1);
    // Every 2.25 to 3 s.
    expect(KEEPALIVE).toBeGreaterThan(1_200);
    expect(KEEPALIVE).toBeLessThan(1_602);
  });

  test("notice a cut within the hold time, and come back after it heals", () => {
    const pair = new Pair();
    pair.runUntil(60_000);
    pair.isCut = true;
    pair.flights.length = 0;
    pair.runUntil(69_001);
    expect(states(pair)).not.toContain("Established");
    expect(pair.sessions[0].lastError?.text).toBe(
      "NOTIFICATION sent: Hold Timer Expired (neither KEEPALIVE nor UPDATE for 9 s)",
    );
    pair.runUntil(120_000);
    pair.isCut = false;
    pair.runUntil(150_000);
    expect(states(pair)).toEqual(["Established", "Established"]);
  });

  test("say goodbye with a text, and the one that was told waits for a new start", () => {
    const pair = new Pair();
    pair.runUntil(1_000);
    pair.feed(0, { type: "ManualStop", cease: "Administrative Shutdown", text: "node drained" });
    pair.runUntil(30_000);
    expect(states(pair)).toEqual(["Idle", "Active"]);
    const farewell = describeNotification(ceaseNotification("Administrative Shutdown", "node drained"));
    expect(pair.sessions[1].lastError?.text).toBe(`NOTIFICATION received: ${farewell}`);
    pair.feed(0, { type: "ManualStart" });
    pair.runUntil(40_000);
    expect(states(pair)).toEqual(["Established", "Established"]);
  });
});

describe("losesCollision() (RFC 4271 §6.8, RFC 6286 §2.3)", () => {
  const pair = new Pair();
  const session = { ...pair.sessions[0], state: "OpenConfirm" as const, bgpIdentifier: 10 };
  const up = { ...session, state: "Established" as const };

  test.each([
    [
      "the higher identifier keeps what it dialled",
      session,
      session,
      { bgpIdentifier: 11, asn: 1 },
      "dialledByUs",
    ],
    ["the lower identifier gives way", session, session, { bgpIdentifier: 9, asn: 1 }, "dialledByPeer"],
    ["equal identifiers: the higher AS", session, session, { bgpIdentifier: 10, asn: 64513 }, "dialledByUs"],
    ["an established session stays", up, session, { bgpIdentifier: 11, asn: 1 }, "dialledByPeer"],
    [
      "an established session stays, dialled by the peer",
      session,
      up,
      { bgpIdentifier: 9, asn: 1 },
      "dialledByUs",
    ],
  ] as const)("%s", (_, dialledByUs, dialledByPeer, peer, loser) => {
    expect(losesCollision({ dialledByUs, dialledByPeer }, peer)).toBe(loser);
  });
});

test("Journal keeps the last 256 messages in words, and counts all", () => {
  const journal = new Journal();
  for (let at = 0; at < 300; at++) journal.recordSent(at, "UPDATE", `UPDATE ${at}`);
  journal.record(300, "received", { type: "KEEPALIVE" });
  const entries = journal.entries();
  expect([entries.length, entries[0]?.text, entries.at(-1)?.text]).toEqual([256, "UPDATE 44", "UPDATE 299"]);
  expect(journal.counts("sent").UPDATE).toBe(300);
  expect(journal.counts("received").KEEPALIVE).toBe(1);
});
