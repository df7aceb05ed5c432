import type { Denial } from "#k8s/mod.ts";
import type { SpeakerState } from "#server/ports.ts";
import type { Troubles } from "./attention.ts";

const namedMax = 3;

/** What the API server denies the controller, and the speakers: one line for each right, whoever lacks it. */
export function missingRights(
  own: readonly Denial[],
  states: Iterable<Pick<SpeakerState, "node" | "denials">>,
): Troubles["denials"] {
  const missing = new Map<string, { verb: string; resource: string; at: number; nodes: string[] }>();
  for (const { node, denials = [] } of states) {
    for (const { verb, resource, since } of denials) {
      const key = `${verb} ${resource}`;
      const found = missing.get(key) ?? { verb, resource, at: since, nodes: [] };
      missing.set(key, { ...found, at: Math.min(found.at, since), nodes: [...found.nodes, node] });
    }
  }
  return [
    ...own.map(({ verb, resource, since }) => ({
      part: "controller" as const,
      who: "controller",
      verb,
      resource,
      at: since,
    })),
    ...[...missing.values()].map(({ verb, resource, at, nodes }) => ({
      part: "speaker" as const,
      who: `speaker ${named(nodes.sort())}`,
      verb,
      resource,
      at,
    })),
  ];
}

function named(nodes: readonly string[]): string {
  const rest = nodes.length - namedMax;
  return rest > 0 ? `${nodes.slice(0, namedMax).join(", ")} (+${rest})` : nodes.join(", ");
}
