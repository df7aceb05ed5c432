/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import type { Instant } from "../../ports.ts";

interface TimeProps {
  at: Instant;
  now: Instant;
  words: Words;
}

/** How long ago, counted on by the page itself. */
export function Age({ at, now, words }: TimeProps) {
  const iso = new Date(at).toISOString();
  return (
    <time datetime={iso} title={iso} data-age={String(at)}>
      {words.duration(now - at)}
    </time>
  );
}

/** Time of day in UTC, for rows of a log; the page shows it in the reader's own zone. */
export function Clock({ at }: { at: Instant }) {
  const iso = new Date(at).toISOString();
  return (
    <time datetime={iso} title={iso} data-clock={String(at)}>
      {iso.slice(11, 19)}
    </time>
  );
}
