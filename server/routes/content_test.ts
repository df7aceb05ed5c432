import { describe, expect, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import { fragmentHeaders, loggedIn, page, seen } from "#tests/console/client.ts";
import { emptyWorld, largeSize, makeWorld, smallSize } from "#tests/console/world/mod.ts";

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
    expect(text).toContain("IPAddressPool/bad spec.addresses[1] overlaps with first-pool pool.overlap");
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
