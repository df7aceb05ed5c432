/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import type { Words } from "../i18n/mod.ts";
import type { AddressHolder, Instant, MapCell, PoolDetail } from "../ports.ts";
import { AddressMap, MapLegend } from "./chart/address_map.tsx";
import { HeldBack } from "./held_back.tsx";
import { calmThrottleMs, region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { AnnouncerList } from "./parts/announcers.tsx";
import { Empty } from "./parts/empty.tsx";
import { Mark } from "./parts/mark.tsx";
import { Pager } from "./parts/pager.tsx";
import { PoolMeters } from "./parts/pool_meter.tsx";
import { ServiceLink } from "./parts/service_link.tsx";
import { Table } from "./parts/table.tsx";
import { listPath, pageSizeDefault, poolPath, servicesPath } from "./paths.ts";
import { Policies } from "./pool_policies.tsx";
import { Advertised, Giving, Ranges } from "./pools.tsx";

interface PoolProps {
  pool: PoolDetail;
  /** Page of the list of holders, from 1. */
  page: number;
  now: Instant;
  words: Words;
}

const regionId = "pool";
const largeMap = 512;

export function PoolPage(props: PoolProps) {
  return (
    <Frame name={props.pool.name} words={props.words}>
      <PoolRegion {...props} />
    </Frame>
  );
}

export function PoolGonePage(props: PoolGoneProps) {
  return (
    <Frame {...props}>
      <PoolGone {...props} />
    </Frame>
  );
}

interface PoolGoneProps {
  name: string;
  words: Words;
}

function Frame({ name, words, children }: PoolGoneProps & { children: Child }) {
  return (
    <>
      <nav class="crumbs" aria-label={words.t("crumbs.label")}>
        <a href="/pools">{words.t("nav.pools")}</a>
      </nav>
      <Heading title={name} />
      {children}
    </>
  );
}

export function PoolRegion(props: PoolProps) {
  const { pool, page, words } = props;
  const url = listPath(poolPath(pool.name), { page });
  const everyMs = pool.cells.length > largeMap ? calmThrottleMs : undefined;
  return (
    <div {...region(regionId, url, ["pools"], everyMs)} class="stack">
      <PoolFacts pool={pool} words={words} />
      {pool.policies === undefined ? null : <Policies policies={pool.policies} words={words} />}
      <section aria-labelledby="map-title">
        <div class="title">
          <h2 id="map-title">{words.t("map.title")}</h2>
          <MapLegend cells={pool.cells} words={words} />
        </div>
        {familyMaps(pool.cells).map((cells) => (
          <AddressMap cells={cells} words={words} />
        ))}
        {pool.cellSize === "1" ? null : (
          <p class="muted">{words.t("map.blocks", { size: words.count(pool.cellSize) })}</p>
        )}
      </section>
      <HeldBack {...props} />
      <Holders {...props} />
    </div>
  );
}

/** Where a pool is expected but is not; it appears by itself once there is one. */
export function PoolGone({ name, words }: PoolGoneProps) {
  return (
    <div {...region(regionId, poolPath(name), ["pools", "configuration"])} class="stack">
      <Empty
        title={words.t("message.noPool", { name })}
        command="kubectl -n metallb-system get ipaddresspools"
      >
        <p>
          <a href="/pools">{words.t("nav.pools")}</a>
        </p>
      </Empty>
    </div>
  );
}

/** IPv4 and IPv6 cells are of different kinds and get a map each. */
function familyMaps(cells: readonly MapCell[]): MapCell[][] {
  const ipv4 = cells.filter((cell) => !cell.first.includes(":"));
  const ipv6 = cells.filter((cell) => cell.first.includes(":"));
  return [ipv4, ipv6].filter((family) => family.length > 0);
}

function PoolFacts({ pool, words }: { pool: PoolDetail; words: Words }) {
  const { t } = words;
  return (
    <dl class="facts">
      <div class="wide">
        <dt>{t("pools.use")}</dt>
        <dd>
          <PoolMeters pool={pool} words={words} />
        </dd>
      </div>
      <div class="wide">
        <dt>{t("pools.ranges")}</dt>
        <dd class="address">
          <Ranges ranges={pool.ranges} words={words} all />
        </dd>
      </div>
      <div>
        <dt>{t("pools.advertised")}</dt>
        <dd>
          <Advertised pool={pool} words={words} />
        </dd>
      </div>
      <div>
        <dt>{t("pools.giving")}</dt>
        <dd>
          <Giving pool={pool} words={words} all />
        </dd>
      </div>
      <div>
        <dt>{t("nav.services")}</dt>
        <dd class="number">
          <a href={servicesPath({ search: pool.name })}>{words.number(pool.serviceCount)}</a>
        </dd>
      </div>
    </dl>
  );
}

/** Every address that is held, by whom, and who announces it. */
function Holders({ pool, page, words }: PoolProps) {
  const { t } = words;
  const owners = ownersOf(pool);
  const rows = pool.holders.slice((page - 1) * pageSizeDefault, page * pageSizeDefault);
  return (
    <section aria-labelledby="holders-title">
      <div class="title">
        <h2 id="holders-title">{t("holders.title")}</h2>
        <Pager
          total={pool.holders.length}
          page={page}
          pageSize={pageSizeDefault}
          regionId={regionId}
          urlOf={(to) => listPath(poolPath(pool.name), { page: to })}
          words={words}
        />
      </div>
      {pool.holders.length === 0 ? (
        <Empty
          title={t("holders.none")}
          command="kubectl expose deployment my-app --port 80 --type LoadBalancer"
        >
          <p>{t("holders.noneHint")}</p>
        </Empty>
      ) : (
        <Table
          caption={t("holders.title")}
          columns={[
            { label: t("column.address"), width: 17 },
            { label: t("nav.services") },
            { label: t("column.announcer"), width: 21 },
          ]}
        >
          {rows.map((holder) => (
            <HolderRow holder={holder} owners={owners.get(holder.address)} words={words} />
          ))}
        </Table>
      )}
    </section>
  );
}

/** For whom an address is reserved, `namespace/name` by address. */
function ownersOf({ policies }: PoolDetail): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const { namespace, name, addresses } of policies?.reservations ?? []) {
    for (const address of addresses) {
      owners.set(address, [...(owners.get(address) ?? []), `${namespace}/${name}`]);
    }
  }
  return owners;
}

interface HolderProps {
  holder: AddressHolder;
  owners: readonly string[] | undefined;
  words: Words;
}

function HolderRow({ holder, owners = [], words }: HolderProps) {
  const { t } = words;
  const isOthers =
    owners.length > 0 &&
    !holder.services.some(({ namespace, name }) => owners.includes(`${namespace}/${name}`));
  const hasNote = isOthers || holder.kept !== undefined;
  return (
    <tr id={`holder:${holder.address}`}>
      <th scope="row" class="address">
        {holder.address}{" "}
        {owners.length > 0 && !isOthers ? <small class="tag">{t("holders.reserved")}</small> : null}
      </th>
      <td class={hasNote ? "long" : undefined} data-label={t("nav.services")}>
        {holder.services.map(({ namespace, name, ports }) => (
          <div>
            <ServiceLink namespace={namespace} name={name} /> <span class="muted">{ports.join(", ")}</span>
          </div>
        ))}
        {holder.kept === undefined ? null : (
          <div class="note">
            <Mark tone="warning" word={t(`holders.kept.${holder.kept}`)} />
            <p class="why">{t(`holders.keptHint.${holder.kept}`)}</p>
          </div>
        )}
        {isOthers ? (
          <div class="note">
            <Mark tone="warning" word={t("holders.reservedForOther", { service: owners.join(", ") })} />
            <p class="why">{t("holders.reservedForOtherHint")}</p>
          </div>
        ) : null}
      </td>
      <td data-label={t("column.announcer")}>
        {holder.announcers.length === 0 ? (
          <Mark tone="critical" word={t("announcer.nobody")} />
        ) : (
          <AnnouncerList announcers={holder.announcers} words={words} />
        )}
      </td>
    </tr>
  );
}
