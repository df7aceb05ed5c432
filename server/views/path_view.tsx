/** @jsxImportSource hono/jsx */
import type { TraceStep } from "#core/service/mod.ts";
import type { Words } from "../i18n/mod.ts";
import { Mark, type Tone } from "./parts/mark.tsx";
import { poolPath } from "./paths.ts";

const stages = ["service", "pool", "address", "advertisement", "node", "announcer"] as const;

const tones: Record<TraceStep["verdict"], Tone> = {
  chosen: "good",
  noted: "info",
  skipped: "idle",
  blocked: "critical",
};

/** Which of many steps of one stage are read first. */
const weight: Record<TraceStep["verdict"], number> = { blocked: 0, chosen: 1, noted: 2, skipped: 3 };
const stepsShownMax = 6;

/**
 * The way of a decision from the Service to its announcer: per stage what was looked at, what came of it, and why.
 * A stage that was never reached says so, for that is where to look.
 */
export function PathView({ trace, words }: { trace: readonly TraceStep[]; words: Words }) {
  if (trace.length === 0) return <p class="muted">{words.t("path.none")}</p>;
  const groups = stages.map((stage) => ({ stage, steps: trace.filter((step) => step.stage === stage) }));
  const last = groups.findLastIndex(({ steps }) => steps.length > 0);
  // A stage that nothing was said about is left out, but not the one where the way ends.
  const shown = groups.filter(({ steps }, index) => steps.length > 0 || index === last + 1);
  return (
    <ol class="path">
      {shown.map(({ stage, steps }, index) => (
        <Stage stage={stage} steps={steps} isPassed={shown.slice(index + 1).some(isTaken)} words={words} />
      ))}
    </ol>
  );
}

interface StageProps {
  stage: TraceStep["stage"];
  steps: TraceStep[];
  /** A later stage took something, so the way led through this one. */
  isPassed: boolean;
  words: Words;
}

function isTaken({ steps }: { steps: readonly TraceStep[] }): boolean {
  return steps.some((step) => step.verdict === "chosen");
}

function Stage({ stage, steps, isPassed, words }: StageProps) {
  const sorted = steps.toSorted((a, b) => weight[a.verdict] - weight[b.verdict]);
  const rest = sorted.slice(stepsShownMax);
  return (
    <li data-verdict={isPassed ? "chosen" : stageVerdict(steps)}>
      <h3>{words.t(`path.${stage}`)}</h3>
      {steps.length === 0 ? <p class="muted">{words.t("path.notReached")}</p> : null}
      <Steps steps={sorted.slice(0, stepsShownMax)} words={words} />
      {rest.length === 0 ? null : (
        <details>
          <summary>{words.t("path.more", { count: rest.length })}</summary>
          <Steps steps={rest} words={words} />
        </details>
      )}
    </li>
  );
}

function Steps({ steps, words }: { steps: readonly TraceStep[]; words: Words }) {
  return (
    <ul>
      {steps.map((step) => (
        <li data-verdict={step.verdict}>
          <Verdict step={step} words={words} />
          <Subject step={step} />
          <span class="sentence">{words.reason(step.why)}</span>
        </li>
      ))}
    </ul>
  );
}

/** A pool has a page to look at, if it exists. */
function Subject({ step }: { step: TraceStep }) {
  const { stage, subject, why } = step;
  const isPool =
    stage === "pool" && subject !== "" && why.code !== "pool.unknown" && why.code !== "pool.none";
  return <span class="subject">{isPool ? <a href={poolPath(subject)}>{subject}</a> : subject}</span>;
}

/** A node that may not announce is excluded; anything else that cannot go on is where the way ends. */
function Verdict({ step, words }: { step: TraceStep; words: Words }) {
  if (step.stage === "node" && step.verdict === "blocked") {
    return <Mark tone="idle" word={words.t("verdict.excluded")} />;
  }
  return <Mark tone={tones[step.verdict]} word={words.t(`verdict.${step.verdict}`)} />;
}

/** What the stage came to, drawn on the line that joins the stages. */
function stageVerdict(steps: readonly TraceStep[]): TraceStep["verdict"] | "none" {
  const verdicts = steps.map((step) => step.verdict);
  for (const verdict of ["chosen", "blocked", "noted", "skipped"] as const) {
    if (verdicts.includes(verdict)) return verdict;
  }
  return "none";
}
