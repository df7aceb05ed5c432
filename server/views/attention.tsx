/** @jsxImportSource hono/jsx */
import type { MessageKey, Words } from "../i18n/mod.ts";
import type { AttentionItem, Instant } from "../ports.ts";
import { Mark, type Tone } from "./parts/mark.tsx";
import { ReasonList } from "./parts/reason_list.tsx";
import { Age } from "./parts/time.tsx";
import { innerPath } from "./paths.ts";

const tones: Record<AttentionItem["severity"], Tone> = {
  critical: "critical",
  warning: "warning",
  info: "info",
};

interface AttentionProps {
  items: readonly AttentionItem[];
  now: Instant;
  words: Words;
}

/** What needs a person, most harmful first: severity, what, which, why, since when. */
export function AttentionList({ items, now, words }: AttentionProps) {
  if (items.length === 0) {
    return (
      <p class="calm">
        <Mark tone="good" word={words.t("attention.none")} />
      </p>
    );
  }
  return (
    <ul class="attention">
      {items.map((item) => (
        <AttentionLine item={item} now={now} words={words} />
      ))}
    </ul>
  );
}

function AttentionLine({ item, now, words }: { item: AttentionItem; now: Instant; words: Words }) {
  const kind: MessageKey = `attention.${item.kind}`;
  return (
    <li data-severity={item.severity}>
      <Mark tone={tones[item.severity]} word={words.t(`severity.${item.severity}`)} />
      <div class="attention-text">
        <a href={innerPath(item.href)}>
          <strong>{words.t(kind)}</strong> <span class="subject">{item.subject}</span>
        </a>
        {item.count > 1 ? (
          <span class="muted"> {words.t("attention.more", { count: item.count - 1 })}</span>
        ) : null}
        {item.waiting === undefined ? null : <p>{words.t("attention.waiting", { count: item.waiting })}</p>}
        {item.why === undefined ? null : (
          <div class="why">
            <ReasonList why={item.why} refusals={item.refusals} words={words} />
          </div>
        )}
        {item.text === undefined ? null : <p class="quoted">{item.text}</p>}
      </div>
      <span class="number muted">
        {item.since === undefined ? null : <Age at={item.since} now={now} words={words} />}
      </span>
    </li>
  );
}
