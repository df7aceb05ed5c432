/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Instant, Overview } from "../ports.ts";
import { topics } from "../topics.ts";
import { AttentionList } from "./attention.tsx";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { LeadershipLine } from "./leadership.tsx";
import { MoveTable } from "./moves.tsx";
import { LeaderBars } from "./parts/leader_bars.tsx";
import { NoPools } from "./parts/no_pools.tsx";
import { PoolMeters } from "./parts/pool_meter.tsx";
import { SessionSummary } from "./parts/session_summary.tsx";
import { poolPath, servicesPath } from "./paths.ts";
import { SpeakerList } from "./speakers.tsx";

interface OverviewProps {
  overview: Overview;
  now: Instant;
  words: Words;
}

const poolsShownMax = 12;
const speakersShownMax = 12;
const movesShownMax = 10;

export function OverviewPage(props: OverviewProps) {
  return (
    <>
      <Heading title={props.words.t("nav.overview")} />
      <OverviewRegion {...props} />
    </>
  );
}

/** The whole page below its heading, most urgent first. */
export function OverviewRegion({ overview, now, words }: OverviewProps) {
  const { attention, pools, sessions, speakers, leaders, moves, leadership } = overview;
  return (
    <div {...region("overview", "/", topics)} class="stack">
      <section aria-labelledby="attention-title">
        <h2 id="attention-title">{words.t("overview.attention")}</h2>
        <AttentionList items={attention} now={now} words={words} />
      </section>
      <Figures overview={overview} words={words} />
      {leadership === undefined ? null : <LeadershipLine leadership={leadership} words={words} />}
      <div class="columns">
        <section aria-labelledby="pools-title">
          <TitleLink id="pools-title" href="/pools" title={words.t("nav.pools")} words={words} />
          <PoolGlance pools={pools} words={words} />
        </section>
        <section aria-labelledby="sessions-title">
          <TitleLink id="sessions-title" href="/bgp" title={words.t("overview.sessions")} words={words} />
          <SessionSummary sessions={sessions} now={now} words={words} />
        </section>
        <section aria-labelledby="leaders-title">
          <TitleLink id="leaders-title" href="/layer2" title={words.t("overview.leaders")} words={words} />
          <LeaderBars leaders={leaders} words={words} />
        </section>
        <section aria-labelledby="speakers-title">
          <TitleLink id="speakers-title" href="/speakers" title={words.t("nav.speakers")} words={words} />
          <SpeakerList speakers={speakers} limit={speakersShownMax} now={now} words={words} />
        </section>
      </div>
      <section aria-labelledby="moves-title">
        <TitleLink id="moves-title" href="/layer2#moves" title={words.t("overview.moves")} words={words} />
        <MoveTable moves={moves.slice(0, movesShownMax)} now={now} words={words} />
      </section>
    </div>
  );
}

function TitleLink({ id, href, title, words }: { id: string; href: string; title: string; words: Words }) {
  return (
    <div class="title">
      <h2 id={id}>{title}</h2>
      <a href={href} aria-label={words.t("overview.allOf", { title })}>
        {words.t("overview.all")}
      </a>
    </div>
  );
}

/** The cluster in one line of numbers. */
function Figures({ overview, words }: { overview: Overview; words: Words }) {
  const { services, sessions, speakers, pools } = overview;
  const up = sessions.filter((session) => session.state === "Established").length;
  const answering = speakers.filter((speaker) => speaker.answers).length;
  const used = pools.reduce((sum, pool) => sum + pool.ipv4.used + pool.ipv6.used, 0);
  return (
    <dl class="figures">
      <Figure term={words.t("figures.services")} value={words.number(services.total)}>
        <a href={servicesPath({ state: "pending" })}>
          {words.t("figures.pending", { count: services.pending })}
        </a>
      </Figure>
      <Figure term={words.t("figures.addresses")} value={words.number(used)}>
        {words.t("figures.pools", { count: pools.length })}
      </Figure>
      <Figure
        term={words.t("figures.sessions")}
        value={`${words.number(up)} / ${words.number(sessions.length)}`}
      >
        {words.t("figures.established")}
      </Figure>
      <Figure
        term={words.t("figures.speakers")}
        value={`${words.number(answering)} / ${words.number(speakers.length)}`}
      >
        {words.t("figures.answering")}
      </Figure>
    </dl>
  );
}

function Figure(props: { term: string; value: string; children?: unknown }) {
  return (
    <div>
      <dt>{props.term}</dt>
      <dd>
        <span class="figure">{props.value}</span> <span class="muted">{props.children}</span>
      </dd>
    </div>
  );
}

function PoolGlance({ pools, words }: { pools: Overview["pools"]; words: Words }) {
  if (pools.length === 0) return <NoPools words={words} />;
  return (
    <>
      <ul class="glance">
        {pools.slice(0, poolsShownMax).map((pool) => (
          <li>
            <a class="clip" href={poolPath(pool.name)} title={pool.name}>
              {pool.name}
            </a>
            <PoolMeters pool={pool} words={words} />
          </li>
        ))}
      </ul>
      {pools.length > poolsShownMax ? (
        <p class="more">
          <a href="/pools">{words.t("overview.morePools", { count: pools.length - poolsShownMax })}</a>
        </p>
      ) : null}
    </>
  );
}
