import { type Reason, reason } from "#core/reason/mod.ts";
import type { Contest, Standing } from "./contest.ts";
import type { Field, View } from "./field.ts";

/** Where one node stands in a contest, as far as it matters to it. */
export type Place =
  /** It announces; the heir comes next. */
  | { readonly is: "first"; readonly heir?: string }
  /** It takes over when the winner is lost. */
  | { readonly is: "second"; readonly winner: string }
  /** At least these two come before it; who announces is not asked. */
  | { readonly is: "later"; readonly rivals: readonly [string, string] }
  /** It is no candidate. */
  | { readonly is: "none"; readonly why: Reason };

/**
 * The place of one node, without ranking the others: as soon as two are found that come before it, the search ends. Of
 * a thousand candidates that takes some fifteen hashes on average, and only who wins or comes second looks at all.
 */
export function placeOf(contest: Contest, field: Field, nodeName: string, view: View): Place {
  const own = field.byName.get(nodeName);
  const isCandidate = own !== undefined && contest.isLocal(nodeName);
  if (!isCandidate) {
    const node = view.nodes.find(({ name }) => name === nodeName);
    const absent = reason("announce.speaker-absent", { node: nodeName });
    return { is: "none", why: (node && contest.barrier(node, view)) ?? absent };
  }
  const standing = contest.standing(own, view);
  const { candidates } = field;
  let rival: string | undefined;
  let heir: Standing | undefined;
  const start = startOf(contest.firstAddress, candidates.length);
  for (let step = 0; step < candidates.length; step++) {
    const candidate = candidates[(start + step) % candidates.length];
    if (!candidate || candidate === own || !contest.isLocal(candidate.node.name)) continue;
    const other = contest.standing(candidate, view);
    if (contest.compare(other, standing) > 0) {
      if (rival === undefined && (!heir || contest.compare(other, heir) < 0)) heir = other;
    } else if (rival === undefined) rival = candidate.node.name;
    else return { is: "later", rivals: [rival, candidate.node.name] };
  }
  if (rival !== undefined) return { is: "second", winner: rival };
  return { is: "first", ...(heir && { heir: heir.candidate.node.name }) };
}

/** Somewhere else for each group: else the nodes listed first would be the rivals of nearly all of them. */
function startOf(text: string, count: number): number {
  let mixed = 0;
  for (let at = 0; at < text.length; at++) mixed = (Math.imul(mixed, 31) + text.charCodeAt(at)) | 0;
  return count === 0 ? 0 : (Math.imul(mixed, 0x9e3779b1) >>> 0) % count;
}
