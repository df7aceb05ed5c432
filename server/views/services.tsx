/** @jsxImportSource hono/jsx */
import type { MessageKey, Words } from "../i18n/mod.ts";
import type { Instant, ServicePage, ServiceQuery, ServiceRow, ServiceSort } from "../ports.ts";
import { serviceState } from "../service_state.ts";
import { region, regionLink } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { AnnouncerList } from "./parts/announcers.tsx";
import { Empty } from "./parts/empty.tsx";
import { Mark } from "./parts/mark.tsx";
import { Pager } from "./parts/pager.tsx";
import { ReasonList } from "./parts/reason_list.tsx";
import { SearchForm } from "./parts/search_form.tsx";
import { type Column, type ColumnWidth, Table } from "./parts/table.tsx";
import { Age } from "./parts/time.tsx";
import { poolPath, servicePath, serviceQueryDefault, servicesPath } from "./paths.ts";

const regionId = "services";
export const serviceStates = ["all", "assigned", "pending", "unannounced"] as const;

interface ServicesProps {
  services: ServicePage;
  query: ServiceQuery;
  now: Instant;
  words: Words;
}

export function ServicesPage(props: ServicesProps) {
  return (
    <>
      <Heading title={props.words.t("nav.services")} />
      <ServicesRegion {...props} />
    </>
  );
}

export function ServicesRegion(props: ServicesProps) {
  const { services, query, words } = props;
  return (
    <div {...region(regionId, servicesPath(query), ["services", "layer2", "bgp"])} class="stack">
      <div class="toolbar">
        <SearchForm
          path="/services"
          regionId={regionId}
          search={query.search}
          placeholder={words.t("services.search")}
          keep={keptBySearch(query)}
          words={words}
        />
        <StateFilter query={query} counts={services.counts} words={words} />
        <Pager
          {...services}
          regionId={regionId}
          urlOf={(page) => servicesPath({ ...query, page })}
          words={words}
        />
      </div>
      {services.total === 0 ? <NoServices query={query} words={words} /> : <ServiceTable {...props} />}
    </div>
  );
}

/** A search begins at the first page and keeps order, filter and page size. */
function keptBySearch(query: ServiceQuery): Record<string, string> {
  const url = new URL(servicesPath({ ...query, search: "", page: 1 }), "http://console");
  return Object.fromEntries(url.searchParams);
}

interface StateFilterProps {
  query: ServiceQuery;
  counts: ServicePage["counts"];
  words: Words;
}

function StateFilter({ query, counts, words }: StateFilterProps) {
  return (
    <nav class="switch" aria-label={words.t("services.filter")}>
      {serviceStates.map((state) => (
        <a
          aria-current={state === query.state ? "true" : undefined}
          {...regionLink(servicesPath({ ...query, ...orderFor(state, query), state, page: 1 }), regionId)}
        >
          {words.t(`services.state.${state}`)}
          {counts === undefined ? null : <span class="number">{words.number(counts[state])}</span>}
        </a>
      ))}
    </nav>
  );
}

const byName = { sort: serviceQueryDefault.sort, descending: serviceQueryDefault.descending };
const longestFirst = { sort: "age", descending: true } as const;

/** Those that wait come in the order of their waiting, the longest first, unless the reader chose another order. */
function orderFor(state: ServiceQuery["state"], query: ServiceQuery): Partial<ServiceQuery> {
  const isIn = (order: typeof byName) => query.sort === order.sort && query.descending === order.descending;
  if (state === "pending") return isIn(byName) ? longestFirst : {};
  return query.state === "pending" && isIn(longestFirst) ? byName : {};
}

function NoServices({ query, words }: { query: ServiceQuery; words: Words }) {
  if (query.search !== "" || query.state !== "all") {
    return (
      <Empty title={words.t("services.nothing")}>
        <p>
          <a href="/services">{words.t("services.showAll")}</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty
      title={words.t("services.none")}
      command="kubectl expose deployment my-app --port 80 --type LoadBalancer"
    >
      <p>{words.t("services.noneHint")}</p>
    </Empty>
  );
}

interface ServiceColumn {
  label: Extract<MessageKey, `column.${string}`>;
  sort?: ServiceSort;
  width?: ColumnWidth;
  isNumber?: boolean;
}

const columns: readonly ServiceColumn[] = [
  { label: "column.state", sort: "state", width: 10 },
  { label: "column.service", sort: "name" },
  { label: "column.address", sort: "address", width: 11 },
  { label: "column.pool", sort: "pool", width: 11 },
  { label: "column.announcer", width: 15 },
  { label: "column.ports", width: 10 },
  { label: "column.endpoints", width: 5, isNumber: true },
  { label: "column.policy", width: 6 },
  { label: "column.age", sort: "age", width: 8, isNumber: true },
];

function ServiceTable({ services, query, now, words }: ServicesProps) {
  return (
    <Table
      caption={words.t("services.caption")}
      columns={columns.map((column) => headed(column, query, words))}
    >
      {services.rows.map((service) => (
        <Row service={service} now={now} words={words} />
      ))}
    </Table>
  );
}

/** A head that sorts; a second click turns the order around. */
function headed({ label, sort, ...rest }: ServiceColumn, query: ServiceQuery, words: Words): Column {
  const text = words.t(label);
  if (sort === undefined) return { label: text, ...rest };
  const isSorted = query.sort === sort;
  const url = servicesPath({ ...query, sort, descending: isSorted && !query.descending, page: 1 });
  return {
    label: text,
    head: <a {...regionLink(url, regionId)}>{text}</a>,
    ...rest,
    ...(isSorted ? { sorted: query.descending ? "descending" : "ascending" } : {}),
  };
}

function Row({ service, now, words }: { service: ServiceRow; now: Instant; words: Words }) {
  const { t } = words;
  const state = serviceState(service);
  const fullName = `${service.namespace}/${service.name}`;
  return (
    <tr id={`service:${fullName}`} data-state={state.key}>
      <td>
        <Mark tone={state.tone} word={t(`service.${state.key}`)} />
      </td>
      <th scope="row" class="clip" title={fullName}>
        <a href={servicePath(service.namespace, service.name)}>
          <span class="muted">{service.namespace}/</span>
          {service.name}
        </a>
      </th>
      {state.key === "pending" ? (
        <td colspan={3} class="why" data-label={t("column.why")}>
          {service.pending === undefined ? (
            t("service.beingDecided")
          ) : (
            <ReasonList why={service.pending} refusals={service.refusals} words={words} />
          )}
        </td>
      ) : (
        <Assigned service={service} words={words} />
      )}
      <td class="clip" title={service.ports.join(", ")} data-label={t("column.ports")}>
        {service.ports.join(", ")}
      </td>
      <td class="number" data-label={t("column.endpoints")}>
        {words.number(service.endpointsReady)}
      </td>
      <td data-label={t("column.policy")}>{service.externalTrafficPolicy}</td>
      <td class="number" data-label={t("column.age")}>
        <Age at={service.createdAt} now={now} words={words} />
      </td>
    </tr>
  );
}

function Assigned({ service, words }: { service: ServiceRow; words: Words }) {
  const { t } = words;
  return (
    <>
      <td class="address" data-label={t("column.address")}>
        {service.addresses.map((address) => (
          <div>{address}</div>
        ))}
      </td>
      <td class="clip" title={service.pool} data-label={t("column.pool")}>
        {service.pool === undefined ? "–" : <a href={poolPath(service.pool)}>{service.pool}</a>}
      </td>
      <td data-label={t("column.announcer")}>
        {service.announcers.length > 0 ? (
          <AnnouncerList announcers={service.announcers} words={words} />
        ) : (
          <span class="why">
            {service.pending === undefined ? t("announcer.nobody") : words.reason(service.pending)}
          </span>
        )}
      </td>
    </>
  );
}
