import type {
  BgpError,
  CeaseReason,
  Message,
  NotificationMessage,
  OpenMessage,
  RouteRefreshMessage,
  UpdateMessage,
} from "../codec/mod.ts";
import type { TimerName } from "./timers.ts";

/**
 * The events of RFC 4271 §8.1 by their names, and SendHoldTimer_Expires of RFC 9687. DelayOpen and TrackTcpState are
 * optional session attributes that we do not have, so events 12, 14, 15 and 20 cannot occur.
 */
export const eventNumbers = {
  ManualStart: 1,
  ManualStop: 2,
  AutomaticStart: 3,
  ManualStart_with_PassiveTcpEstablishment: 4,
  AutomaticStart_with_PassiveTcpEstablishment: 5,
  AutomaticStart_with_DampPeerOscillations: 6,
  AutomaticStart_with_DampPeerOscillations_and_PassiveTcpEstablishment: 7,
  AutomaticStop: 8,
  ConnectRetryTimer_Expires: 9,
  HoldTimer_Expires: 10,
  KeepaliveTimer_Expires: 11,
  IdleHoldTimer_Expires: 13,
  Tcp_CR_Acked: 16,
  TcpConnectionConfirmed: 17,
  TcpConnectionFails: 18,
  BGPOpen: 19,
  BGPHeaderErr: 21,
  BGPOpenMsgErr: 22,
  OpenCollisionDump: 23,
  NotifMsgVerErr: 24,
  NotifMsg: 25,
  KeepAliveMsg: 26,
  UpdateMsg: 27,
  UpdateMsgErr: 28,
  SendHoldTimer_Expires: 29,
} as const;

export type EventName = keyof typeof eventNumbers | "RouteRefreshMsg" | "MessageSent";

/** Starts, which differ in nothing but their name: whether we dial or listen is a parameter of the session. */
const startNames = [
  "ManualStart",
  "AutomaticStart",
  "ManualStart_with_PassiveTcpEstablishment",
  "AutomaticStart_with_PassiveTcpEstablishment",
  "AutomaticStart_with_DampPeerOscillations",
  "AutomaticStart_with_DampPeerOscillations_and_PassiveTcpEstablishment",
] as const;
type StartName = (typeof startNames)[number];

export function isStart(event: Event): boolean {
  return (startNames as readonly string[]).includes(event.type);
}

/** Somebody wants the session gone, or the system (BFD, a limit) does: the Cease to send, and its RFC 9003 text. */
export interface StopEvent {
  readonly type: "ManualStop" | "AutomaticStop";
  readonly cease: CeaseReason;
  readonly text?: string;
  /** We will be back: where the peer keeps routes (RFC 4724) the connection is closed without a word. */
  readonly isRestart?: boolean;
}

export type PeerEndEvent =
  /** Refused, unreachable, reset, or closed by the peer: in words. */
  | { readonly type: "TcpConnectionFails"; readonly reason: string }
  | { readonly type: "NotifMsgVerErr" | "NotifMsg"; readonly message: NotificationMessage };

export type Event =
  | { readonly type: StartName }
  | StopEvent
  | { readonly type: `${TimerName}_Expires` }
  /** A connection that we dialled, or one that the peer dialled, is up; the identifier goes into our OPEN. */
  | { readonly type: "Tcp_CR_Acked" | "TcpConnectionConfirmed"; readonly bgpIdentifier: number }
  | PeerEndEvent
  | { readonly type: "BGPOpen"; readonly message: OpenMessage }
  | { readonly type: "BGPHeaderErr" | "BGPOpenMsgErr" | "UpdateMsgErr"; readonly error: BgpError }
  /** RFC 4271 §6.8: this connection lost against another one with the same peer. */
  | { readonly type: "OpenCollisionDump" }
  | { readonly type: "KeepAliveMsg" }
  | { readonly type: "UpdateMsg"; readonly message: UpdateMessage }
  /** RFC 2918. */
  | { readonly type: "RouteRefreshMsg"; readonly message: RouteRefreshMessage }
  /** TCP took the whole of an UPDATE: it stands for a KEEPALIVE (RFC 4271 §8.2.2) and for progress (RFC 9687). */
  | { readonly type: "MessageSent" };

/** The event that a received message is. */
export function eventOfMessage(message: Message): Event {
  switch (message.type) {
    case "OPEN":
      return { type: "BGPOpen", message };
    case "KEEPALIVE":
      return { type: "KeepAliveMsg" };
    case "UPDATE":
      return { type: "UpdateMsg", message };
    case "ROUTE-REFRESH":
      return { type: "RouteRefreshMsg", message };
    case "NOTIFICATION": {
      const isVersionError = message.code === 2 && message.subcode === 1;
      return { type: isVersionError ? "NotifMsgVerErr" : "NotifMsg", message };
    }
  }
}

/** The event that bytes which could not be decoded are. */
export function eventOfError(error: BgpError): Event {
  if (error.code === 1) return { type: "BGPHeaderErr", error };
  return { type: error.code === 2 ? "BGPOpenMsgErr" : "UpdateMsgErr", error };
}
