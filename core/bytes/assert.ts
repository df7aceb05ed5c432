/** Our own bug, not the peer's and not the user's: stop here rather than go on with a wrong state. */
export function assert(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${claim}`);
}
