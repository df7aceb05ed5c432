import type { AddressFamily, Message } from "../codec/mod.ts";
import type { Event } from "./event.ts";
import { expired, nextTimer, type Timers } from "./timers.ts";

/** RFC 4271 §8.2.2 */
export type StateName = "Idle" | "Connect" | "Active" | "OpenSent" | "OpenConfirm" | "Established";

/** What an administrator sets for one peer (the session attributes of RFC 4271 §8.1.1 and §10). */
export interface SessionParameters {
  /** 1 to 4294967295. */
  readonly localAS: number;
  /** A number, or any AS that equals (internal) or differs from (external) ours. */
  readonly peerAS: number | "internal" | "external";
  /** 0, or 3 s to 65,535 s. */
  readonly holdTimeMs: number;
  /** Default a third of the negotiated hold time; never more. */
  readonly keepaliveTimeMs?: number;
  /** How long one attempt to connect may take. */
  readonly connectRetryTimeMs: number;
  /** DampPeerOscillations: the pause after the first failure doubles with each further one up to the longest. */
  readonly idleHoldTimeMs: number;
  readonly idleHoldTimeMaxMs: number;
  /** PassiveTcpEstablishment: wait for the peer to dial. */
  readonly isPassive: boolean;
  readonly families: readonly AddressFamily[];
  /** Ours, as routers show it (FQDN capability); none is told where it is not set. */
  readonly hostName?: string;
  /** Offers to send IPv4 routes with an IPv6 next hop (RFC 8950). */
  readonly extendedNextHop?: boolean;
  /** Asks the peer to keep our routes while we restart (RFC 4724). */
  readonly gracefulRestart?: GracefulRestartParameters;
}

export interface GracefulRestartParameters {
  /** How long the peer shall wait for us: 0 to 4095. */
  readonly restartTimeSeconds: number;
  /** We have just restarted, and this session was not up since. */
  readonly hasRestarted: boolean;
  /** Asks the peer to keep our routes, as the last resort, so long beyond (RFC 9494): 24 bits. */
  readonly longLivedStaleSeconds?: number;
}

/** What both sides agreed on by their OPENs. */
export interface Negotiated {
  readonly peerAS: number;
  readonly isExternal: boolean;
  readonly peerIdentifier: number;
  /** 0: neither hold nor keepalive timer. */
  readonly holdTimeMs: number;
  readonly keepaliveTimeMs: number;
  readonly fourOctetAs: boolean;
  readonly extendedMessage: boolean;
  readonly routeRefresh: boolean;
  /** RFC 7313 */
  readonly enhancedRouteRefresh: boolean;
  readonly families: readonly AddressFamily[];
  /** RFC 8950, for IPv4 unicast. */
  readonly extendedNextHop: boolean;
  /** The peer keeps our routes when the connection goes without a NOTIFICATION (RFC 4724). */
  readonly gracefulRestart: boolean;
  /** What the peer calls itself. */
  readonly peerHostName?: string;
  /** Of both sides, in words. */
  readonly capabilities: readonly string[];
}

/** One connection with one peer: all the state that RFC 4271 §8 gives it, and what people ask of it. */
export interface Session {
  readonly parameters: SessionParameters;
  readonly state: StateName;
  /** When the present state began. */
  readonly since: number;
  readonly timers: Timers;
  readonly ConnectRetryCounter: number;
  /** Sessions in a row that were lost soon after they were up; what DampPeerOscillations is about. */
  readonly oscillations?: number;
  /** Ours, as sent in OPEN; 0 before. */
  readonly bgpIdentifier: number;
  /** From OpenConfirm on. */
  readonly negotiated?: Negotiated;
  /** Of the last NOTIFICATION since the peer was last Established: TCP's later failures say less. */
  readonly lastNotification?: string;
  /** The last one, kept until the next. */
  readonly lastError?: { readonly at: number; readonly text: string };
  /** Capabilities, by code, that the peer has refused since it was last Established (RFC 5492 §3). */
  readonly withheld?: "all" | readonly number[];
  /** Times that Established was lost, an administrator's stop apart. */
  readonly flaps: number;
}

/** What the driver has to do, in order. */
export type Action =
  | { readonly type: "connect" }
  | { readonly type: "send"; readonly message: Exclude<Message, { type: "UPDATE" }> }
  /** Closes the connection after what was sent, or gives up the attempt to connect. */
  | { readonly type: "disconnect" }
  /** Established begins: send the routes. */
  | { readonly type: "sessionUp"; readonly negotiated: Negotiated }
  /** Established ends: forget what the peer was told and what it told us. */
  | { readonly type: "sessionDown" }
  | { readonly type: "update"; readonly message: Extract<Message, { type: "UPDATE" }> }
  /** The peer asks for all routes of a family again. */
  | { readonly type: "refresh"; readonly family: AddressFamily; readonly isFramed: boolean };

/** Time and chance come from outside. */
export interface Context {
  /** Milliseconds of a clock that never goes back. */
  readonly now: number;
  /** Uniform, 0 included, 1 excluded. */
  readonly random: () => number;
}

export type Step = readonly [Session, readonly Action[]];

export function newSession(parameters: SessionParameters, now: number): Session {
  return {
    parameters,
    state: "Idle",
    since: now,
    timers: {},
    ConnectRetryCounter: 0,
    bgpIdentifier: 0,
    flaps: 0,
  };
}

/**
 * The state machine of a connection that the peer dialled while the session's own is on its way (RFC 4271 §8.2.1): it
 * remembers what the session does.
 */
export function acceptedSession(session: Session, now: number): Session {
  const { negotiated: _, ...rest } = session;
  return { ...rest, state: "Active", since: now, timers: {}, bgpIdentifier: 0 };
}

/** When the driver must look again at the latest. */
export function nextDeadline(session: Session): number | undefined {
  return nextTimer(session.timers);
}

/** The events of the timers that are due; feed them to `transition` one by one, asking again after each. */
export function expiredTimers(session: Session, now: number): Event[] {
  return expired(session.timers, now).map((name) => ({ type: `${name}_Expires` as const }));
}
