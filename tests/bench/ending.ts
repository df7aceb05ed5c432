/** Cleans up when the bench is ended from outside: by Ctrl-C, or because its time is over. */
export function cleanUpOnSignal(cleanUp: () => unknown): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, async () => {
      await cleanUp();
      process.exit(1);
    });
  }
}
