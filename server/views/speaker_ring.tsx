/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Instant, RingState } from "../ports.ts";
import { Mark } from "./parts/mark.tsx";
import { SpeakerLink } from "./parts/speaker_link.tsx";
import { Age } from "./parts/time.tsx";

interface RingProps {
  ring: RingState | undefined;
  now: Instant;
  words: Words;
}

/** Its part in the ring: who watches it, whom it watches, and whom it found dead. */
export function SpeakerRing({ ring, now, words }: RingProps) {
  const { t } = words;
  return (
    <section aria-labelledby="ring-title">
      <h2 id="ring-title">{t("speaker.ring")}</h2>
      {ring === undefined ? (
        <p class="muted">{t("speaker.ringNone")}</p>
      ) : (
        <>
          {ring.isBlocked ? (
            <p class="lead">
              <Mark tone="warning" word={t("severity.warning")} />{" "}
              {t("speaker.ringBlocked", { port: String(ring.port) })}
            </p>
          ) : null}
          <dl class="facts">
            <div class="wide">
              <dt>{t("speaker.watchers")}</dt>
              <dd>
                <Nodes names={ring.watchers} words={words} />
              </dd>
            </div>
            <div class="wide">
              <dt>{t("speaker.targets")}</dt>
              <dd>
                <Nodes names={ring.targets} words={words} />
              </dd>
            </div>
            <div>
              <dt>{t("speaker.awareness")}</dt>
              <dd class="number">
                {ring.awareness === 0 ? t("speaker.awarenessNone") : words.number(ring.awareness)}
              </dd>
            </div>
            <div>
              <dt>{t("speaker.accusations")}</dt>
              <dd class="number">{words.number(ring.accusations)}</dd>
            </div>
            <div>
              <dt>{t("speaker.vetoes")}</dt>
              <dd class="number">{words.number(ring.vetoes)}</dd>
            </div>
          </dl>
          <h3 class="more">{t("speaker.verdicts")}</h3>
          <Verdicts ring={ring} now={now} words={words} />
        </>
      )}
    </section>
  );
}

function Nodes({ names, words }: { names: readonly string[]; words: Words }) {
  if (names.length === 0) return <>{words.t("speaker.nobody")}</>;
  return (
    <>
      {names.map((node, index) => (
        <>
          {index === 0 ? "" : ", "}
          <SpeakerLink node={node} />
        </>
      ))}
    </>
  );
}

function Verdicts({ ring, now, words }: { ring: RingState; now: Instant; words: Words }) {
  const { t } = words;
  if (ring.verdicts.length === 0) return <p class="muted">{t("speaker.verdictsNone")}</p>;
  return (
    <ul class="attention">
      {ring.verdicts.map(({ at, node, silentMs, accusers, hasWitness }) => (
        <li>
          <Mark tone="info" word={t("severity.info")} />
          <div class="attention-text">
            <strong>{t("speaker.verdict", { node })}</strong>
            <p>
              {[
                ...(silentMs === undefined
                  ? []
                  : [
                      t("speaker.verdictHow", {
                        silent: Math.round(silentMs),
                        accusers: accusers.length === 0 ? t("speaker.nobody") : accusers.join(", "),
                      }),
                    ]),
                ...(hasWitness ? [t("speaker.witness")] : []),
              ].join(" · ")}
            </p>
          </div>
          <span class="number muted">
            <Age at={at} now={now} words={words} />
          </span>
        </li>
      ))}
    </ul>
  );
}
