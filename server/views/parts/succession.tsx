/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import type { Layer2Row } from "../../ports.ts";

/** Who is next in line, and behind it the whole order with the reason for each place, the announcer's first. */
export function Succession({ row, words }: { row: Layer2Row; words: Words }) {
  const { candidates, note } = row;
  const ranked = candidates.filter((one) => one.rank > 0).toSorted((a, b) => a.rank - b.rank);
  const excluded = candidates.filter((one) => one.rank === 0);
  if (candidates.length === 0) return <span class="muted">{words.t("layer2.noCandidate")}</span>;
  const [, heir] = ranked;
  const more = ranked.length - 2;
  return (
    <details class="candidates">
      <summary>
        {ranked.length === 0
          ? words.t("layer2.noCandidate")
          : heir === undefined
            ? words.t("layer2.noHeir")
            : words.t("layer2.heir", { node: heir.node })}
        {more > 0 ? <span class="muted"> +{words.number(more)}</span> : null}
        {excluded.length > 0 ? (
          <span class="muted"> · {words.t("layer2.excluded", { count: excluded.length })}</span>
        ) : null}
      </summary>
      <ol>
        {[...ranked, ...excluded].map((one) => (
          <li>
            <span class="number">{one.rank === 0 ? "–" : `${one.rank}.`}</span> <strong>{one.node}</strong>{" "}
            <span>{words.reason(one.why)}</span>
          </li>
        ))}
        {note === undefined ? null : <li>{words.reason(note)}</li>}
      </ol>
    </details>
  );
}
