import type { RingState as RingReport } from "#core/membership/ring/mod.ts";
import type { RingState, SpeakerMember } from "#server/ports.ts";
import type { Member } from "./members.ts";

/**
 * The ring as people are shown it. Its port is blocked where everybody had the time to be heard, others of our speakers
 * live, and not one of them is heard on it; a single one that is not heard is that one's trouble.
 */
export function ringView(report: RingReport, members: readonly Member[], port: number): RingState {
  const { isSettled, watchers, targets, awareness, verdicts } = report;
  const expected = members.filter(
    ({ state, by, isCapable }) => state === "alive" && (isCapable || by === "pod"),
  );
  const isHeard = expected.some(({ by }) => by === "ring");
  const sum = (field: "accusations" | "vetoes") =>
    report.members.reduce((total, member) => total + member[field], 0);
  return {
    port,
    isBlocked: isSettled && expected.length > 0 && !isHeard,
    watchers: [...watchers],
    targets: [...targets],
    awareness,
    accusations: sum("accusations"),
    vetoes: sum("vetoes"),
    verdicts: verdicts.map(({ at, node, silentMs, accusers, hasWitness }) => ({
      at,
      node,
      silentMs,
      accusers: [...accusers],
      hasWitness,
    })),
  };
}

/** The members with the ring's round trips where it has some: they are measured on the thread that answers. */
export function membersView(members: readonly Member[], report: RingReport | undefined): SpeakerMember[] {
  const roundTrips = new Map(report?.members.map(({ node, roundTripMs }) => [node, roundTripMs]));
  return members.map(({ node, address, state, since, lastHeardAt, by, roundTripMs }) => {
    const tripMs = roundTrips.get(node) ?? roundTripMs;
    return {
      node,
      address,
      state,
      since,
      by,
      ...(lastHeardAt !== undefined && { lastHeardAt }),
      ...(tripMs !== undefined && { roundTripMs: tripMs }),
    };
  });
}
