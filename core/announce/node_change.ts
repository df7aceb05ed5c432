import type { NodeFacts } from "./types.ts";

/**
 * The nodes that came or went as candidates, where that is all that changed; "any" where a node was added, removed or
 * relabelled, which may change everything.
 */
export function nodeChange(
  before: readonly NodeFacts[],
  after: readonly NodeFacts[],
): readonly NodeFacts[] | "any" {
  if (before.length !== after.length) return "any";
  const known = new Map(before.map((node) => [node.name, node]));
  const changed: NodeFacts[] = [];
  for (const node of after) {
    const was = known.get(node.name);
    if (!was || !sameLabels(was.labels, node.labels)) return "any";
    if (was.hasSpeaker !== node.hasSpeaker || was.networkUnavailable !== node.networkUnavailable)
      changed.push(node);
  }
  return changed;
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
