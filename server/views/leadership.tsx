/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { LeadershipView } from "../ports.ts";
import { Mark } from "./parts/mark.tsx";

interface LeadershipProps {
  leadership: LeadershipView;
  words: Words;
}

/** On every page of a replica that does not simply lead: what is shown there is what another one does. */
export function LeadershipMark({ leadership, words }: LeadershipProps) {
  const { role, leader, problem } = leadership;
  if (role === "leader" || role === "sole") return null;
  const isLed = role === "shadow" || (role === "standby" && leader !== undefined);
  return (
    <span id="leadership" title={problem}>
      <Mark tone={isLed ? "info" : "warning"} word={words.t(wordOf(leadership), { leader: leader ?? "" })} />
    </span>
  );
}

function wordOf({ role, leader }: LeadershipView) {
  if (role === "alone") return "leadership.alone";
  if (role === "waiting") return "leadership.unknown";
  if (role === "shadow") return "leadership.shadow";
  return leader === undefined ? "leadership.nobody" : "leadership.standby";
}

/** On the overview, wherever replicas elect one of them. */
export function LeadershipLine({ leadership, words }: LeadershipProps) {
  const { role, self, leader = "", problem } = leadership;
  if (role === "sole") return null;
  const sentence = {
    leader: "leadership.isLeader",
    standby: leader === "" ? "leadership.isWithoutLeader" : "leadership.isStandby",
    alone: "leadership.isAlone",
    waiting: "leadership.isWaiting",
    shadow: "leadership.isShadow",
  } as const;
  return (
    <p class="muted" id="leadership-line">
      {words.t(sentence[role], { self, leader })}
      {problem === undefined ? null : <> {problem}</>}
    </p>
  );
}
