import { describe, expect, spyOn, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import { fragmentHeaders, loggedIn } from "#tests/console/client.ts";
import { emptyWorld, largeSize, makeWorld, smallSize } from "#tests/console/world.ts";

const small = () => makeWorld(smallSize);

async function page(path: string, headers: Record<string, string> = {}, world = small()) {
  const client = await loggedIn(world);
  const answer = await client.get(path, headers);
  return { status: answer.status, headers: answer.headers, html: await answer.text() };
}

/** Text as a reader sees it, tags and spaces aside. */
function seen(html: string): string {
  return html
    .replace(/<[^>]+>/g, " ")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ");
}

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

  test.each(Object.keys(regions))(
    "%s has one h1, a title, a live stream and works without script",
    async (path) => {
      const { html } = await page(path);
      expect(html.match(/<h1/g)?.length).toBe(1);
      expect(html).toMatch(/<title>[^<]+ · metallb<\/title>/);
      expect(html).toContain('<div id="live" hx-sse:connect="/events" hidden="">');
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
      `/nothing${name}`,
      `/services?sort=${name}`,
    ]) {
      const html = await (await client.get(path)).text();
      expect(html).not.toMatch(/<script>|<img|javascript:/);
      expect(html).toContain("&lt;script&gt;");
    }
  });
});

describe("the overview", () => {
  test("says first what needs attention: severity in words, a sentence, a link", async () => {
    const text = seen((await page("/")).html);
    expect(text).toContain("Warning Service waits for an address billing/queue-3");
    expect(text).toContain('pool "first-pool" has no free IPv4 address: 11 of 11 are in use');
    expect(text.indexOf("Needs attention")).toBeLessThan(text.indexOf("Addresses held"));
  });

  test("says so when a speaker does not answer", async () => {
    const world = makeWorld({ ...smallSize, nodes: 5 });
    const text = seen((await page("/", {}, world)).html);
    expect(text).toContain("Speaker does not answer node2");
    expect(text).toContain("Silent 42 s connect ECONNREFUSED");
  });

  test("of an empty cluster tells what to do next", async () => {
    const { html } = await page("/", {}, emptyWorld());
    expect(html).toContain("kind: IPAddressPool");
    expect(html).toContain("Nothing needs attention");
  });

  test("lists what was rejected, with path and message", async () => {
    const world = small();
    world.issues = [
      {
        kind: "IPAddressPool",
        name: "bad",
        path: "spec.addresses[1]",
        code: "pool.overlap",
        message: "overlaps",
      },
    ];
    expect(seen((await page("/", {}, world)).html)).toContain(
      "1 configuration error IPAddressPool/bad spec.addresses[1] overlaps",
    );
  });
});

describe("services", () => {
  const large = makeWorld(largeSize);

  test("10,000 of them: a page of fifty, fast", async () => {
    const client = await loggedIn(large);
    const before = performance.now();
    const html = await (await client.get("/services", fragmentHeaders)).text();
    expect(performance.now() - before).toBeLessThan(500);
    expect(html.match(/<tr id="service:/g)?.length).toBe(50);
    expect(seen(html)).toContain("1–50 of 10,000");
    expect(html.length).toBeLessThan(100_000);
  });

  test("search, filter, order and page stand in every link", async () => {
    const { html } = await page(
      "/services?search=dns&sort=age&order=descending&state=assigned&page=2",
      {},
      large,
    );
    expect(html).toContain(
      'href="/services?search=dns&amp;state=assigned&amp;sort=age&amp;order=descending&amp;page=3"',
    );
    expect(html).toContain('href="/services?search=dns&amp;state=pending&amp;sort=age&amp;order=descending"');
    expect(html).toContain('href="/services?search=dns&amp;state=assigned&amp;sort=address"');
    expect(html).toMatch(
      /<th scope="col" class="w8 number" aria-sort="descending"><a href="\/services\?search=dns&amp;state=assigned&amp;sort=age"/,
    );
    expect(html).toContain('<input type="hidden" name="state" value="assigned"/>');
    expect(html).toContain('value="dns"');
  });

  test("a page beyond the last is the last", async () => {
    const text = seen((await page("/services?page=9999", {}, large)).html);
    expect(text).toContain("9,951–10,000 of 10,000");
  });

  test("why one waits, and why nobody announces another, stands in its row", async () => {
    const text = seen((await page("/services")).html);
    expect(text).toContain(
      'Waiting billing/ queue-3 pool "first-pool" has no free IPv4 address: 11 of 11 are in use',
    );
    expect(text).toContain(
      "Unannounced media/ git-5 192.168.1.243 first-pool the Service has no endpoint that is ready",
    );
  });

  test("the address bar gets the short form after a search, not after a poke", async () => {
    const client = await loggedIn();
    const searched = await client.get("/services?search=web&sort=name", {
      ...fragmentHeaders,
      "HX-Source": "form",
    });
    expect(searched.headers.get("HX-Replace-Url")).toBe("/services?search=web");
    const poked = await client.get("/services?search=web", {
      ...fragmentHeaders,
      "HX-Source": "div#services",
    });
    expect(poked.headers.get("HX-Replace-Url")).toBeNull();
  });

  test("the path view ends where the decision ended", async () => {
    const waiting = seen((await page("/services/billing/queue-3")).html);
    expect(waiting).toMatch(
      /Pool stopped first-pool pool "first-pool" has no free IPv4 address.*Address not reached/,
    );
    expect(waiting).not.toContain("Announcer not reached");
    const reached = seen((await page("/services/shop/web-1")).html);
    expect(reached).toMatch(/Pool taken first-pool.*Address taken 192\.168\.1\.240.*Announcer taken node1/);
  });
});

describe("the address map", () => {
  test("says of every held address who holds it, and links there", async () => {
    const { html } = await page("/pools/first-pool");
    expect(html).toContain(
      '<a href="/services/shop/web-1" tabindex="-1"><title>192.168.1.240: shop/web-1</title>',
    );
    expect(html).toContain("<title>192.168.1.241: platform/api-2 and others</title>");
    expect(html).toContain("<title>7 free in 192.168.1.240–192.168.1.250</title>");
  });

  test("of 4,096 addresses is drawn in a few hundred milliseconds", async () => {
    const world = makeWorld({ ...largeSize, pools: 1, poolSize: 4_096, services: 4_096 });
    const client = await loggedIn(world);
    const before = performance.now();
    const html = await (await client.get("/pools/first-pool", fragmentHeaders)).text();
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(html.match(/tabindex="-1"/g)?.length).toBe(world.pools[0]?.holders.length);
    expect(html.length).toBeLessThan(1_000_000);
  });

  test("of blocks says how many of each are held", async () => {
    const world = small();
    const [pool] = world.pools;
    if (!pool) throw new Error("the world has no pool");
    pool.cellSize = "4294967296";
    pool.cells = [
      { first: "2001:db8::", last: "2001:db8::ffff:ffff", size: "4294967296", used: 12, state: "used" },
    ];
    const { html } = await page("/pools/first-pool", {}, world);
    expect(html).toContain("2001:db8::–2001:db8::ffff:ffff: 12 of 2³² held");
    expect(seen(html)).toContain("Each cell stands for 2³² addresses");
  });
});

describe("layer 2", () => {
  test("shouts a conflict, and ranks the candidates with their reasons", async () => {
    const world = small();
    const [row] = world.layer2;
    if (!row?.leaders[0]) throw new Error("the world has no leader");
    row.leaders = [row.leaders[0], { ...row.leaders[0], node: "node3" }];
    world.attention = [
      { severity: "critical", kind: "address-conflict", subject: row.address, href: "/layer2", count: 1 },
    ];
    const { html } = await page("/layer2", {}, world);
    expect(seen(html)).toContain("Critical Address is announced by more than one node 192.168.1.240");
    expect(seen(html)).toContain("conflict: 2 announcers node1 node3");
    expect(seen(html)).toContain("2. node2 node node1 comes before node node2");
    expect(html).toContain('data-state="conflict"');
  });
});

describe("BGP", () => {
  test("is a matrix of nodes by peers, with the last error in words", async () => {
    const text = seen((await page("/bgp")).html);
    expect(text).toContain("Node router 192.168.1.1 node1 Established 2 d · 240 sent node2 Active 1 min");
    expect(text).toContain("NOTIFICATION received: OPEN Message Error, Bad Peer AS");
  });

  test("of 40 nodes shows 25 at a time, and finds one", async () => {
    const world = makeWorld({ ...smallSize, nodes: 40, peers: 4 });
    expect(seen((await page("/bgp", {}, world)).html)).toContain("1–25 of 40");
    expect(seen((await page("/bgp?search=node37", {}, world)).html)).toContain("1–1 of 1");
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
  for (const path of [...paths, "/speakers", "/login", "/nothing", "/pools/nowhere", "/services?page=x"]) {
    const { html } = await page(path, { "Accept-Language": "ko-KR" }, world);
    if (html === "") continue;
    expect(html).toContain('<html lang="ko"');
    expect(seen(html)).not.toMatch(/\b(the|and|of|is|by|to|for|in|no|not|ago|more)\b/i);
  }
});

describe("the JSON API", () => {
  test("gives reasons with their sentence", async () => {
    const client = await loggedIn();
    const found = await (await client.get("/api/v1/services?state=pending")).json();
    expect(found).toMatchObject({
      total: 1,
      rows: [
        {
          name: "queue-3",
          pending: { code: "pool.exhausted", text: expect.stringContaining("has no free IPv4") },
        },
      ],
    });
  });

  test.each([
    "overview",
    "pools",
    "pools/first-pool",
    "services",
    "services/shop/web-1",
    "layer2",
    "moves",
    "bgp",
    "speakers",
  ])("serves /api/v1/%s", async (path) => {
    const answer = await (await loggedIn()).get(`/api/v1/${path}`);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/json"]);
    expect(JSON.stringify(await answer.json()).length).toBeGreaterThan(100);
  });

  test.each([
    ["pools/nowhere", 404],
    ["services/a/b", 404],
    ["nothing", 404],
    ["services?sort=colour", 422],
  ])("/api/v1/%s: %p in JSON", async (path, status) => {
    const answer = await (await loggedIn()).get(`/api/v1/${path}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toHaveProperty("error");
  });
});
