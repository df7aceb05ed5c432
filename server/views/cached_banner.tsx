/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Instant, Overview } from "../ports.ts";
import { topics } from "../topics.ts";
import { region } from "./hx.ts";
import { Mark } from "./parts/mark.tsx";
import { Age } from "./parts/time.tsx";

export interface CachedBannerProps {
  overview: Pick<Overview, "cachedSince">;
  now: Instant;
  words: Words;
}

/** Above every page while the API server is away: what is shown is what was known. Else nothing but its place. */
export function CachedBanner({ overview, now, words }: CachedBannerProps) {
  const { cachedSince } = overview;
  const place = region("cached", "/cached", topics, 1_000);
  if (cachedSince === undefined) return <div {...place} />;
  const since = `${new Date(cachedSince).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  return (
    <div {...place} class="banner" role="status">
      <Mark tone="critical" word={words.t("cached.since", { since })} />
      <span class="number">
        <Age at={cachedSince} now={now} words={words} />
      </span>
      <span>{words.t("cached.meaning")}</span>
    </div>
  );
}
