/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { BgpMessageCounts, BgpSessionRow, Instant } from "../ports.ts";

const kinds = ["opens", "updates", "keepalives", "notifications", "routeRefreshes"] as const;
const names: Readonly<Record<(typeof kinds)[number], string>> = {
  opens: "OPEN",
  updates: "UPDATE",
  keepalives: "KEEPALIVE",
  notifications: "NOTIFICATION",
  routeRefreshes: "ROUTE-REFRESH",
};

interface Props {
  session: BgpSessionRow;
  now: Instant;
  words: Words;
}

/** How many messages went both ways, and the last of them in words, newest first. */
export function SessionMessages({ session, now, words }: Props) {
  const { messages, log = [] } = session;
  if (!messages) return null;
  const { t } = words;
  return (
    <details>
      <summary>{t("bgp.messages", { count: total(messages.sent) + total(messages.received) })}</summary>
      <p class="muted number">
        {kinds
          .filter((kind) => messages.sent[kind] + messages.received[kind] > 0)
          .map(
            (kind) =>
              `${names[kind]} ${words.number(messages.sent[kind])} / ${words.number(messages.received[kind])}`,
          )
          .join(" · ")}
      </p>
      <ol>
        {log.toReversed().map(({ at, direction, text }) => (
          <li>
            <span class="muted">
              {t("bgp.messageAgo", { duration: words.duration(now - at) })}{" "}
              {t(direction === "sent" ? "bgp.messageSent" : "bgp.messageReceived")}
            </span>{" "}
            <span class="quoted">{text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** Each family that the session carries, where there are two. */
export function FamilyCounts({ session, words }: Pick<Props, "session" | "words">) {
  const { families = [] } = session;
  if (families.length < 2) return null;
  return (
    <>
      {families.map(({ family, sent, received }) => (
        <div class="muted">
          {family === "ipv4" ? "IPv4" : "IPv6"} {words.number(sent)} / {words.number(received)}
        </div>
      ))}
    </>
  );
}

function total(counts: BgpMessageCounts): number {
  return kinds.reduce((sum, kind) => sum + counts[kind], 0);
}
