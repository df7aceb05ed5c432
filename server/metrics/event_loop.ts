/** How often the event loop is looked at; the worst of {@link windowMs} is told. */
const probeMs = 500;
const windowMs = 10_000;

/** Measures how late a timer comes: the time that somebody else held the event loop. Returns the stopper. */
export function watchEventLoop(told: (worstSeconds: number) => void): () => void {
  let expectedAt = performance.now() + probeMs;
  let lags: { at: number; seconds: number }[] = [];
  const timer = setInterval(() => {
    const now = performance.now();
    lags.push({ at: now, seconds: Math.max(0, now - expectedAt) / 1000 });
    lags = lags.filter((lag) => now - lag.at < windowMs);
    told(Math.max(...lags.map((lag) => lag.seconds)));
    expectedAt = now + probeMs;
  }, probeMs);
  return () => clearInterval(timer);
}
