import type { Clock } from "./clock.ts";
import { KubeError, type KubeObject } from "./types.ts";

export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: KubeObject;
}

/** What was sent is no event: the stream cannot be trusted, and what it told before needs a list to be believed again. */
export class BrokenWatchError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BrokenWatchError";
  }
}

const lineMaxChars = 16 * 1024 * 1024;

/**
 * The events of one watch response: JSON objects, one a line. A line that does not parse, or a stream that ends inside
 * a line, is an error and never skipped, for an event that is lost is a copy that is wrong. Empty lines are allowed.
 */
export async function* watchEvents(
  body: AsyncIterable<Uint8Array>,
  onChunk: () => void = () => {},
): AsyncGenerator<WatchEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    onChunk();
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", start)) {
      const line = rest.slice(start, end);
      start = end + 1;
      if (line.trim() !== "") yield parseLine(line);
    }
    rest = rest.slice(start);
    if (rest.length > lineMaxChars) {
      throw new BrokenWatchError(`Cannot read the watch: a line is longer than ${lineMaxChars} characters`);
    }
  }
  rest += decoder.decode();
  if (rest.trim() !== "") throw new Error(`The watch ended inside a line: "${excerpt(rest)}"`);
}

function parseLine(line: string): WatchEvent {
  let event: { type?: unknown; object?: unknown };
  try {
    event = JSON.parse(line) as { type?: unknown; object?: unknown };
  } catch (cause) {
    throw new BrokenWatchError(`Cannot parse a line of the watch: "${excerpt(line)}"`, { cause });
  }
  const { type, object } = event;
  if (type === "ERROR") throw toKubeError(object);
  const isKnown = type === "ADDED" || type === "MODIFIED" || type === "DELETED" || type === "BOOKMARK";
  if (!isKnown || typeof object !== "object" || object === null || !("metadata" in object)) {
    throw new BrokenWatchError(
      `A line of the watch is not an event of a known type with an object: "${excerpt(line)}"`,
    );
  }
  return { type, object: object as KubeObject };
}

/** An ERROR event carries a Status object. */
function toKubeError(object: unknown): KubeError {
  const status = (object ?? {}) as { code?: unknown; reason?: unknown; message?: unknown };
  return new KubeError(
    typeof status.code === "number" ? status.code : 500,
    typeof status.reason === "string" ? status.reason : "",
    typeof status.message === "string" ? status.message : "the watch reported an error without a message",
  );
}

function excerpt(line: string): string {
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}

/** Calls `onStall` when `touch` was not called for `limitMs`: the silence that a dead TCP link leaves. */
export function watchdog(
  clock: Clock,
  limitMs: number,
  onStall: () => void,
): { touch(): void; stop(): void } {
  let lastAt = clock.steady();
  let cancel = clock.after(limitMs, check);
  // One timer for the whole silence instead of one for each chunk: it looks how long the silence really is.
  function check() {
    const silentMs = clock.steady() - lastAt;
    if (silentMs >= limitMs) onStall();
    else cancel = clock.after(limitMs - silentMs, check);
  }
  return {
    touch: () => {
      lastAt = clock.steady();
    },
    stop: () => cancel(),
  };
}
