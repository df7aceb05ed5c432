/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Instant, Move } from "../ports.ts";
import { Table } from "./parts/table.tsx";
import { Age, Clock } from "./parts/time.tsx";
import { listPath } from "./paths.ts";

/** Announcements that changed their node, newest first. */
export function MoveTable({ moves, now, words }: { moves: readonly Move[]; now: Instant; words: Words }) {
  if (moves.length === 0) return <p class="muted">{words.t("moves.none")}</p>;
  const { t } = words;
  return (
    <Table
      caption={t("moves.caption")}
      columns={[
        { label: t("moves.at"), width: 12 },
        { label: t("column.address"), width: 12 },
        { label: t("moves.fromTo"), width: 17 },
        { label: t("moves.why") },
        { label: t("moves.took"), width: 7, isNumber: true },
      ]}
    >
      {moves.map((move) => (
        <tr>
          <td data-label={t("moves.at")}>
            <Clock at={move.at} />{" "}
            <span class="muted">
              <Age at={move.at} now={now} words={words} />
            </span>
          </td>
          <td class="address" data-label={t("column.address")}>
            <a href={listPath("/layer2", { search: move.address })}>{move.address}</a>
          </td>
          <td data-label={t("moves.fromTo")}>
            <FromTo move={move} words={words} />
          </td>
          <td class="long" data-label={t("moves.why")}>
            {words.reason(move.why)}
          </td>
          <td class="number" data-label={t("moves.took")}>
            {move.tookMs === undefined ? "–" : words.elapsed(move.tookMs)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function FromTo({ move, words }: { move: Move; words: Words }) {
  const nobody = <span class="muted">{words.t("announcer.nobody")}</span>;
  return (
    <>
      {move.from ?? nobody} <span aria-hidden="true">→</span>
      <span class="visually-hidden">{words.t("moves.to")}</span> {move.to ?? nobody}
    </>
  );
}
