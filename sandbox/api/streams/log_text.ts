import type { LogOptions } from "./log_options.ts";
import type { ContainerLog, LogLine } from "./runtime.ts";

/**
 * The text that `kubectl logs` prints: the last lines first, then what is not too old of them (kubelet's ReadLogs), then,
 * where it is followed, what comes. Pulled by its reader, so that a slow one makes nothing pile up.
 */
export async function* logText(
  log: ContainerLog,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { tailLines, limitBytes = Number.POSITIVE_INFINITY, follow } = options;
  // Asked for before the first line is handed out, so that none is missed in between.
  const later = follow ? log.follow(signal) : [];
  const last =
    tailLines === undefined
      ? log.lines
      : log.lines.slice(log.lines.length - Math.min(tailLines, log.lines.length));
  let left = limitBytes;
  for (const source of [last, later]) {
    for await (const line of source) {
      const text = lineText(line, options);
      if (text === undefined) continue;
      yield text.subarray(0, left);
      left -= text.length;
      if (left <= 0 || signal.aborted) return;
    }
  }
}

/** Undefined for a line that is too old. */
function lineText(
  { at, text, isPartial }: LogLine,
  { sinceMs, timestamps }: LogOptions,
): Uint8Array | undefined {
  if (sinceMs !== undefined && Date.parse(at) < sinceMs) return undefined;
  return Buffer.concat([Buffer.from(timestamps ? `${at} ` : ""), text, Buffer.from(isPartial ? "" : "\n")]);
}
