import type { PushNodeState, Versions } from "./messages.ts";

interface Speaks {
  readonly name: string;
  readonly state: string;
  readonly vsn: Versions;
}

/**
 * memberlist's check of a list before it is taken over: everybody's present version must lie between the largest
 * minimum and the smallest maximum of all that live, for the protocol and for the delegate. Gives who does not fit.
 */
export function incompatible(
  remote: readonly PushNodeState[],
  local: Iterable<Speaks>,
): { node: string; reason: string } | undefined {
  const all: Speaks[] = [...remote, ...local];
  const living = all.filter(({ state, vsn }) => state === "alive" && vsn.length > 0);
  for (const [what, from] of [
    ["protocol", 0],
    ["delegate protocol", 3],
  ] as const) {
    const least = Math.max(0, ...living.map(({ vsn }) => vsn[from] ?? 0));
    const most = Math.min(255, ...living.map(({ vsn }) => vsn[from + 1] ?? 0));
    for (const { name, vsn } of all) {
      const present = vsn[from + 2] ?? 0;
      if (present < least || present > most)
        return { node: name, reason: `${what} version ${present}, where ${least} to ${most} is understood` };
    }
  }
  return undefined;
}
