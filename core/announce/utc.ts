const dayMs = 86_400_000;

/** `2026-01-31T12:00:00Z`, for sentences: core has no clock and no calendar of the platform. Whole seconds, from 1970. */
export function utcText(epochMs: number): string {
  const day = Math.floor(epochMs / dayMs);
  const seconds = Math.floor((epochMs - day * dayMs) / 1000);
  const { year, month, date } = civil(day);
  const time = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part)));
  return `${year}-${two(month)}-${two(date)}T${time.join(":")}Z`;
}

/** Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: eras of 400 years from March on. */
function civil(daysSince1970: number): { year: number; month: number; date: number } {
  const days = daysSince1970 + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    date: ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
