import { describe, expect, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import { fragmentHeaders, loggedIn, page, seen } from "#tests/console/client.ts";
import { emptyWorld, largeSize, makePromisingWorld, makeWorld, smallSize } from "#tests/console/world/mod.ts";

const small = () => makeWorld(smallSize);

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
});

describe("the configuration", () => {
  test("lists what was rejected: object, field, message, code", async () => {
    const world = small();
    const issue = { kind: "IPAddressPool", name: "bad", path: "spec.addresses[1]", code: "pool.overlap" };
    world.issues = [{ ...issue, message: "overlaps with first-pool" }];
    const text = seen((await page("/configuration", {}, world)).html);
    expect(text).toContain(
      "IPAddressPool bad Rejected spec.addresses[1] overlaps with first-pool pool.overlap",
    );
  });

  test("without faults says that all of it is in force", async () => {
    expect(seen((await page("/configuration")).html)).toContain(
      "Every object of the configuration is in force",
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

  test("the path view goes on past a stage whose nodes are excluded", async () => {
    const world = small();
    const [service] = world.services;
    if (!service) throw new Error("the world has no Service");
    const why = reason("announce.speaker-absent", { node: "node2" });
    service.trace = [
      { stage: "node", subject: "node2", verdict: "blocked", why },
      {
        stage: "announcer",
        subject: "node1",
        verdict: "chosen",
        why: reason("announce.won", { node: "node1", count: 1 }),
      },
    ];
    const { html } = await page("/services/shop/web-1", {}, world);
    expect(html).toContain('<li data-verdict="chosen"><h3>Nodes</h3>');
    expect(seen(html)).toContain("Nodes excluded node2 no live speaker on node node2");
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

describe("what pools promise", () => {
  const promising = makePromisingWorld();

  test("the map says for whom an address is reserved, and until when one rests; the legend says no more", async () => {
    const { html } = await page("/pools/first-pool", {}, promising);
    expect(html).toContain("<title>10.40.0.54: reserved for shop/checkout</title>");
    expect(html).toContain("<title>10.40.0.55: cools down until 2030-03-04 05:08:07 UTC</title>");
    expect(html).toContain("<title>10.40.0.5: shop/dns-7, kept though excluded</title>");
    expect(html).toContain("<title>10.40.0.0: shop/web-1, reserved for shop/web-1</title>");
    expect(html).toContain("<title>10.40.0.63: excluded</title>");
    const text = seen(html);
    expect(text).toContain(
      "free held shared by several Services reserved cooling down excluded kept, though",
    );
    expect(text).not.toContain("avoided");
    expect(seen((await page("/pools/first-pool")).html)).not.toContain("cooling down");
  });

  test("every shape of the map stands in words, too", async () => {
    const text = seen((await page("/pools/first-pool?page=2", {}, promising)).html);
    expect(text).toContain("49 of 60");
    expect(text).toContain("1 reserved 3 cooling down 4 excluded 2 kept");
    expect(text).toContain("10.40.0.54 reserved Only given to shop/checkout");
    expect(text).toContain("10.40.0.56 cooling down Given to others again in 7 min, at 05:13:07");
    expect(text).toContain("192.168.7.9 billing/web-51 80/TCP, 443/TCP Kept, though the pool has it no more");
    expect(text).toContain("metallb.io/on-removal: release to have the Service given another");
  });

  test("annotations stand in words, with their names", async () => {
    const text = seen((await page("/pools/first-pool", {}, promising)).html);
    expect(text).toContain(
      "Reserved by name shop/checkout 10.40.0.54 ops/registry 10.40.0.1 metallb.io/reservations",
    );
    expect(text).toContain("shop/web-1 10.40.0.0 metallb.io/reserved-by-services");
    expect(text).toContain("shop: 20 sandbox: 0 every other: 10 metallb.io/quota-per-namespace");
    expect(text).toContain("1 h after it was given back metallb.io/reuse-after");
    expect(text).toContain("its Services keep their addresses metallb.io/on-removal");
    expect(text).toContain("10.40.0.61-10.40.0.63 10.40.0.5 metallb.io/exclude-addresses");
    expect(text).toContain(
      "10.40.0.1 platform/api-2 443/TCP platform/api-2-dns 53/UDP Reserved for ops/registry",
    );
  });

  test("a pool that only promises are left of is not called full, and serves whom it says", async () => {
    const { html } = await page("/pools", {}, promising);
    expect(seen(html)).toContain("56 of 64 none free 2 reserved 6 cooling down");
    expect(html).toContain('aria-label="pool-2 IPv4: 0 of 64"');
    expect(seen(html)).toContain("to selected Services priority 10");
    const own = await page("/pools/production-public-internet-facing-addresses", {}, promising);
    expect(seen(own.html)).toContain(
      "namespaces: shop, platform namespaces with tier=gold Services with exposure=public,zone notin (a,b)",
    );
  });

  test("the filter counts what the search finds, and those that wait longest come first", async () => {
    const { html } = await page("/services?search=sandbox", {}, promising);
    expect(seen(html)).toContain("All 5 Assigned 0 Waiting 5 Unannounced 0");
    const waiting = "/services?search=sandbox&amp;state=pending&amp;sort=age&amp;order=descending";
    expect(html).toContain(`href="${waiting}"`);
    const listed = await page(waiting.replaceAll("&amp;", "&"), {}, promising);
    const names = Array.from(listed.html.matchAll(/id="service:sandbox\/([^"]+)"/g), (match) => match[1]);
    expect(names).toEqual(["waits-5", "waits-4", "waits-3", "waits-2", "waits-1"]);
    expect(listed.html).toContain('href="/services?search=sandbox"');
  });

  test("a Service that waits names the pools that have nothing left, and leads to them", async () => {
    const { html } = await page("/services?search=waits-5", { "Accept-Language": "ko" }, promising);
    expect(seen(html)).toContain('"pool-2" 풀에 남은 IPv4 주소가 없습니다');
    expect(html).toContain('<a href="/pools/pool-2">&quot;pool-2&quot;</a>');
    expect(html).not.toContain("does not serve namespace");
  });

  test("the overview says how many wait for a full pool", async () => {
    const text = seen((await page("/", {}, promising)).html);
    expect(text).toContain("Critical Pool is full pool-2 3 Services wait for an address of it");
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
    expect(seen(html)).toContain("Critical Address is used by more than one 192.168.1.240");
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
