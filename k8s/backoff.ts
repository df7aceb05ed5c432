/** Milliseconds before attempt `failures + 1`: 250 ms doubling to 15 s, of which a random half is taken off (jitter). */
export function backoffMs(failures: number, random: number): number {
  const baseMs = 250;
  const limitMs = 15_000;
  const fullMs = Math.min(limitMs, baseMs * 2 ** Math.min(failures - 1, 16));
  return fullMs * (1 - random / 2);
}
