import { parseAddress, parsePrefix } from "#core/net/mod.ts";

/**
 * Formats that a structural schema may check (apiextensions "supportedFormats"). A format not named here is kept,
 * published and never fails a value, as on a real server.
 */
const formats: Readonly<Record<string, (value: string) => boolean>> = {
  date: (value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && isDate(value),
  "date-time": isDateTime,
  datetime: isDateTime,
  /** Go's time.ParseDuration, and forms such as "3 days". */
  duration: (value) =>
    /^[-+]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$|^0$/.test(value) ||
    /^\d+\s*(ns|us|µs|ms|s|m|h|d|w|nanoseconds?|milliseconds?|seconds?|minutes?|hours?|days?|weeks?)$/.test(
      value,
    ),
  ipv4: (value) => parseAddress(value)?.family === "ipv4",
  ipv6: (value) => parseAddress(value)?.family === "ipv6",
  cidr: (value) => parsePrefix(value) !== undefined,
  mac: (value) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(value),
  hostname: (value) => /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]*[a-z0-9])?$/i.test(value),
  email: (value) => /^[^\s@]+@[^\s@]+$/.test(value),
  uuid: (value) => /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(value),
  uri: (value) => URL.canParse(value) || value.startsWith("/"),
  byte: (value) => /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value),
};

export function matchesFormat(format: string, value: string): boolean {
  return Object.hasOwn(formats, format) ? formats[format]?.(value) === true : true;
}

/** Bounds of the integer formats; `int64` is wider than a JavaScript number, so its own limits stand in. */
export function isInIntegerFormat(format: string | undefined, value: number): boolean {
  if (format === "int32") return value >= -(2 ** 31) && value < 2 ** 31;
  return Number.isSafeInteger(value);
}

function isDateTime(value: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[-+]\d{2}:\d{2})$/.test(value) && isDate(value)
  );
}

function isDate(value: string): boolean {
  return !Number.isNaN(Date.parse(value));
}
