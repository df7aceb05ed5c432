/** @jsxImportSource hono/jsx */
import { messagesEn } from "../i18n/en.ts";
import type { MessageKey, Words } from "../i18n/mod.ts";
import type { SpeakerDetail, SpeakerInterface } from "../ports.ts";
import { Mark } from "./parts/mark.tsx";
import { Table } from "./parts/table.tsx";

/** The node's interfaces, and why one is not used. */
export function SpeakerInterfaces({
  speaker: { interfaces },
  words,
}: {
  speaker: SpeakerDetail;
  words: Words;
}) {
  const { t } = words;
  return (
    <section aria-labelledby="interfaces-title">
      <h2 id="interfaces-title">{t("speaker.interfaces")}</h2>
      {interfaces.length === 0 ? (
        <p class="muted">{t("speaker.interfacesNone")}</p>
      ) : (
        <Table
          caption={t("speaker.interfaces")}
          columns={[
            { label: t("column.state"), width: 15 },
            { label: t("speaker.interface"), width: 12 },
            { label: t("speaker.mac"), width: 12 },
            { label: t("speaker.addresses") },
          ]}
        >
          {interfaces.map((one) => (
            <tr id={`interface:${one.name}`}>
              <td>
                <Mark tone={one.isUsable ? "good" : "idle"} word={t(stateKey(one))} />
              </td>
              <th scope="row">{one.name}</th>
              <td class="address" data-label={t("speaker.mac")}>
                {one.mac || "–"}
              </td>
              <td class="address" data-label={t("speaker.addresses")}>
                {one.addresses.join(", ") || "–"}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

type StateKey = Extract<MessageKey, `speaker.unusable.${string}`> | "speaker.usable";

function stateKey({ isUsable, unusable }: SpeakerInterface): StateKey {
  if (isUsable) return "speaker.usable";
  const key = `speaker.unusable.${unusable}`;
  return isStateKey(key) ? key : "speaker.unusable.other";
}

/** A newer speaker may know of a reason that this version has no words for. */
function isStateKey(key: string): key is StateKey {
  return Object.hasOwn(messagesEn, key);
}
