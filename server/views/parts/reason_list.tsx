/** @jsxImportSource hono/jsx */
import type { Reason } from "#core/reason/mod.ts";
import { partsOf } from "../../explanation.ts";
import type { Words } from "../../i18n/mod.ts";
import type { PoolRefusal } from "../../ports.ts";
import { poolPath } from "../paths.ts";

interface ReasonListProps {
  why: Reason;
  /** What it is the sum of, where it is one. */
  refusals: readonly PoolRefusal[] | undefined;
  words: Words;
}

const shownMax = 4;

/** The reason in words, or one for each pool that has nothing to give. */
export function ReasonList({ why, refusals, words }: ReasonListProps) {
  const parts = partsOf(why, refusals);
  const hidden = parts.length - shownMax;
  return (
    <>
      {parts.slice(0, shownMax).map((part) => (
        <div>
          <ReasonText why={part} words={words} />
        </div>
      ))}
      {hidden > 0 ? <div>{words.t("pools.refuseMore", { count: hidden })}</div> : null}
    </>
  );
}

/** A reason in words; the pool that it names leads to its page. */
function ReasonText({ why, words }: { why: Reason; words: Words }) {
  const sentence = words.reason(why);
  const { pool } = why.params;
  // Of a pool that does not exist there is no page.
  if (typeof pool !== "string" || why.code === "pool.unknown") return <>{sentence}</>;
  const name = `"${pool}"`;
  const at = sentence.indexOf(name);
  if (at < 0) return <>{sentence}</>;
  return (
    <>
      {sentence.slice(0, at)}
      <a href={poolPath(pool)}>{name}</a>
      {sentence.slice(at + name.length)}
    </>
  );
}
