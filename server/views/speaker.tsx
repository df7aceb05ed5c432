/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import type { Words } from "../i18n/mod.ts";
import type { Instant, SpeakerDetail } from "../ports.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { Empty } from "./parts/empty.tsx";
import { Mark } from "./parts/mark.tsx";
import { Age } from "./parts/time.tsx";
import { speakerPath } from "./paths.ts";
import { SpeakerFellows } from "./speaker_fellows.tsx";
import { SpeakerInterfaces } from "./speaker_interfaces.tsx";
import { SpeakerRing } from "./speaker_ring.tsx";
import { SpeakerState } from "./speakers.tsx";

const regionId = "speaker";

interface SpeakerProps {
  speaker: SpeakerDetail;
  now: Instant;
  words: Words;
}

export function SpeakerPage(props: SpeakerProps) {
  return (
    <Frame node={props.speaker.node} words={props.words}>
      <SpeakerRegion {...props} />
    </Frame>
  );
}

interface GoneProps {
  node: string;
  words: Words;
}

export function SpeakerGonePage(props: GoneProps) {
  return (
    <Frame {...props}>
      <SpeakerGone {...props} />
    </Frame>
  );
}

function Frame({ node, words, children }: GoneProps & { children: Child }) {
  return (
    <>
      <nav class="crumbs" aria-label={words.t("crumbs.label")}>
        <a href="/speakers">{words.t("nav.speakers")}</a>
      </nav>
      <Heading title={node} />
      {children}
    </>
  );
}

/** Where a speaker is expected but is not; it appears by itself once there is one. */
export function SpeakerGone({ node, words }: GoneProps) {
  return (
    <div {...region(regionId, speakerPath(node), ["speakers"])} class="stack">
      <Empty
        title={words.t("message.noSpeaker", { name: node })}
        command="kubectl -n metallb-system get pods -l component=speaker -o wide"
      />
    </div>
  );
}

export function SpeakerRegion({ speaker, now, words }: SpeakerProps) {
  const { t } = words;
  return (
    <div {...region(regionId, speakerPath(speaker.node), ["speakers", "layer2"])} class="stack">
      <Facts speaker={speaker} now={now} words={words} />
      {speaker.conflicts.length === 0 ? null : (
        <section aria-labelledby="conflicts-title">
          <h2 id="conflicts-title">{t("speaker.conflicts")}</h2>
          <ul class="attention">
            {speaker.conflicts.map(({ address, mac, interface: on, since }) => (
              <li data-severity="critical">
                <Mark tone="critical" word={t("severity.critical")} />
                <div class="attention-text">
                  <strong>{address}</strong>{" "}
                  {t("layer2.foreignMac", { mac, interface: on, duration: words.duration(now - since) })}
                </div>
                <span class="number muted">
                  <Age at={since} now={now} words={words} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Maintenance speaker={speaker} words={words} />
      <SpeakerInterfaces speaker={speaker} words={words} />
      <SpeakerRing ring={speaker.ring} now={now} words={words} />
      <SpeakerFellows speaker={speaker} now={now} words={words} />
    </div>
  );
}

function Facts({ speaker, now, words }: SpeakerProps) {
  const { t } = words;
  const { facts } = speaker;
  return (
    <dl class="facts">
      <div>
        <dt>{t("column.state")}</dt>
        <dd>
          <SpeakerState speaker={speaker} now={now} words={words} />
        </dd>
      </div>
      <Fact name={t("speakers.pod")} value={speaker.pod} />
      <Fact name={t("speakers.address")} value={speaker.address} />
      <Fact name={t("speakers.layer2")} value={words.number(speaker.announcedLayer2)} />
      <Fact name={t("speakers.bgp")} value={words.number(speaker.announcedBgp)} />
      <Fact name={t("speakers.version")} value={speaker.version ?? "–"} />
      {facts === undefined ? (
        <div class="wide">
          <dt>{t("speaker.facts")}</dt>
          <dd>{t("speaker.factsNone")}</dd>
        </div>
      ) : (
        <>
          <div>
            <dt>{t("speaker.stable")}</dt>
            <dd class="number">
              <Age at={facts.stableSince} now={now} words={words} />
            </dd>
          </div>
          <Fact name={t("speaker.flaps")} value={t("speaker.flapsCount", { count: facts.flaps })} />
          <div>
            <dt>{t("speaker.answering")}</dt>
            <dd>{facts.isAnswering ? t("speaker.yes") : <Mark tone="critical" word={t("speaker.no")} />}</dd>
          </div>
        </>
      )}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The command to write, for the console itself writes nothing. */
function Maintenance({ speaker: { node, isDraining }, words }: { speaker: SpeakerDetail; words: Words }) {
  const command = isDraining
    ? `kubectl annotate node ${node} metallb.io/drain-`
    : `kubectl annotate node ${node} metallb.io/drain=true`;
  return (
    <section aria-labelledby="drain-title">
      <h2 id="drain-title">{words.t("speaker.drain")}</h2>
      <p class="lead">{words.t(isDraining ? "speaker.undrainHint" : "speaker.drainHint")}</p>
      <pre>{command}</pre>
    </section>
  );
}
