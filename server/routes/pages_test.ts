import { describe, expect, spyOn, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import { fragmentHeaders, loggedIn, page, seen } from "#tests/console/client.ts";
import { makeWorld, smallSize } from "#tests/console/world/mod.ts";

const small = () => makeWorld(smallSize);

describe("one URL, two shapes", () => {
  const regions = {
    "/": "overview",
    "/pools": "pools",
    "/pools/first-pool": "pool",
    "/services": "services",
    "/services/shop/web-1": "service",
    "/layer2": "layer2",
    "/bgp": "bgp",
    "/speakers": "speakers",
    "/configuration": "configuration",
  };

  test.each(Object.entries(regions))(
    "%s: the fragment is the page's own region, letter for letter",
    async (path, id) => {
      const whole = await page(path);
      const part = await page(path, fragmentHeaders);
      expect(whole.html).toStartWith("<!doctype html><html");
      expect(part.html).toStartWith(`<div id="${id}" data-region=""`);
      expect(part.html).toContain(`hx-get="${path}"`);
      expect(whole.html).toContain(part.html);
      for (const { headers } of [whole, part]) {
        expect(headers.get("Vary")).toContain("HX-Request-Type");
        expect(headers.get("Cache-Control")).toBe("no-store");
      }
    },
  );

  test("the strip is a fragment only", async () => {
    expect((await page("/strip", fragmentHeaders)).html).toStartWith('<div class="strip" id="strip"');
    expect((await page("/strip")).status).toBe(303);
  });

  test.each(Object.keys(regions))("%s says so while the API server is away", async (path) => {
    const away = await page(path, {}, { ...small(), apiConnected: false });
    expect(seen(away.html)).toContain("Running on cached state since 2030-03-04 05:04:37 UTC");
    expect((await page(path)).html).not.toContain('class="banner"');
  });

  test("the banner of cached state is a fragment only, with a place to appear in", async () => {
    expect((await page("/cached", fragmentHeaders)).html).toStartWith('<div id="cached" data-region=""');
    expect((await page("/cached")).status).toBe(303);
  });

  test.each(Object.keys(regions))(
    "%s has one h1, a title, a live stream and works without script",
    async (path) => {
      const { html } = await page(path);
      expect(html.match(/<h1/g)?.length).toBe(1);
      expect(html).toMatch(/<title>[^<]+ · metallb<\/title>/);
      expect(html).toContain('<div id="live" hx-sse:connect="/events" hx-swap="none" hidden="">');
      expect(html).toContain('<noscript><meta http-equiv="refresh" content="30"');
    },
  );
});

describe("what cannot be shown is said in words", () => {
  test.each([
    ["/nothing", "There is no page /nothing."],
    ["/pools/nowhere", "There is no pool “nowhere”"],
    ["/services/a/b", "There is no Service a/b of type LoadBalancer"],
  ])("GET %s: 404", async (path, sentence) => {
    const { status, html } = await page(path);
    expect(status).toBe(404);
    expect(seen(html)).toContain(sentence);
  });

  test.each([
    ["/services?page=0", "page", "1–100000"],
    ["/services?page=two", "page", "1–100000"],
    ["/services?size=501", "size", "1–500"],
    ["/services?sort=colour", "sort", "name, address, pool, age, state"],
    ["/services?state=lost", "state", "all, assigned, pending, unannounced"],
    ["/services?order=up", "order", "ascending, descending"],
    [`/services?search=${"x".repeat(201)}`, "search", "≤ 200"],
    ["/layer2?page=-1", "page", "1–100000"],
    ["/bgp?page=x", "page", "1–100000"],
  ])("GET %s: 422 names %s and what is allowed", async (path, parameter, allowed) => {
    const { status, html } = await page(path);
    expect(status).toBe(422);
    expect(seen(html)).toContain(`“${parameter}” is`);
    expect(seen(html)).toContain(`Allowed: ${allowed}.`);
  });

  test("a fault of ours is a 500 that tells nothing but that", async () => {
    const client = await loggedIn();
    const log = spyOn(console, "error").mockImplementation(() => {});
    client.port.services = () => {
      throw new Error("secret detail");
    };
    const answer = await client.get("/services");
    const html = await answer.text();
    expect(answer.status).toBe(500);
    expect(html).toContain("has been logged");
    expect(html).not.toContain("secret detail");
    expect(log).toHaveBeenCalledTimes(1);
    log.mockRestore();
  });

  test("a fault of the port itself is still a page", async () => {
    const client = await loggedIn();
    const log = spyOn(console, "error").mockImplementation(() => {});
    client.port.overview = () => {
      throw new Error("no overview");
    };
    const answer = await client.get("/pools");
    expect([answer.status, (await answer.text()).includes("This page failed")]).toEqual([500, true]);
    log.mockRestore();
  });

  test("a pool that is gone keeps its region, so that it appears again by itself", async () => {
    const { status, html } = await page("/pools/nowhere", fragmentHeaders);
    expect(status).toBe(404);
    expect(html).toStartWith('<div id="pool" data-region="" hx-get="/pools/nowhere"');
  });
});

describe("hostile text stays text", () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;

  test("in names, messages, errors and searches", async () => {
    const world = small();
    const [service] = world.services;
    const [pool] = world.pools;
    const [session] = world.sessions;
    const [speaker] = world.speakers;
    const [row] = world.layer2;
    const [move] = world.moves;
    if (!service || !pool || !session || !speaker || !row || !move) throw new Error("the world is too small");
    service.namespace = evil;
    service.name = evil;
    service.events = [{ at: 0, type: "Warning", reason: evil, message: evil, source: evil, count: 1 }];
    service.trace = [
      {
        stage: "pool",
        subject: evil,
        verdict: "blocked",
        why: reason("pool.unknown", { pool: evil, known: evil }),
      },
    ];
    pool.name = evil;
    pool.ranges = [evil];
    session.peer = evil;
    session.lastError = { at: 0, text: evil };
    speaker.answers = false;
    speaker.error = evil;
    row.services = [{ namespace: evil, name: evil }];
    move.from = evil;
    world.issues = [{ kind: "IPAddressPool", name: evil, path: evil, code: "x", message: evil }];
    world.attention = [
      {
        severity: "critical",
        kind: "config-rejected",
        subject: evil,
        text: evil,
        href: "javascript:alert(3)",
        count: 1,
      },
    ];
    const client = await loggedIn(world);
    const name = encodeURIComponent(evil);
    for (const path of [
      "/",
      "/pools",
      `/pools/${name}`,
      "/services",
      `/services?search=${name}`,
      `/services/${name}/${name}`,
      "/layer2",
      "/bgp",
      "/speakers",
      "/configuration",
      `/nothing${name}`,
      `/services?sort=${name}`,
    ]) {
      const html = await (await client.get(path)).text();
      expect(html).not.toMatch(/<script>|<img|javascript:/);
      expect(html).toContain("&lt;script&gt;");
    }
  });
});

test("Korean from the first to the last string", async () => {
  // What others wrote is shown as they wrote it: errors of peers, events.
  const world = small();
  for (const session of world.sessions) delete session.lastError;
  for (const item of world.attention) delete item.text;
  for (const service of world.services) service.events = [];
  const paths = [
    "/",
    "/pools",
    "/pools/first-pool",
    "/services",
    "/services/billing/queue-3",
    "/layer2",
    "/bgp",
  ];
  for (const path of [
    ...paths,
    "/speakers",
    "/configuration",
    "/login",
    "/nothing",
    "/pools/nowhere",
    "/services?page=x",
  ]) {
    const { html } = await page(path, { "Accept-Language": "ko-KR" }, world);
    if (html === "") continue;
    expect(html).toContain('<html lang="ko"');
    // A name of RFC 4724, in what a router said.
    expect(seen(html).replaceAll("End-of-RIB", "")).not.toMatch(
      /\b(the|and|of|is|by|to|for|in|no|not|ago|more)\b/i,
    );
  }
});
