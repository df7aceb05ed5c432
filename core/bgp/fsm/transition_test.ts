import { describe, expect, test } from "bun:test";
import { bgpError, ipv4Unicast, type OpenMessage } from "../codec/mod.ts";
import {
  type Event,
  type EventName,
  expiredTimers,
  newSession,
  nextDeadline,
  type Session,
  type SessionParameters,
  type StateName,
  transition,
} from "./mod.ts";

const parameters: SessionParameters = {
  localAS: 64512,
  peerAS: 64513,
  holdTimeMs: 90_000,
  connectRetryTimeMs: 10_000,
  idleHoldTimeMs: 250,
  idleHoldTimeMaxMs: 10_000,
  isPassive: false,
  families: [ipv4Unicast],
};

const open: OpenMessage = {
  type: "OPEN",
  myAS: 64513,
  holdTimeSeconds: 30,
  bgpIdentifier: 0x0a000002,
  capabilities: [
    { name: "Multiprotocol", value: ipv4Unicast },
    { name: "FourOctetAs", value: 64513 },
  ],
};

/** An example of each event. */
const examples: Readonly<Record<EventName, Event>> = {
  ManualStart: { type: "ManualStart" },
  ManualStop: { type: "ManualStop", cease: "Administrative Shutdown", text: "bye" },
  AutomaticStart: { type: "AutomaticStart" },
  ManualStart_with_PassiveTcpEstablishment: { type: "ManualStart_with_PassiveTcpEstablishment" },
  AutomaticStart_with_PassiveTcpEstablishment: { type: "AutomaticStart_with_PassiveTcpEstablishment" },
  AutomaticStart_with_DampPeerOscillations: { type: "AutomaticStart_with_DampPeerOscillations" },
  AutomaticStart_with_DampPeerOscillations_and_PassiveTcpEstablishment: {
    type: "AutomaticStart_with_DampPeerOscillations_and_PassiveTcpEstablishment",
  },
  AutomaticStop: { type: "AutomaticStop", cease: "BFD Down" },
  ConnectRetryTimer_Expires: { type: "ConnectRetryTimer_Expires" },
  HoldTimer_Expires: { type: "HoldTimer_Expires" },
  KeepaliveTimer_Expires: { type: "KeepaliveTimer_Expires" },
  IdleHoldTimer_Expires: { type: "IdleHoldTimer_Expires" },
  SendHoldTimer_Expires: { type: "SendHoldTimer_Expires" },
  Tcp_CR_Acked: { type: "Tcp_CR_Acked", bgpIdentifier: 0x0a000001 },
  TcpConnectionConfirmed: { type: "TcpConnectionConfirmed", bgpIdentifier: 0x0a000001 },
  TcpConnectionFails: { type: "TcpConnectionFails", reason: "TCP connection closed by the peer" },
  BGPOpen: { type: "BGPOpen", message: open },
  BGPHeaderErr: {
    type: "BGPHeaderErr",
    error: bgpError("Message Header Error", "Bad Message Type", "type 9"),
  },
  BGPOpenMsgErr: { type: "BGPOpenMsgErr", error: bgpError("OPEN Message Error", "Unspecific", "short") },
  OpenCollisionDump: { type: "OpenCollisionDump" },
  NotifMsgVerErr: {
    type: "NotifMsgVerErr",
    message: { type: "NOTIFICATION", code: 2, subcode: 1, data: Uint8Array.of(0, 4) },
  },
  NotifMsg: {
    type: "NotifMsg",
    message: { type: "NOTIFICATION", code: 6, subcode: 2, data: new Uint8Array(0) },
  },
  KeepAliveMsg: { type: "KeepAliveMsg" },
  UpdateMsg: {
    type: "UpdateMsg",
    message: { type: "UPDATE", withdrawn: [], attributes: {}, nlri: [], problems: [] },
  },
  UpdateMsgErr: {
    type: "UpdateMsgErr",
    error: bgpError("UPDATE Message Error", "Malformed Attribute List", "short"),
  },
  RouteRefreshMsg: {
    type: "RouteRefreshMsg",
    message: { type: "ROUTE-REFRESH", afi: 1, subtype: 0, safi: 1 },
  },
  MessageSent: { type: "MessageSent" },
};

const context = { now: 1_000, random: () => 0 };

function run(session: Session, ...events: Event[]): Session {
  return events.reduce((before, event) => transition(before, event, context)[0], session);
}

const { ManualStart, Tcp_CR_Acked, TcpConnectionFails, BGPOpen, KeepAliveMsg } = examples;
const idle = newSession(parameters, 0);
const sessions: Readonly<Record<StateName, Session>> = {
  Idle: idle,
  Connect: run(idle, ManualStart),
  Active: run(idle, ManualStart, Tcp_CR_Acked, TcpConnectionFails),
  OpenSent: run(idle, ManualStart, Tcp_CR_Acked),
  OpenConfirm: run(idle, ManualStart, Tcp_CR_Acked, BGPOpen),
  Established: run(idle, ManualStart, Tcp_CR_Acked, BGPOpen, KeepAliveMsg),
};

const states: readonly StateName[] = ["Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established"];

/**
 * RFC 4271 §8.2.2, state by event: the next state, and the NOTIFICATION that is sent on the way (code/subcode).
 * `-` stays as it is without an action, `=` stays and acts.
 */
const table: Readonly<Record<EventName, string>> = {
  //                                    Idle     Connect   Active    OpenSent     OpenConfirm  Established
  ManualStart: "                        Connect  -         -         -            -            -",
  AutomaticStart: "                     Connect  -         -         -            -            -",
  ManualStart_with_PassiveTcpEstablishment: "Connect - - - - -",
  AutomaticStart_with_PassiveTcpEstablishment: "Connect - - - - -",
  AutomaticStart_with_DampPeerOscillations: "Connect - - - - -",
  AutomaticStart_with_DampPeerOscillations_and_PassiveTcpEstablishment: "Connect - - - - -",
  ManualStop: "                         -        Idle      Idle      Idle(6/2)    Idle(6/2)    Idle(6/2)",
  AutomaticStop: "                      -        Idle      Idle      Idle(6/10)   Idle(6/10)   Idle(6/10)",
  ConnectRetryTimer_Expires: "          -        =         Connect   Idle(5/0)    Idle(5/0)    Idle(5/0)",
  HoldTimer_Expires: "                  -        Idle      Idle      Idle(4/0)    Idle(4/0)    Idle(4/0)",
  KeepaliveTimer_Expires: "             -        Idle      Idle      Idle(5/0)    =            =",
  IdleHoldTimer_Expires: "              Connect  Idle      Idle      Idle(5/0)    Idle(5/0)    Idle(5/0)",
  SendHoldTimer_Expires: "              -        Idle      Idle      Idle(5/0)    Idle(5/0)    Idle(8/0)",
  Tcp_CR_Acked: "                       -        OpenSent  OpenSent  -            -            -",
  TcpConnectionConfirmed: "             -        OpenSent  OpenSent  -            -            -",
  TcpConnectionFails: "                 -        Idle      Idle      Active       Idle         Idle",
  BGPOpen: "                            -        Idle      Idle      OpenConfirm  Idle(5/2)    Idle(5/3)",
  BGPHeaderErr: "                       -        Idle      Idle      Idle(1/3)    Idle(1/3)    Idle(1/3)",
  BGPOpenMsgErr: "                      -        Idle      Idle      Idle(2/0)    Idle(2/0)    Idle(2/0)",
  OpenCollisionDump: "                  -        Idle      Idle      Idle(6/7)    Idle(6/7)    Idle(6/7)",
  NotifMsgVerErr: "                     -        Idle      Idle      Idle         Idle         Idle",
  NotifMsg: "                           -        Idle      Idle      Idle         Idle         Idle",
  KeepAliveMsg: "                       -        Idle      Idle      Idle(5/1)    Established  -",
  UpdateMsg: "                          -        Idle      Idle      Idle(5/1)    Idle(5/2)    =",
  UpdateMsgErr: "                       -        Idle      Idle      Idle(3/1)    Idle(3/1)    Idle(3/1)",
  RouteRefreshMsg: "                    -        Idle      Idle      Idle(5/1)    Idle(5/2)    =",
  MessageSent: "                        -        -         -         -            -            -",
};

const rows = Object.entries(table).flatMap(([name, line]) =>
  line
    .trim()
    .split(/\s+/)
    .map((cell, column) => [states[column] as StateName, name as EventName, cell] as const),
);

describe("transition() follows RFC 4271 §8.2.2", () => {
  test.each(rows)("%s, %s: %s", (state, name, cell) => {
    const [after, actions] = transition(sessions[state], examples[name], context);
    const sent = actions.flatMap((action) =>
      action.type === "send" && action.message.type === "NOTIFICATION" ? [action.message] : [],
    );
    const next = cell === "-" || cell === "=" ? state : cell.replace(/\(.*/, "");
    expect<string>(after.state).toBe(next);
    expect(sent.map(({ code, subcode }) => `${code}/${subcode}`)).toEqual(
      /\((.*)\)/.exec(cell)?.slice(1) ?? [],
    );
    if (cell === "-") expect(actions).toEqual([]);
    if (cell === "=") expect(actions.length).toBeGreaterThan(0);
    // A session without a connection has told TCP so; routes end with Established.
    const isLeaving = after.state !== state && (after.state === "Idle" || after.state === "Active");
    expect(actions.some(({ type }) => type === "disconnect")).toBe(
      (isLeaving && state !== "Active") || (state === "Connect" && name === "ConnectRetryTimer_Expires"),
    );
    expect(actions.some(({ type }) => type === "sessionDown")).toBe(isLeaving && state === "Established");
    expect(actions.some(({ type }) => type === "sessionUp")).toBe(next === "Established" && state !== next);
    // Whatever failed is tried again, and said in words; only an administrator ends it for good.
    if (isLeaving && name !== "ManualStop") {
      expect(after.lastError?.text).toBeTruthy();
      expect(nextDeadline(after)).toBeGreaterThan(context.now);
    }
    if (name === "ManualStop") expect(nextDeadline(after)).toBeUndefined();
  });

  test("the table names every event", () => {
    expect(rows.length).toBe(Object.keys(examples).length * states.length);
  });
});

describe("transition()", () => {
  test("takes a connection that the peer dialled while it only pauses after a failure", () => {
    const pausing = run(sessions.Connect, TcpConnectionFails);
    expect([pausing.state, Object.keys(pausing.timers)]).toEqual(["Idle", ["IdleHoldTimer"]]);
    expect(run(pausing, examples.TcpConnectionConfirmed)).toMatchObject({
      state: "OpenSent",
      bgpIdentifier: 0x0a000001,
    });
  });

  test("negotiates the smaller hold time and a third of it, with jitter, for keepalives", () => {
    const { timers, negotiated } = sessions.Established;
    expect(negotiated?.holdTimeMs).toBe(30_000);
    expect(timers.HoldTimer).toBe(31_000);
    // RFC 4271 §10: 0.75 of the time at the least.
    expect(timers.KeepaliveTimer).toBe(1_000 + 0.75 * 10_000);
    // RFC 9687: at least eight minutes.
    expect(timers.SendHoldTimer).toBe(481_000);
  });

  test("runs no timer with a hold time of zero", () => {
    const zero = { type: "BGPOpen" as const, message: { ...open, holdTimeSeconds: 0 } };
    const session = run(idle, ManualStart, Tcp_CR_Acked, zero, KeepAliveMsg);
    expect(session.state).toBe("Established");
    expect(nextDeadline(session)).toBeUndefined();
    expect(nextDeadline(run(session, examples.MessageSent, examples.UpdateMsg))).toBeUndefined();
  });

  test("keeps a configured keepalive time, but never above a third of the hold time", () => {
    for (const [keepaliveTimeMs, expected] of [
      [2_000, 2_000],
      [60_000, 10_000],
    ] as const) {
      const session = newSession({ ...parameters, keepaliveTimeMs }, 0);
      expect(run(session, ManualStart, Tcp_CR_Acked, BGPOpen).negotiated?.keepaliveTimeMs).toBe(expected);
    }
  });

  test("restarts the HoldTimer by KEEPALIVE and UPDATE, the KeepaliveTimer by what was sent", () => {
    const later = { now: 5_000, random: () => 0 };
    for (const event of [KeepAliveMsg, examples.UpdateMsg]) {
      expect(transition(sessions.Established, event, later)[0].timers.HoldTimer).toBe(35_000);
    }
    const [sent] = transition(sessions.Established, examples.MessageSent, later);
    expect(sent.timers.KeepaliveTimer).toBe(12_500);
    expect(sent.timers.SendHoldTimer).toBe(485_000);
    expect(sent.timers.HoldTimer).toBe(31_000);
  });

  test("pauses twice as long after each failure, up to the longest, and anew after a session that lasted", () => {
    let session = idle;
    const pauses: number[] = [];
    let now = 0;
    for (let round = 0; round < 8; round++) {
      const context = { now, random: () => 0.999999 };
      const start = round === 0 ? ManualStart : examples.IdleHoldTimer_Expires;
      session = transition(session, start, context)[0];
      session = transition(session, TcpConnectionFails, context)[0];
      pauses.push(Math.round((session.timers.IdleHoldTimer ?? 0) - now));
      now = session.timers.IdleHoldTimer ?? 0;
    }
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    const lasted = { ...sessions.Established, ConnectRetryCounter: 7 };
    const [fallen] = transition(lasted, examples.NotifMsg, { now: 60_000, random: () => 0 });
    expect([fallen.ConnectRetryCounter, fallen.flaps]).toEqual([1, 1]);
    const [flapped] = transition(lasted, examples.NotifMsg, { now: 2_000, random: () => 0 });
    expect(flapped.ConnectRetryCounter).toBe(8);
  });

  test("damps sessions that come and go, and not those that took many attempts to come", () => {
    const attempt = [Tcp_CR_Acked, TcpConnectionFails, examples.ConnectRetryTimer_Expires];
    const establish = [Tcp_CR_Acked, BGPOpen, KeepAliveMsg];
    const troubled = run(idle, ManualStart, ...Array(9).fill(attempt).flat(), ...establish);
    expect([troubled.state, run(troubled, examples.NotifMsg).ConnectRetryCounter]).toEqual([
      "Established",
      1,
    ]);
    const again = [examples.IdleHoldTimer_Expires, ...attempt, ...establish, examples.NotifMsg];
    expect(run(troubled, examples.NotifMsg, ...again, ...again).ConnectRetryCounter).toBe(3);
  });

  test("an administrator's start and stop forget the failures; a stop is not a flap", () => {
    const failed = { ...sessions.Established, ConnectRetryCounter: 5 };
    const stopped = run(failed, examples.ManualStop);
    expect([stopped.ConnectRetryCounter, stopped.flaps]).toEqual([0, 0]);
  });

  describe("graceful restart (RFC 4724)", () => {
    const gracefulRestart = { restartTimeSeconds: 120, hasRestarted: true };
    const restarting = newSession({ ...parameters, gracefulRestart }, 0);
    const value = {
      hasRestarted: false,
      survivesNotification: false,
      restartTimeSeconds: 1,
      families: [],
    };
    const capabilities = [...open.capabilities, { name: "GracefulRestart" as const, value }];
    const theirs = { type: "BGPOpen" as const, message: { ...open, capabilities } };
    const restart = { ...examples.ManualStop, isRestart: true } as Event;
    const sent = (session: Session, event: Event) =>
      transition(session, event, context)[1].flatMap((action) =>
        action.type === "send" ? action.message.type : action.type,
      );

    test("a stop for a restart is silent where the peer keeps routes, and a goodbye everywhere else", () => {
      const keeping = run(restarting, ManualStart, Tcp_CR_Acked, theirs, KeepAliveMsg);
      expect(sent(keeping, restart)).toEqual(["disconnect", "sessionDown"]);
      expect(sent(keeping, examples.ManualStop)).toEqual(["NOTIFICATION", "disconnect", "sessionDown"]);
      expect(sent(sessions.Established, restart)).toEqual(["NOTIFICATION", "disconnect", "sessionDown"]);
      const confirming = run(restarting, ManualStart, Tcp_CR_Acked, theirs);
      expect(sent(confirming, restart)).toEqual(["NOTIFICATION", "disconnect"]);
    });

    test("the Restart State bit ends with the first session that is up", () => {
      const bit = (session: Session) => session.parameters.gracefulRestart?.hasRestarted;
      const failed = run(restarting, ManualStart, Tcp_CR_Acked, theirs, TcpConnectionFails);
      expect(bit(failed)).toBe(true);
      const up = run(failed, examples.IdleHoldTimer_Expires, Tcp_CR_Acked, theirs, KeepAliveMsg);
      expect([up.state, bit(up), bit(run(up, TcpConnectionFails))]).toEqual(["Established", false, false]);
    });
  });

  test("a passive session waits in Active and never dials", () => {
    const passive = newSession({ ...parameters, isPassive: true }, 0);
    const [waiting, actions] = transition(passive, ManualStart, context);
    expect([waiting.state, actions.length, nextDeadline(waiting)]).toEqual(["Active", 0, undefined]);
    const answered = run(waiting, examples.TcpConnectionConfirmed);
    expect(answered.state).toBe("OpenSent");
    expect(run(answered, TcpConnectionFails).timers).toEqual({});
  });

  test("keeps the NOTIFICATION in the words of TCP's failures that follow it, until the session is up", () => {
    const refused = run(sessions.OpenSent, {
      type: "NotifMsg",
      message: { type: "NOTIFICATION", code: 2, subcode: 2, data: Uint8Array.of(0, 0, 0xfc, 0) },
    });
    const words =
      "NOTIFICATION received: OPEN Message Error, Bad Peer AS (peer was told AS 64512 and expects another)";
    expect(refused.lastError?.text).toBe(words);
    const closed = run(refused, examples.IdleHoldTimer_Expires, TcpConnectionFails);
    expect(closed.lastError?.text).toBe(`TCP connection closed by the peer; before that ${words}`);
    const up = run(closed, examples.IdleHoldTimer_Expires, Tcp_CR_Acked, BGPOpen, KeepAliveMsg);
    expect(run(up, TcpConnectionFails).lastError?.text).toBe("TCP connection closed by the peer");
  });

  test("expiredTimers() gives what is due, earliest first", () => {
    const session = { ...idle, timers: { HoldTimer: 30, KeepaliveTimer: 10, IdleHoldTimer: 50 } };
    expect(nextDeadline(session)).toBe(10);
    expect(expiredTimers(session, 40).map(({ type }) => type)).toEqual([
      "KeepaliveTimer_Expires",
      "HoldTimer_Expires",
    ]);
    expect(expiredTimers(session, 9)).toEqual([]);
  });
});
