/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { PoolAllocation, PoolSummary } from "../ports.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { Mark } from "./parts/mark.tsx";
import { NoPools } from "./parts/no_pools.tsx";
import { PoolMeters } from "./parts/pool_meter.tsx";
import { Table } from "./parts/table.tsx";
import { poolPath, servicesPath } from "./paths.ts";

interface PoolsProps {
  pools: readonly PoolSummary[];
  words: Words;
}

export function PoolsPage(props: PoolsProps) {
  return (
    <>
      <Heading title={props.words.t("nav.pools")} />
      <PoolsRegion {...props} />
    </>
  );
}

export function PoolsRegion({ pools, words }: PoolsProps) {
  return (
    <div {...region("pools", "/pools", ["pools"])} class="stack">
      {pools.length === 0 ? <NoPools words={words} /> : <PoolTable pools={pools} words={words} />}
    </div>
  );
}

function PoolTable({ pools, words }: PoolsProps) {
  const { t } = words;
  return (
    <Table
      caption={t("pools.caption")}
      columns={[
        { label: t("column.pool"), width: 14 },
        { label: t("pools.use") },
        { label: t("pools.ranges"), width: 17 },
        { label: t("pools.advertised"), width: 12 },
        { label: t("pools.giving"), width: 12 },
        { label: t("nav.services"), width: 7, isNumber: true },
      ]}
    >
      {pools.map((pool) => (
        <tr id={`pool:${pool.name}`}>
          <th scope="row" class="clip" title={pool.name}>
            <a href={poolPath(pool.name)}>{pool.name}</a>
          </th>
          <td class="long" data-label={t("pools.use")}>
            <PoolMeters pool={pool} words={words} />
          </td>
          <td class="address" data-label={t("pools.ranges")}>
            <Ranges ranges={pool.ranges} words={words} />
          </td>
          <td data-label={t("pools.advertised")}>
            <Advertised pool={pool} words={words} />
          </td>
          <td data-label={t("pools.giving")}>
            <Giving pool={pool} words={words} />
          </td>
          <td class="number" data-label={t("nav.services")}>
            <a href={servicesPath({ search: pool.name })}>{words.number(pool.serviceCount)}</a>
          </td>
        </tr>
      ))}
    </Table>
  );
}

const rangesShownMax = 3;

/** As declared; a long list is cut, the whole of it stands on the pool's own page. */
export function Ranges({ ranges, words, all = false }: { ranges: string[]; words: Words; all?: boolean }) {
  const shown = all ? ranges : ranges.slice(0, rangesShownMax);
  return (
    <>
      {shown.map((range) => (
        <div>{range}</div>
      ))}
      {ranges.length > shown.length ? (
        <div class="muted">{words.t("pools.moreRanges", { count: ranges.length - shown.length })}</div>
      ) : null}
    </>
  );
}

/** The advertisements that cover the pool, or that there are none, which makes it unreachable. */
export function Advertised({ pool, words }: { pool: PoolSummary; words: Words }) {
  const all = [
    ...pool.l2Advertisements.map((name) => ({ name, protocol: "L2" })),
    ...pool.bgpAdvertisements.map((name) => ({ name, protocol: "BGP" })),
  ];
  if (all.length === 0) return <Mark tone="critical" word={words.t("pools.unadvertised")} />;
  return (
    <>
      {all.map(({ name, protocol }) => (
        <span class="announcer" title={name}>
          <span class="clip">{name}</span> <small class="tag">{protocol}</small>
        </span>
      ))}
    </>
  );
}

/** To whom the pool gives addresses; by which labels, stands on its own page. */
export function Giving({ pool, words, all = false }: { pool: PoolSummary; words: Words; all?: boolean }) {
  const { t } = words;
  const { allocation, autoAssign, avoidBuggyIPs } = pool;
  const whom = allocation === undefined ? "pools.automatic" : "pools.selected";
  return (
    <>
      {autoAssign ? t(whom) : t("pools.onRequest")}
      {allocation === undefined ? null : <Allocation allocation={allocation} words={words} all={all} />}
      {avoidBuggyIPs ? <div class="muted">{t("pools.avoidsBuggy")}</div> : null}
    </>
  );
}

/** A namespace by name or by label, and a Service by label. */
function Allocation(props: { allocation: PoolAllocation; words: Words; all: boolean }) {
  const { allocation, words, all } = props;
  const { t } = words;
  const { priority, namespaces, namespaceSelectors, serviceSelectors } = allocation;
  const selectors = [
    ...(namespaces.length > 0 ? [t("pools.namespaces", { names: namespaces.join(", ") })] : []),
    ...namespaceSelectors.map((selector) => t("pools.namespacesWith", { selector })),
    ...serviceSelectors.map((selector) => t("pools.servicesWith", { selector })),
  ];
  const order = priority === 0 ? [] : [t("pools.priority", { priority })];
  const lines = all ? [...selectors, ...order] : order;
  return (
    <>
      {lines.map((line) => (
        <div class="muted">{line}</div>
      ))}
    </>
  );
}
