import { FieldReader } from "./field_reader.ts";
import { parseSelectors } from "./parse_selector.ts";
import { matchesAnySelector } from "./selector.ts";
import type { NodeLabels, Resource } from "./types.ts";

/**
 * Whether an object with `nodeSelectors`, accepted or not, concerns a node. Selectors that cannot be read concern
 * every node: somebody must say that they are wrong.
 */
export function selectsNode({ spec }: Resource, labels: NodeLabels["labels"]): boolean {
  let isReadable = true;
  const reader = new FieldReader(spec, "spec", () => {
    isReadable = false;
  });
  const selectors = parseSelectors(reader, "nodeSelectors");
  return !isReadable || matchesAnySelector(selectors, labels);
}
