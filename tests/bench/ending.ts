/**
 * Cleans up when the bench is ended from outside: by Ctrl-C, or because its time is over. Both this process and the
 * one that started it hear Ctrl-C, so the signal may come twice.
 */
export function cleanUpOnSignal(cleanUp: () => unknown): void {
  let isEnding = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, async () => {
      if (isEnding) return;
      isEnding = true;
      await cleanUp();
      process.exit(1);
    });
  }
}
