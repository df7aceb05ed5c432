/** @jsxImportSource hono/jsx */
/**
 * Moves over time: a lane per node, and per move a stroke from the lane it left to the lane it came to. A diamond says
 * that the old announcer was lost, a dot that the move was planned. Positions are per cent of the width, so that the
 * drawing fits any screen without scaling its strokes. The table below it says the same in text.
 */
import type { Words } from "../../i18n/mod.ts";
import type { Instant, Move } from "../../ports.ts";
import { byName } from "../parts/order.ts";

const laneHeight = 22;
const lanesMax = 10;
const minute = 60_000;
const windowsMs = [10, 60, 6 * 60, 24 * 60, 7 * 24 * 60].map((minutes) => minutes * minute);

interface TimelineProps {
  moves: readonly Move[];
  now: Instant;
  words: Words;
}

export function MovesTimeline({ moves, now, words }: TimelineProps) {
  if (moves.length === 0) return null;
  const lanes = busiestNodes(moves);
  const windowMs = windowFor(moves, now);
  const height = lanes.length * laneHeight;
  return (
    <div class="timeline" aria-hidden="true">
      <ul>
        {lanes.map((node) => (
          <li class="clip" title={node}>
            {node}
          </li>
        ))}
      </ul>
      <svg aria-hidden="true" width="100%" height={String(height)}>
        {lanes.map((_, lane) => (
          <line class="lane" x1="0" x2="100%" y1={String(middle(lane))} y2={String(middle(lane))} />
        ))}
        {moves.map((move) => (
          <Stroke move={move} at={percent(move.at, now, windowMs)} lanes={lanes} words={words} />
        ))}
      </svg>
      <p class="axis number muted">
        <span>{words.t("timeline.ago", { duration: words.duration(windowMs) })}</span>
        <span>{words.t("timeline.ago", { duration: words.duration(windowMs / 2) })}</span>
        <span>{words.t("timeline.now")}</span>
      </p>
    </div>
  );
}

function Stroke({ move, at, lanes, words }: { move: Move; at: number; lanes: string[]; words: Words }) {
  if (at < 0) return null;
  const from = lanes.indexOf(move.from ?? "");
  const to = lanes.indexOf(move.to ?? "");
  const x = `${at.toFixed(2)}%`;
  const isLoss = move.why.code === "move.node-lost";
  return (
    <g class={isLoss ? "stroke-loss" : "stroke-planned"}>
      <title>{`${move.address}: ${move.from ?? "–"} → ${move.to ?? "–"}. ${words.reason(move.why)}`}</title>
      {from >= 0 && to >= 0 ? <line x1={x} x2={x} y1={String(middle(from))} y2={String(middle(to))} /> : null}
      {from >= 0 ? <circle class="left" cx={x} cy={String(middle(from))} r="3" /> : null}
      {to >= 0 ? (
        <svg aria-hidden="true" x={x} y={String(middle(to))} overflow="visible">
          {isLoss ? <path d="M0-5 5 0 0 5-5 0z" /> : <circle r="4" />}
        </svg>
      ) : null}
    </g>
  );
}

function middle(lane: number): number {
  return lane * laneHeight + laneHeight / 2;
}

/** The nodes that take part in most moves, in the order of their names. */
function busiestNodes(moves: readonly Move[]): string[] {
  const counts = new Map<string, number>();
  for (const { from, to } of moves) {
    for (const node of [from, to]) if (node !== undefined) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, lanesMax)
    .map(([node]) => node)
    .sort(byName);
}

/** The shortest window that shows every move, or the longest there is. */
function windowFor(moves: readonly Move[], now: Instant): number {
  const oldest = Math.max(...moves.map((move) => now - move.at));
  return windowsMs.find((windowMs) => oldest <= windowMs * 0.98) ?? (windowsMs.at(-1) as number);
}

/** From 0 at the left edge to 99 at the right, where "now" keeps a little air; negative before the window. */
function percent(at: Instant, now: Instant, windowMs: number): number {
  return (1 - (now - at) / windowMs) * 99;
}
