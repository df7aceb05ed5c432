import { StatusError } from "../status_error.ts";

/** The query of `pods/log` (core/v1 PodLogOptions). */
export interface LogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number | undefined;
}

/** Reads and judges them as core/validation does (ValidatePodLogOptions). */
export function logOptions(query: URLSearchParams, nowMs: number): LogOptions {
  const tailLines = whole(query, "tailLines", 0);
  const limitBytes = whole(query, "limitBytes", 1);
  const sinceSeconds = whole(query, "sinceSeconds", 1);
  const sinceTime = query.get("sinceTime");
  if (sinceSeconds !== undefined && sinceTime !== null) {
    throw refused("", "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified");
  }
  const timeMs = sinceTime === null ? undefined : Date.parse(sinceTime);
  if (Number.isNaN(timeMs)) throw refused("sinceTime", `Invalid value: ${JSON.stringify(sinceTime)}`);
  return {
    container: query.get("container") ?? "",
    follow: isTrue(query.get("follow")),
    previous: isTrue(query.get("previous")),
    timestamps: isTrue(query.get("timestamps")),
    tailLines,
    limitBytes,
    sinceMs: sinceSeconds === undefined ? timeMs : nowMs - sinceSeconds * 1_000,
  };
}

/** As the API server's query conversion reads a boolean: anything but "0" and "false" is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

function whole(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const number = Number(text);
  if (/^-?\d{1,15}$/.test(text) && number >= least) return number;
  const allowed = least === 0 ? "must be greater than or equal to 0" : "must be greater than 0";
  throw refused(name, `Invalid value: ${text}: ${allowed}`);
}

function refused(field: string, what: string): StatusError {
  return new StatusError(
    422,
    "Invalid",
    `PodLogOptions "" is invalid: ${field === "" ? "" : `${field}: `}${what}`,
  );
}
