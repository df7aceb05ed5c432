import type { NodeFacts, SpeakerFacts } from "./types.ts";

/**
 * The nodes that came or went as candidates, or describe themselves otherwise, where that is all that changed; "any"
 * where a node was added, removed or relabelled, which may change everything.
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
    const isSame =
      was.hasSpeaker === node.hasSpeaker &&
      was.networkUnavailable === node.networkUnavailable &&
      (was.isDraining ?? false) === (node.isDraining ?? false) &&
      sameFacts(was.facts, node.facts);
    if (!isSame) changed.push(node);
  }
  return changed;
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

export function sameFacts(a: SpeakerFacts | undefined, b: SpeakerFacts | undefined): boolean {
  if (a === b) return true;
  return (
    a !== undefined &&
    b !== undefined &&
    a.isTruncated === b.isTruncated &&
    a.stableSince === b.stableSince &&
    a.flaps === b.flaps &&
    a.isAnswering === b.isAnswering &&
    sameEach(a.interfaces, b.interfaces, (one, other) => {
      if (one.name !== other.name) return false;
      return sameEach(
        one.connected,
        other.connected,
        (left, right) =>
          left.length === right.length &&
          left.address.family === right.address.family &&
          left.address.value === right.address.value,
      );
    })
  );
}

function sameEach<T>(a: readonly T[], b: readonly T[], isSame: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((each, index) => isSame(each, b[index] as T));
}
