/** @jsxImportSource hono/jsx */
import type { Reason } from "#core/reason/mod.ts";
import type { Words } from "../../i18n/mod.ts";
import { poolPath } from "../paths.ts";

/** A reason in words; the pool that it names leads to its page. */
export function ReasonText({ why, words }: { why: Reason; words: Words }) {
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
