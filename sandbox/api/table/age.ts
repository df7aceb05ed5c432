const minuteS = 60;
const hourS = 3_600;
const dayS = 86_400;
const yearS = 365 * dayS;

/** A length of time as kubectl shows ages: the two leading units while they matter, then one (apimachinery HumanDuration). */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 2 * minuteS) return `${Math.max(0, seconds)}s`;
  if (seconds < 10 * minuteS) return twoUnits(seconds, minuteS, "m", 1, "s");
  if (seconds < 3 * hourS) return `${Math.floor(seconds / minuteS)}m`;
  if (seconds < 8 * hourS) return twoUnits(seconds, hourS, "h", minuteS, "m");
  if (seconds < 2 * dayS) return `${Math.floor(seconds / hourS)}h`;
  if (seconds < 8 * dayS) return twoUnits(seconds, dayS, "d", hourS, "h");
  if (seconds < 2 * yearS) return `${Math.floor(seconds / dayS)}d`;
  if (seconds < 8 * yearS) return twoUnits(seconds, yearS, "y", dayS, "d");
  return `${Math.floor(seconds / yearS)}y`;
}

/** How long ago an RFC 3339 time was; `<unknown>` for an absent one. */
export function ageOf(time: unknown, now: number): string {
  if (typeof time !== "string" || time === "") return "<unknown>";
  const then = Date.parse(time);
  return Number.isNaN(then) ? "<invalid>" : humanDuration(now - then);
}

function twoUnits(seconds: number, largeS: number, large: string, smallS: number, small: string): string {
  const rest = Math.floor((seconds % largeS) / smallS);
  return `${Math.floor(seconds / largeS)}${large}${rest === 0 ? "" : `${rest}${small}`}`;
}
