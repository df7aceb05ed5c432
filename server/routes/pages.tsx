/** @jsxImportSource hono/jsx */
import { type Context, Hono } from "hono";
import { BgpPage, BgpRegion } from "../views/bgp.tsx";
import { CachedBanner } from "../views/cached_banner.tsx";
import { ConfigurationPage, ConfigurationRegion } from "../views/configuration.tsx";
import { Layer2Page, Layer2Region } from "../views/layer2.tsx";
import { OverviewPage, OverviewRegion } from "../views/overview.tsx";
import {
  listPath,
  pageSizeDefault,
  poolPath,
  servicePath,
  servicesPath,
  speakerPath,
} from "../views/paths.ts";
import { PoolGone, PoolGonePage, PoolPage, PoolRegion } from "../views/pool.tsx";
import { PoolsPage, PoolsRegion } from "../views/pools.tsx";
import { ServiceGone, ServiceGonePage, ServicePage, ServiceRegion } from "../views/service.tsx";
import { ServicesPage, ServicesRegion } from "../views/services.tsx";
import { ShadowPage, ShadowRegion } from "../views/shadow.tsx";
import { SpeakerGone, SpeakerGonePage, SpeakerPage, SpeakerRegion } from "../views/speaker.tsx";
import { SpeakersPage, SpeakersRegion, silentFirst } from "../views/speakers.tsx";
import { Strip } from "../views/strip.tsx";
import { bgpPage } from "./bgp_page.ts";
import type { ConsoleEnv, ConsoleParts } from "./context.ts";
import { lastIfBeyond, pageOf, parseListQuery, parseServiceQuery } from "./query.ts";
import { isFragment, show, showMessage } from "./show.tsx";

const movesShownMax = 50;

/** The pages: parse, ask the port, choose page or fragment. */
export function pageRoutes(parts: ConsoleParts): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>();
  const { port } = parts;

  app.get("/", (c) => {
    const { words } = c.var;
    const props = { overview: port.overview(), now: port.now(), words };
    return show(c, parts, {
      title: words.t("nav.overview"),
      section: "overview",
      apiPath: "/api/v1/overview",
      page: () => <OverviewPage {...props} />,
      fragment: () => <OverviewRegion {...props} />,
    });
  });

  app.get("/strip", (c) => {
    if (!isFragment(c)) return c.redirect("/", 303);
    c.header("Cache-Control", "no-store");
    return c.html(<Strip overview={port.overview()} words={c.var.words} />);
  });

  app.get("/cached", (c) => {
    if (!isFragment(c)) return c.redirect("/", 303);
    c.header("Cache-Control", "no-store");
    return c.html(<CachedBanner overview={port.overview()} now={port.now()} words={c.var.words} />);
  });

  app.get("/pools", (c) => {
    const { words } = c.var;
    const props = { pools: port.pools(), words };
    return show(c, parts, {
      title: words.t("nav.pools"),
      section: "pools",
      apiPath: "/api/v1/pools",
      page: () => <PoolsPage {...props} />,
      fragment: () => <PoolsRegion {...props} />,
    });
  });

  app.get("/pools/:name", (c) => {
    const { words } = c.var;
    const name = c.req.param("name");
    const pool = port.pool(name);
    const view = { title: name, section: "pools", apiPath: `/api/v1${poolPath(name)}` } as const;
    if (!pool) {
      const gone = { name, words };
      return show(c, parts, {
        ...view,
        status: 404,
        page: () => <PoolGonePage {...gone} />,
        fragment: () => <PoolGone {...gone} />,
      });
    }
    const asked = parseListQuery(c.req.query()).page;
    const { page } = pageOf(pool.holders, asked, pageSizeDefault);
    const props = { pool, page, now: port.now(), words };
    return show(c, parts, {
      ...view,
      page: () => <PoolPage {...props} />,
      fragment: () => <PoolRegion {...props} />,
    });
  });

  app.get("/services", (c) => {
    const { words } = c.var;
    const asked = parseServiceQuery(c.req.query());
    const services = lastIfBeyond(asked.page, (page) => port.services({ ...asked, page }));
    const query = { ...asked, page: services.page };
    const url = servicesPath(query);
    if (isFragment(c)) canonicalUrl(c, url);
    const props = { services, query, now: port.now(), words };
    return show(c, parts, {
      title: words.t("nav.services"),
      section: "services",
      apiPath: `/api/v1${url}`,
      page: () => <ServicesPage {...props} />,
      fragment: () => <ServicesRegion {...props} />,
    });
  });

  app.get("/services/:namespace/:name", (c) => {
    const { words } = c.var;
    const { namespace, name } = c.req.param();
    const service = port.service(namespace, name);
    const apiPath = `/api/v1${servicePath(namespace, name)}`;
    const view = { title: `${namespace}/${name}`, section: "services", apiPath } as const;
    if (!service) {
      const gone = { namespace, name, words };
      return show(c, parts, {
        ...view,
        status: 404,
        page: () => <ServiceGonePage {...gone} />,
        fragment: () => <ServiceGone {...gone} />,
      });
    }
    const props = { service, now: port.now(), words };
    return show(c, parts, {
      ...view,
      page: () => <ServicePage {...props} />,
      fragment: () => <ServiceRegion {...props} />,
    });
  });

  app.get("/layer2", (c) => {
    const { words } = c.var;
    const { search, page: asked } = parseListQuery(c.req.query());
    const rows = lastIfBeyond(asked, (page) => port.layer2({ search, page, pageSize: pageSizeDefault }));
    const query = { search, page: rows.page };
    if (isFragment(c)) canonicalUrl(c, listPath("/layer2", query));
    const alarms = port
      .overview()
      .attention.filter(({ kind }) => ["address-conflict", "no-announcer", "ring-blocked"].includes(kind));
    const props = { rows, moves: port.moves(movesShownMax), alarms, query, now: port.now(), words };
    return show(c, parts, {
      title: words.t("nav.layer2"),
      section: "layer2",
      apiPath: `/api/v1${listPath("/layer2", query)}`,
      page: () => <Layer2Page {...props} />,
      fragment: () => <Layer2Region {...props} />,
    });
  });

  app.get("/bgp", (c) => {
    const { words } = c.var;
    const found = bgpPage(port.sessions(), parseListQuery(c.req.query()));
    if (isFragment(c)) canonicalUrl(c, listPath("/bgp", found.query));
    const props = { ...found, now: port.now(), words };
    return show(c, parts, {
      title: words.t("nav.bgp"),
      section: "bgp",
      apiPath: "/api/v1/bgp",
      page: () => <BgpPage {...props} />,
      fragment: () => <BgpRegion {...props} />,
    });
  });

  app.get("/speakers", (c) => {
    const { words } = c.var;
    const { search, page } = parseListQuery(c.req.query());
    const wanted = search.toLowerCase();
    const matching = port
      .speakers()
      .filter(({ node, pod, address }) => `${node} ${pod} ${address}`.toLowerCase().includes(wanted));
    const speakers = pageOf(silentFirst(matching), page, pageSizeDefault);
    const query = { search, page: speakers.page };
    if (isFragment(c)) canonicalUrl(c, listPath("/speakers", query));
    const props = { speakers, membership: port.membership?.(), query, now: port.now(), words };
    return show(c, parts, {
      title: words.t("nav.speakers"),
      section: "speakers",
      apiPath: "/api/v1/speakers",
      page: () => <SpeakersPage {...props} />,
      fragment: () => <SpeakersRegion {...props} />,
    });
  });

  app.get("/speakers/:node", (c) => {
    const { words } = c.var;
    const node = c.req.param("node");
    const speaker = port.speaker?.(node);
    const view = { title: node, section: "speakers", apiPath: `/api/v1${speakerPath(node)}` } as const;
    if (!speaker) {
      const gone = { node, words };
      return show(c, parts, {
        ...view,
        status: 404,
        page: () => <SpeakerGonePage {...gone} />,
        fragment: () => <SpeakerGone {...gone} />,
      });
    }
    const props = { speaker, now: port.now(), words };
    return show(c, parts, {
      ...view,
      page: () => <SpeakerPage {...props} />,
      fragment: () => <SpeakerRegion {...props} />,
    });
  });

  app.get("/configuration", (c) => {
    const { words } = c.var;
    const props = { issues: port.issues(), findings: port.findings?.() ?? [], words };
    return show(c, parts, {
      title: words.t("configuration.heading"),
      section: "configuration",
      apiPath: "/api/v1/configuration",
      page: () => <ConfigurationPage {...props} />,
      fragment: () => <ConfigurationRegion {...props} />,
    });
  });

  app.get("/shadow", (c) => {
    const { words } = c.var;
    const report = parts.shadow?.();
    if (!report) {
      const title = words.t("message.notFoundTitle");
      return showMessage(c, parts, { status: 404, title, sentences: [words.t("shadow.none")] });
    }
    const props = { report, now: port.now(), words };
    return show(c, parts, {
      title: words.t("shadow.heading"),
      apiPath: "/api/v1/shadow",
      page: () => <ShadowPage {...props} />,
      fragment: () => <ShadowRegion {...props} />,
    });
  });
  return app;
}

/** A search by form names every field; the address bar gets the short form. A pull by a poke leaves it alone. */
function canonicalUrl(c: Context, url: string): void {
  if (c.req.header("HX-Source")?.startsWith("form")) c.header("HX-Replace-Url", url);
}
