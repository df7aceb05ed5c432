/** Looks again and again until it gives something true; throws with the last look when the time is over. */
export async function eventually<Value>(
  what: string,
  look: () => Value | Promise<Value>,
  timeoutMs = 10_000,
  pauseMs = 10,
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await Bun.sleep(pauseMs);
  }
}
