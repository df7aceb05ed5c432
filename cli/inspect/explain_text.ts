import type { Explanation, Words } from "#server/mod.ts";
import { table } from "../layout.ts";
import type { Say } from "./texts.ts";

const marks = { chosen: "✓", skipped: "–", blocked: "✗", noted: "·" } as const;

/** The outcome in a sentence, then every step with its reason, in the order in which it was looked at. */
export function explainText(
  { summary, trace }: Explanation,
  notes: readonly string[],
  words: Words,
  say: Say,
): string {
  const steps = trace.map(({ stage, subject, verdict, why }) => [
    `  ${marks[verdict]} ${say(`stage.${stage}`)}`,
    subject,
    words.reason(why),
  ]);
  const told = steps.length > 0 ? ["", say("looked"), table(steps)] : [];
  return [summary, ...notes, ...told].join("\n");
}
