/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import { regionLink } from "../hx.ts";

interface PagerProps {
  total: number;
  page: number;
  pageSize: number;
  regionId: string;
  urlOf(page: number): string;
  words: Words;
}

/** `51–100 of 10,000`, and links to the pages around. */
export function Pager({ total, page, pageSize, regionId, urlOf, words }: PagerProps) {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const first = total === 0 ? 0 : (page - 1) * pageSize + 1;
  const last = Math.min(total, page * pageSize);
  return (
    <nav class="pager" aria-label={words.t("pager.label")}>
      <span class="number">{words.t("pager.range", { first, last, total })}</span>
      {pages > 1 ? (
        <span class="pager-links">
          <Step
            to={page - 1}
            exists={page > 1}
            rel="prev"
            word={words.t("pager.previous")}
            {...{ regionId, urlOf }}
          />
          <span class="number">{words.t("pager.page", { page, pages })}</span>
          <Step
            to={page + 1}
            exists={page < pages}
            rel="next"
            word={words.t("pager.next")}
            {...{ regionId, urlOf }}
          />
        </span>
      ) : null}
    </nav>
  );
}

interface StepProps {
  to: number;
  exists: boolean;
  rel: "prev" | "next";
  word: string;
  regionId: string;
  urlOf(page: number): string;
}

function Step({ to, exists, rel, word, regionId, urlOf }: StepProps) {
  if (!exists)
    return (
      <span class="button" aria-disabled="true">
        {word}
      </span>
    );
  return (
    <a class="button" rel={rel} {...regionLink(urlOf(to), regionId)}>
      {word}
    </a>
  );
}
