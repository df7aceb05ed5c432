import { type Clock, systemClock } from "./clock.ts";

/** MetalLB's `--log-level` values, from everything to nothing. */
export const logLevels = ["all", "debug", "info", "warn", "error", "none"] as const;
export type LogLevel = (typeof logLevels)[number];
type MessageLevel = "debug" | "info" | "warn" | "error";

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same logger with fields that every line of it carries. */
  with(fields: LogFields): Logger;
}

export interface LogOptions {
  level: LogLevel;
  /** Written as `caller`. */
  component: string;
  /** Takes one line with its newline; standard output when absent. */
  write?: (line: string) => void;
  clock?: Pick<Clock, "wallMs">;
}

export function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}

/**
 * Writes one JSON object a line, with MetalLB's keys: `ts` (RFC 3339), `level`, `caller`, `msg`, then the fields.
 * A field that is an Error becomes its message and causes; a bigint becomes decimal text.
 */
export function createLogger(options: LogOptions): Logger {
  const write = options.write ?? ((line: string) => void process.stdout.write(line));
  const clock = options.clock ?? systemClock;
  const threshold = logLevels.indexOf(options.level);

  function logger(bound: LogFields): Logger {
    const log = (level: MessageLevel) => (message: string, fields?: LogFields) => {
      if (logLevels.indexOf(level) < threshold) return;
      const ts = new Date(clock.wallMs()).toISOString();
      const line = { ts, level, caller: options.component, msg: message, ...bound, ...fields };
      write(`${JSON.stringify(line, plain)}\n`);
    };
    return {
      debug: log("debug"),
      info: log("info"),
      warn: log("warn"),
      error: log("error"),
      with: (fields) => logger({ ...bound, ...fields }),
    };
  }
  return logger({});
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) return errorText(value);
  return value;
}

function errorText(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${errorText(error.cause)}` : "";
  return error.message + cause;
}
