/** Numbers and times as a reader of the language writes them; all of them with digits of one width. */
import type { Language } from "./language.ts";

const units = {
  en: { day: " d", hour: " h", minute: " min", second: " s", millisecond: " ms" },
  ko: { day: "일", hour: "시간", minute: "분", second: "초", millisecond: "ms" },
} as const;

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The two largest units: `12 s`, `5 min`, `3 h 12 min`, `4 d 2 h`. `public/app.js` counts on by the same rule. */
export function formatDuration(language: Language, ms: number): string {
  const unit = units[language];
  const whole = Math.max(0, ms);
  if (whole < minute) return `${Math.floor(whole / second)}${unit.second}`;
  if (whole < hour) return `${Math.floor(whole / minute)}${unit.minute}`;
  if (whole < day)
    return pair(Math.floor(whole / hour), unit.hour, Math.floor((whole % hour) / minute), unit.minute);
  return pair(Math.floor(whole / day), unit.day, Math.floor((whole % day) / hour), unit.hour);
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`;
}

/** Short times with the precision they are measured in: `340 ms`, `1.2 s`. */
export function formatElapsed(language: Language, ms: number): string {
  const unit = units[language];
  if (ms < second) return `${Math.round(ms)}${unit.millisecond}`;
  if (ms < minute) return `${(ms / second).toFixed(1)}${unit.second}`;
  return formatDuration(language, ms);
}

const grouped = { en: new Intl.NumberFormat("en"), ko: new Intl.NumberFormat("ko") };

export function formatNumber(language: Language, value: number): string {
  return grouped[language].format(value);
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A count of addresses, which for IPv6 may have forty digits: from 10^9 on as a power of two, rounded. */
export function formatCount(language: Language, decimal: string): string {
  const value = BigInt(decimal);
  if (value < 1_000_000_000n) return grouped[language].format(value);
  const bits = value.toString(2).length - 1;
  const exponent = Array.from(String(bits), (digit) => superscripts[Number(digit)]).join("");
  return value === 1n << BigInt(bits) ? `2${exponent}` : `≈2${exponent}`;
}

/** Use of a pool in whole per cent: 100 only where it is full, 0 only where it is empty. */
export function formatShare(used: number, totalDecimal: string): string {
  const total = BigInt(totalDecimal);
  if (total === 0n || used === 0) return "0 %";
  const percent = Number((BigInt(used) * 100n) / total);
  return percent === 0 ? "<1 %" : `${percent} %`;
}
