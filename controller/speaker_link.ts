import type { PodView } from "#k8s/mod.ts";
import { backoffMs, type Clock, sleep } from "#k8s/mod.ts";
import { parseSpeakerState, type SpeakerState } from "#server/mod.ts";
import { speakerPort } from "./options.ts";

export type SpeakerFetch = (
  url: string,
  init: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<Response>;

export interface LinkOptions {
  pod: PodView & { podIP: string };
  fetch: SpeakerFetch;
  clock: Clock;
  token(): Promise<string | undefined>;
  /** Seconds that a speaker may hold a question; more speakers, more patience. */
  waitSeconds(): number;
  answered(state: SpeakerState): void;
  /** It does not answer, in words. */
  silent(problem: string): void;
  signal: AbortSignal;
}

/** Beyond the time that the speaker was asked to wait. */
const graceMs = 1_000;
/** The state is sent whole: a speaker whose state changes all the time is read ten times a second, not more. */
const pauseMs = 100;
const retryMaxMs = 2_000;

/** Follows one speaker by long polling of its state, until the signal ends it. */
export async function followSpeaker(options: LinkOptions): Promise<void> {
  const { clock, signal, answered, silent } = options;
  let after: number | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const state = await poll(options, after);
      if (signal.aborted) return;
      // A smaller number is a speaker that started anew.
      if (after !== state.version || failures > 0) answered(state);
      after = state.version;
      failures = 0;
      await sleep(clock, pauseMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      after = undefined;
      failures++;
      silent(words(error, options.pod.podIP));
      await sleep(clock, Math.min(backoffMs(failures, clock.random()), retryMaxMs), signal);
    }
  }
}

async function poll(options: LinkOptions, after: number | undefined): Promise<SpeakerState> {
  const { pod, fetch, clock, token, signal } = options;
  const waitSeconds = after === undefined ? 0 : options.waitSeconds();
  const host = pod.podIP.includes(":") ? `[${pod.podIP}]` : pod.podIP;
  const query = after === undefined ? "" : `?after=${after}&wait=${waitSeconds}`;
  const bearer = await token();
  const limit = new AbortController();
  const limitMs = waitSeconds * 1_000 + graceMs;
  const cancel = clock.after(limitMs, () => limit.abort(new SilentError(limitMs)));
  try {
    const response = await fetch(`http://${host}:${speakerPort}/api/v1/state${query}`, {
      headers: bearer ? { Authorization: `Bearer ${bearer}` } : {},
      signal: AbortSignal.any([signal, limit.signal]),
    });
    if (!response.ok) throw new Error(await refusal(response, Boolean(bearer)));
    return parseSpeakerState(await response.json());
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    cancel();
  }
}

class SilentError extends Error {
  constructor(limitMs: number) {
    super(`it did not answer within ${limitMs / 1000} s`);
  }
}

async function refusal(response: Response, hadToken: boolean): Promise<string> {
  if (response.status === 401 && !hadToken) {
    return "it asks for a bearer token, and the controller's credentials hold none";
  }
  if (response.status === 401) return "it refused the controller's bearer token";
  const body = (await response.json().catch(() => undefined)) as { error?: unknown } | undefined;
  const detail = typeof body?.error === "string" ? `: ${body.error}` : "";
  return `it answered HTTP ${response.status}${detail}`;
}

function words(error: unknown, address: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return failures[code]?.(address) ?? (error instanceof Error ? error.message : String(error));
}

/** What the network's refusals mean here. */
const failures: Record<string, (address: string) => string> = {
  ECONNREFUSED: (address) => `connection refused: nothing listens on ${address} port ${speakerPort}`,
  ECONNRESET: () => "it closed the connection",
  EHOSTUNREACH: (address) => `${address} is unreachable: the node does not answer on its network`,
  ENETUNREACH: (address) => `there is no route to ${address}`,
};
