import { active } from "./active.ts";
import { connect } from "./connect.ts";
import { established } from "./established.ts";
import { type Event, isStart } from "./event.ts";
import { idle } from "./idle.ts";
import { openConfirm } from "./open_confirm.ts";
import { openSent } from "./open_sent.ts";
import type { Context, Session, StateName, Step } from "./session.ts";
import type { TimerName, Timers } from "./timers.ts";

const states: Readonly<Record<StateName, (session: Session, event: Event, context: Context) => Step>> = {
  Idle: idle,
  Connect: connect,
  Active: active,
  OpenSent: openSent,
  OpenConfirm: openConfirm,
  Established: established,
};

/** RFC 4271 §8.2.2: what one event makes of a session, and what is to be done about it, in order. */
export function transition(session: Session, event: Event, context: Context): Step {
  // Events 1 and 3 to 7 are ignored in every state but Idle; so is TCP's progress before there are routes.
  if (session.state !== "Idle" && isStart(event)) return [session, []];
  if (session.state !== "Established" && event.type === "MessageSent") return [session, []];
  return states[session.state](withoutExpired(session, event), event, context);
}

/** An expired timer does not run any more, whatever the state makes of it. */
function withoutExpired(session: Session, event: Event): Session {
  if (!event.type.endsWith("Timer_Expires")) return session;
  const name = event.type.slice(0, -"_Expires".length) as TimerName;
  const { [name]: _, ...timers }: Timers = session.timers;
  return { ...session, timers };
}
