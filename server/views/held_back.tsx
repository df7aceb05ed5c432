/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import type { Words } from "../i18n/mod.ts";
import type { Instant, PoolDetail } from "../ports.ts";
import { CellGlyph } from "./chart/cell_shape.tsx";
import { ServiceLink } from "./parts/service_link.tsx";
import { Table } from "./parts/table.tsx";
import { Clock } from "./parts/time.tsx";

interface HeldBackProps {
  pool: PoolDetail;
  now: Instant;
  words: Words;
}

interface Line {
  address: string;
  state: "reserved" | "cooling";
  why: Child;
}

const shownMax = 100;

/**
 * Addresses that nobody holds and that are not for everybody: what the map says by shapes, in words. Those of a large
 * pool that cool down are only counted, for its map has no single addresses.
 */
export function HeldBack(props: HeldBackProps) {
  const { t } = props.words;
  const lines = [...reservedLines(props), ...coolingLines(props)];
  if (lines.length === 0) return null;
  const hidden = lines.length - shownMax;
  return (
    <section aria-labelledby="held-back-title">
      <h2 id="held-back-title">{t("heldBack.title")}</h2>
      <Table
        caption={t("heldBack.title")}
        columns={[
          { label: t("column.address"), width: 17 },
          { label: t("column.state"), width: 12 },
          { label: t("column.why") },
        ]}
      >
        {lines.slice(0, shownMax).map(({ address, state, why }) => (
          <tr id={`back:${address}`}>
            <th scope="row" class="address">
              {address}
            </th>
            <td data-label={t("column.state")}>
              <span class="mark">
                <CellGlyph state={state} />
                {t(`map.${state}`)}
              </span>
            </td>
            <td class="long" data-label={t("column.why")}>
              {why}
            </td>
          </tr>
        ))}
      </Table>
      {hidden > 0 ? <p class="more">{t("policies.more", { count: hidden })}</p> : null}
    </section>
  );
}

function reservedLines({ pool, words }: HeldBackProps): Line[] {
  const held = new Set(pool.holders.map((holder) => holder.address));
  const owners = new Map<string, { namespace: string; name: string }[]>();
  for (const { namespace, name, addresses } of pool.policies?.reservations ?? []) {
    for (const address of addresses) {
      if (!held.has(address)) owners.set(address, [...(owners.get(address) ?? []), { namespace, name }]);
    }
  }
  return [...owners].map(([address, services]) => ({
    address,
    state: "reserved",
    why: (
      <>
        {words.t("heldBack.reserved")}{" "}
        {services.map((service, index) => (
          <>
            {index === 0 ? null : ", "}
            <ServiceLink {...service} />
          </>
        ))}
      </>
    ),
  }));
}

function coolingLines({ pool, now, words }: HeldBackProps): Line[] {
  return pool.cells.flatMap(({ first, state, coolsUntil }) => {
    if (state !== "cooling" || coolsUntil === undefined) return [];
    const why = (
      <>
        {words.t("heldBack.cooling", { duration: words.duration(coolsUntil - now) })}{" "}
        <Clock at={coolsUntil} />
      </>
    );
    return [{ address: first, state, why }];
  });
}
