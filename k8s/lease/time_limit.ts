import type { Clock } from "../clock.ts";

/** A request is given up after its time, or when `until` aborts, whatever becomes of it: its signal aborts then, too. */
export function withTimeLimit<T>(
  clock: Clock,
  limitMs: number,
  request: (signal: AbortSignal) => Promise<T>,
  until?: AbortSignal,
): Promise<T> {
  const limit = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const giveUp = (why: string) => {
      limit.abort();
      reject(new Error(why));
    };
    const stop = () => giveUp("it stops");
    const cancel = clock.after(limitMs, () => giveUp(`no answer within ${limitMs / 1_000} s`));
    until?.addEventListener("abort", stop);
    request(limit.signal)
      .then(resolve, reject)
      .finally(() => {
        cancel();
        until?.removeEventListener("abort", stop);
      });
  });
}
