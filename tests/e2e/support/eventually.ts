/**
 * Asks again and again until `probe` gives something that is not undefined or false, and returns it; throws with the
 * last answer or error when the time is over. For waiting on the world, never on our own state.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 10_000,
  everyMs = 50,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `Waited ${timeoutMs} ms in vain: ${what}. Last: ${last instanceof Error ? last.message : last}`,
      );
    }
    await Bun.sleep(everyMs);
  }
}
