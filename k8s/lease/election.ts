import { type LeaseRecord, microTime } from "./record.ts";
import type { LeaseTiming } from "./timing.ts";

/**
 * One candidate's view of the election: client-go's leaderelection as a value, with time as an argument.
 *
 *     standby ── the record is free, expired, or names us ──► write ── acknowledged ──► leader
 *        ▲                                                                                │
 *        └──── another is named · the last renewal began renewDeadlineMs ago · released ──┘
 *
 * Safety. A leader counts its time from when the last acknowledged write BEGAN; a challenger counts from when it SAW
 * the record that it replaces, which is later, and its write is refused where the record has changed since. So the
 * leader has stopped `leaseMs - renewDeadlineMs` before another can begin, as long as neither clock runs faster than
 * the other by more than 3 : 2. No clock is compared with another's.
 */
export interface Election {
  readonly identity: string;
  /** Undefined: not read yet. */
  readonly seen?: Seen;
  /** What was seen may be old: a write failed, and whether it was carried out is not known. */
  readonly mustLook: boolean;
  /** When the last acknowledged write that names us began; absent: we do not lead. */
  readonly renewed?: Moment;
}

/** The same instant by the two clocks of this machine. */
export interface Moment {
  /** Never set by anyone, but it may stand still while the machine sleeps. */
  readonly steadyMs: number;
  /** Goes on while the machine sleeps, but may be set. */
  readonly wallMs: number;
}

export interface Seen {
  /** Undefined: there is no Lease. */
  readonly record?: LeaseRecord;
  readonly resourceVersion: string;
  /** When we saw it become this, by our steady clock. */
  readonly atMs: number;
  /** It may be replaced at once: nobody who could still lead is waited for. */
  readonly isFree: boolean;
}

export interface Claim {
  readonly record: LeaseRecord;
  /** The write is good only upon this version; undefined: only where there is none. */
  readonly upon?: string;
}

export const beginning = (identity: string): Election => ({ identity, mustLook: true });

/** Who leads: their identities are the Pod's name and something that no other process has. */
export function podOf(identity: string): string {
  const end = identity.lastIndexOf("_");
  return end < 0 ? identity : identity.slice(0, end);
}

/** The Lease was read, or is not there. */
export function looked(
  election: Election,
  record: LeaseRecord | undefined,
  resourceVersion: string,
  now: Moment,
): Election {
  const { seen: before, identity } = election;
  if (before && before.resourceVersion === resourceVersion) return { ...election, mustLook: false };
  const isFree = isFreeFor(identity, record, before);
  const seen = { ...(record && { record }), resourceVersion, atMs: now.steadyMs, isFree };
  const next = { ...election, mustLook: false, seen };
  return record?.holder === identity ? next : stoppedLeading(next);
}

function isFreeFor(identity: string, record: LeaseRecord | undefined, before: Seen | undefined): boolean {
  // Somebody deleted it under our eyes: who held it may not know yet.
  if (!record) return before?.record === undefined || isFreeFor(identity, before.record, before);
  if (record.holder === "" || record.holder === identity) return true;
  // Our own predecessor, a process of the same Pod, ended before this one began. Whoever comes later is somebody else.
  return before === undefined && podOf(record.holder) === podOf(identity);
}

/** A write was answered: the record is ours from when the write began. */
export function acknowledged(
  election: Election,
  claim: Claim,
  resourceVersion: string,
  began: Moment,
  now: Moment,
): Election {
  const { record } = claim;
  const seen = { record, resourceVersion, atMs: now.steadyMs, isFree: true };
  const next = { ...election, mustLook: false, seen };
  return record.holder === election.identity ? { ...next, renewed: began } : stoppedLeading(next);
}

/** A request failed: whether it was carried out is not known. */
export function unsure(election: Election): Election {
  return { ...election, mustLook: true };
}

export function stoppedLeading({ renewed: _, ...rest }: Election): Election {
  return rest;
}

/** Whether we may write now. Of two clocks the one that says later counts: the machine may have slept. */
export function mayLead({ renewed }: Election, { renewDeadlineMs }: LeaseTiming, now: Moment): boolean {
  return renewed !== undefined && since(renewed, now) < renewDeadlineMs;
}

/** Until {@link mayLead} ends, if neither clock is set. */
export function leadsForMs({ renewed }: Election, { renewDeadlineMs }: LeaseTiming, now: Moment): number {
  return renewed === undefined ? 0 : Math.max(0, renewDeadlineMs - since(renewed, now));
}

function since(then: Moment, now: Moment): number {
  return Math.max(now.steadyMs - then.steadyMs, now.wallMs - then.wallMs);
}

/** How long to wait before {@link claim} has something to write; undefined: the Lease must be looked at first. */
export function waitMs(election: Election, timing: LeaseTiming, now: Moment): number | undefined {
  const { seen, renewed, mustLook } = election;
  if (!seen || mustLook) return undefined;
  if (renewed) return Math.max(0, timing.renewEveryMs - (now.steadyMs - renewed.steadyMs));
  const { record, atMs, isFree } = seen;
  if (isFree) return 0;
  // The holder's own promise counts, should it be another than ours.
  const durationMs = record && record.durationMs > 0 ? record.durationMs : timing.leaseMs;
  return Math.max(0, atMs + durationMs - now.steadyMs);
}

/** What to write to become or remain the leader. */
export function claim({ seen, identity, renewed }: Election, timing: LeaseTiming, now: Moment): Claim {
  const time = microTime(now.wallMs);
  const before = seen?.record;
  const isOurs = before?.holder === identity;
  const record: LeaseRecord = {
    holder: identity,
    durationMs: timing.leaseMs,
    acquireTime: isOurs && renewed && before ? before.acquireTime : time,
    renewTime: time,
    transitions: before ? before.transitions + (isOurs ? 0 : 1) : 0,
  };
  return { record, ...(before && seen && { upon: seen.resourceVersion }) };
}

/** Whether the one before has said goodbye, or there was none. */
export function isHandedOver({ seen }: Election): boolean {
  return seen?.isFree === true && (seen.record?.holder ?? "") === "";
}

/** What to write so that another need not wait; undefined where the Lease is not ours to give. */
export function release({ seen, identity }: Election, now: Moment): Claim | undefined {
  if (seen?.record?.holder !== identity) return undefined;
  const record = { ...seen.record, holder: "", durationMs: 1_000, renewTime: microTime(now.wallMs) };
  return { record, upon: seen.resourceVersion };
}
