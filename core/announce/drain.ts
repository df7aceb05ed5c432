/** On a Node: its addresses go to others, and it stays the last resort. */
export const drainAnnotation = "metallb.io/drain";

/** Whether the Node asks to be drained; a sentence where its annotation says neither yes nor no, and drains nothing. */
export function parseDrain(
  annotations: Readonly<Record<string, string>>,
): { readonly isDraining: boolean } | { readonly wrong: string } {
  const text = annotations[drainAnnotation]?.trim();
  if (text === undefined || text === "false") return { isDraining: false };
  if (text === "true" || text === "") return { isDraining: true };
  const wrong = `${drainAnnotation} is ${JSON.stringify(text.slice(0, 80))}; write "true" to drain the node, "false" or nothing to let it announce`;
  return { wrong };
}
