import { type Finding, verdictOf, wordsOf } from "./finding.ts";
import { framesFor, type Verdict } from "./texts.ts";

export interface UpgradeReport {
  readonly text: string;
  readonly mustAct: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A line or two for each finding: how grave, what was found, and below it what to do. */
export function reportText(
  findings: readonly Finding[],
  namespace: string,
  environment: Environment,
): UpgradeReport {
  const { language, words } = framesFor(environment);
  const width = Math.max(
    ...(["ok", "note", "act"] as const).map((verdict) => Bun.stringWidth(words[verdict])),
  );
  const lines = findings.flatMap((each) => {
    const verdict = verdictOf(each);
    const { found, toDo } = wordsOf(each, language);
    const word = words[verdict];
    const head = `${marks[verdict]} ${word}${" ".repeat(width - Bun.stringWidth(word))}  ${areaOf(each)}: ${found}`;
    return toDo === undefined ? [head] : [head, `${" ".repeat(width + 4)}→ ${toDo}`];
  });
  const counts = countOf(findings);
  const summary = words.summary.replaceAll(/\{(\w+)\}/g, (_, name: Verdict) => String(counts[name]));
  const text = [words.head.replace("{namespace}", namespace), "", ...lines, "", summary].join("\n");
  return { text, mustAct: counts.act > 0 };
}

const marks: Readonly<Record<Verdict, string>> = { ok: "✓", note: "·", act: "✗" };

/** For programs: codes and values, with the English sentences beside them. */
export function reportJson(findings: readonly Finding[], namespace: string): string {
  const found = findings.map((each) => ({
    verdict: verdictOf(each),
    area: areaOf(each),
    code: each.code,
    values: each.values,
    ...wordsOf(each, "en"),
  }));
  return JSON.stringify({ namespace, counts: countOf(findings), findings: found }, undefined, 2);
}

function countOf(findings: readonly Finding[]): Record<Verdict, number> {
  const counts = { ok: 0, note: 0, act: 0 };
  for (const each of findings) counts[verdictOf(each)]++;
  return counts;
}

function areaOf({ code }: Finding): string {
  return code.slice(0, code.indexOf("."));
}
