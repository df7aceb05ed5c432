/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import { summaryOf } from "../explanation.ts";
import type { Words } from "../i18n/mod.ts";
import type { Instant, ServiceDetail } from "../ports.ts";
import { serviceState } from "../service_state.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { AnnouncerList } from "./parts/announcers.tsx";
import { Empty } from "./parts/empty.tsx";
import { Mark } from "./parts/mark.tsx";
import { Table } from "./parts/table.tsx";
import { Age } from "./parts/time.tsx";
import { PathView } from "./path_view.tsx";
import { listPath, poolPath, servicePath, servicesPath } from "./paths.ts";

const regionId = "service";

interface ServiceProps {
  service: ServiceDetail;
  now: Instant;
  words: Words;
}

export function ServicePage(props: ServiceProps) {
  const { namespace, name } = props.service;
  return (
    <Frame namespace={namespace} name={name} words={props.words}>
      <ServiceRegion {...props} />
    </Frame>
  );
}

export function ServiceGonePage(props: ServiceGoneProps) {
  return (
    <Frame {...props}>
      <ServiceGone {...props} />
    </Frame>
  );
}

interface ServiceGoneProps {
  namespace: string;
  name: string;
  words: Words;
}

function Frame({ namespace, name, words, children }: ServiceGoneProps & { children: Child }) {
  return (
    <>
      <nav class="crumbs" aria-label={words.t("crumbs.label")}>
        <a href="/services">{words.t("nav.services")}</a>
        <a href={servicesPath({ search: `${namespace}/` })}>{namespace}</a>
      </nav>
      <Heading title={name} />
      {children}
    </>
  );
}

export function ServiceRegion({ service, now, words }: ServiceProps) {
  const url = servicePath(service.namespace, service.name);
  return (
    <div {...region(regionId, url, ["services", "layer2", "bgp"])} class="stack">
      <ServiceFacts service={service} now={now} words={words} />
      <section aria-labelledby="path-title">
        <div class="title">
          <h2 id="path-title">{words.t("path.title")}</h2>
          <a href={`/api/v1${url}/explain`} hx-boost="false">
            {words.t("path.json")}
          </a>
        </div>
        <p class="summary">{summaryOf(service, words)}</p>
        <PathView trace={service.trace} words={words} />
      </section>
      <Events service={service} now={now} words={words} />
    </div>
  );
}

/** Where a Service is expected but is not; it appears by itself once there is one. */
export function ServiceGone({ namespace, name, words }: ServiceGoneProps) {
  const title = words.t("message.noService", { name: `${namespace}/${name}` });
  return (
    <div {...region(regionId, servicePath(namespace, name), ["services"])} class="stack">
      <Empty title={title} command={`kubectl -n ${namespace} get service ${name}`}>
        <p>
          <a href="/services">{words.t("services.showAll")}</a>
        </p>
      </Empty>
    </div>
  );
}

function ServiceFacts({ service, now, words }: ServiceProps) {
  const { t } = words;
  const state = serviceState(service);
  return (
    <dl class="facts">
      <div>
        <dt>{t("column.state")}</dt>
        <dd>
          <Mark tone={state.tone} word={t(`service.${state.key}`)} />
        </dd>
      </div>
      <div>
        <dt>{t("column.address")}</dt>
        <dd class="address">
          {service.addresses.length === 0
            ? "–"
            : service.addresses.map((address) => (
                <div>
                  <a href={listPath("/layer2", { search: address })}>{address}</a>
                </div>
              ))}
        </dd>
      </div>
      <div>
        <dt>{t("column.pool")}</dt>
        <dd>{service.pool === undefined ? "–" : <a href={poolPath(service.pool)}>{service.pool}</a>}</dd>
      </div>
      <div>
        <dt>{t("column.announcer")}</dt>
        <dd>
          {service.announcers.length === 0 ? (
            "–"
          ) : (
            <AnnouncerList announcers={service.announcers} words={words} />
          )}
        </dd>
      </div>
      <div>
        <dt>{t("column.ports")}</dt>
        <dd>{service.ports.join(", ")}</dd>
      </div>
      <div>
        <dt>{t("column.endpoints")}</dt>
        <dd class="number">{words.number(service.endpointsReady)}</dd>
      </div>
      <div>
        <dt>externalTrafficPolicy</dt>
        <dd>{service.externalTrafficPolicy}</dd>
      </div>
      <div>
        <dt>{t("column.age")}</dt>
        <dd class="number">
          <Age at={service.createdAt} now={now} words={words} />
        </dd>
      </div>
    </dl>
  );
}

function Events({ service, now, words }: ServiceProps) {
  const { t } = words;
  return (
    <section aria-labelledby="events-title">
      <h2 id="events-title">{t("events.title")}</h2>
      {service.events.length === 0 ? (
        <p class="muted">{t("events.none")}</p>
      ) : (
        <Table
          caption={t("events.title")}
          columns={[
            { label: t("events.ago"), width: 8, isNumber: true },
            { label: t("events.reason"), width: 14 },
            { label: t("events.message") },
            { label: t("events.source"), width: 14 },
            { label: t("events.count"), width: 6, isNumber: true },
          ]}
        >
          {service.events.map((event) => (
            <tr>
              <td class="number" data-label={t("events.ago")}>
                <Age at={event.at} now={now} words={words} />
              </td>
              <td data-label={t("events.reason")}>
                <Mark tone={event.type === "Warning" ? "warning" : "idle"} word={event.reason} />
              </td>
              <td class="long" data-label={t("events.message")}>
                {event.message}
              </td>
              <td data-label={t("events.source")}>{event.source}</td>
              <td class="number" data-label={t("events.count")}>
                {words.number(event.count)}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
