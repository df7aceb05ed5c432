/**
 * The state machine of one BGP connection (RFC 4271 §8, with RFC 4486, 4724, 4760, 5492, 6286, 6608, 6793, 8950,
 * 9687), one file per state. A session is a value; timers are deadlines in it.
 *
 * ```ts
 * let [session, actions] = transition(newSession(parameters, now), { type: "ManualStart" }, { now, random });
 * nextDeadline(session); // when to call expiredTimers() at the latest
 * ```
 *
 * Not built, as the RFC leaves it optional: DelayOpen, TrackTcpState, CollisionDetectEstablishedState.
 */
export { losesCollision } from "./collision.ts";
export { type Event, type EventName, eventNumbers, eventOfError, eventOfMessage } from "./event.ts";
export { type Direction, Journal, type JournalEntry, type MessageCounts } from "./journal.ts";
export {
  type Action,
  acceptedSession,
  type Context,
  expiredTimers,
  type Negotiated,
  newSession,
  nextDeadline,
  type Session,
  type SessionParameters,
  type StateName,
  type Step,
} from "./session.ts";
export type { TimerName, Timers } from "./timers.ts";
export { transition } from "./transition.ts";
