/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import type { Words } from "../i18n/mod.ts";
import type { PoolPolicies } from "../ports.ts";
import { ServiceLink } from "./parts/service_link.tsx";

/** Entries of a list beyond these are counted, not shown. */
const shownMax = 8;

/** What the pool's annotations ask for, each with the annotation that does. */
export function Policies({ policies, words }: { policies: PoolPolicies; words: Words }) {
  const { t } = words;
  const { quota, reuseAfterMs, onRemoval, excluded = [], reservations = [] } = policies;
  const byPool = reservations.filter((one) => one.by === "pool");
  const byService = reservations.filter((one) => one.by === "service");
  return (
    <section aria-labelledby="policies-title">
      <h2 id="policies-title">{t("policies.title")}</h2>
      <dl class="facts policies">
        {byPool.length === 0 ? null : (
          <Policy term={t("policies.reservations")} annotation="reservations">
            <Listed items={byPool.map(reservationLine)} words={words} />
          </Policy>
        )}
        {byService.length === 0 ? null : (
          <Policy term={t("policies.byService")} annotation="reserved-by-services">
            <Listed items={byService.map(reservationLine)} words={words} />
          </Policy>
        )}
        {excluded.length === 0 ? null : (
          <Policy term={t("policies.excluded")} annotation="exclude-addresses">
            <Listed items={excluded.map((range) => <span class="address">{range}</span>)} words={words} />
          </Policy>
        )}
        {quota === undefined ? null : (
          <Policy term={t("policies.quota")} annotation="quota-per-namespace">
            <Listed items={quotaLines(quota, words)} words={words} />
          </Policy>
        )}
        {reuseAfterMs === undefined ? null : (
          <Policy term={t("policies.reuseAfter")} annotation="reuse-after">
            {t("policies.reuseAfterText", { duration: words.duration(reuseAfterMs) })}
          </Policy>
        )}
        {onRemoval === undefined ? null : (
          <Policy term={t("policies.onRemoval")} annotation="on-removal">
            {t(`policies.${onRemoval}`)}
          </Policy>
        )}
      </dl>
    </section>
  );
}

function reservationLine(one: NonNullable<PoolPolicies["reservations"]>[number]) {
  return (
    <>
      <ServiceLink namespace={one.namespace} name={one.name} />{" "}
      <span class="address">{one.addresses.join(", ")}</span>
    </>
  );
}

function quotaLines({ namespaces, others }: NonNullable<PoolPolicies["quota"]>, words: Words): string[] {
  const lines = namespaces.map(({ namespace, limit }) =>
    words.t("policies.quotaOf", { namespace, count: limit }),
  );
  if (others === undefined) return [...lines, words.t("policies.quotaNoOthers")];
  const forOthers = lines.length === 0 ? "policies.quotaEach" : "policies.quotaOthers";
  return [...lines, words.t(forOthers, { count: others })];
}

interface PolicyProps {
  term: string;
  /** Without its prefix. */
  annotation: string;
  children?: Child;
}

function Policy({ term, annotation, children }: PolicyProps) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        {children}
        <small class="origin">{`metallb.io/${annotation}`}</small>
      </dd>
    </div>
  );
}

function Listed({ items, words }: { items: Child[]; words: Words }) {
  return (
    <>
      {items.slice(0, shownMax).map((item) => (
        <div>{item}</div>
      ))}
      {items.length > shownMax ? (
        <div class="muted">{words.t("policies.more", { count: items.length - shownMax })}</div>
      ) : null}
    </>
  );
}
