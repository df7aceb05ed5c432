import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { type Browser, noBrowser, openBrowser } from "./browser.ts";
import { goodToken } from "./fixture_port.ts";
import { type ServedConsole, serveConsole } from "./served.ts";
import { largeSize, makePromisingWorld, makeWorld, smallSize } from "./world/mod.ts";

const reason = noBrowser === undefined ? "" : ` (skipped: ${noBrowser})`;
// A test that runs out of time takes the browser with it, so none may.
setDefaultTimeout(60_000);

describe.skipIf(noBrowser !== undefined)(`the console in Chromium${reason}`, () => {
  let browser: Browser;
  let large: ServedConsole;
  let page: Page;
  /** What the browser complains of: script errors, refused resources, the Content-Security-Policy. */
  let complaints: string[];
  /** Documents loaded by the main frame. */
  let documents: string[];
  let streams: number;

  beforeAll(async () => {
    browser = await openBrowser();
    large = await serveConsole(makeWorld(largeSize));
    const first = await browser.context.newPage();
    await first.goto(`${large.origin}/login?token=${goodToken}`);
    await first.close();
  });

  afterAll(async () => {
    await browser.close();
    await large.served.stop();
  });

  beforeEach(async () => {
    await browser.context.clearCookies({ name: /language|theme/ });
    const old = browser.context.pages();
    page = await browser.context.newPage();
    // Only now: a window without pages ends the browser.
    for (const one of old) await one.close();
    page.setDefaultTimeout(10_000);
    complaints = [];
    documents = [];
    streams = 0;
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname);
      if (new URL(request.url()).pathname === "/events") streams++;
    });
  });

  const open = async (path: string) => {
    await page.goto(large.origin + path);
    await page.locator("#stream[data-tone=good]").waitFor();
  };

  test("logs in by the link, and the token does not stay in the address bar", async () => {
    await page.goto(`${large.origin}/login?token=${goodToken}`);
    expect(page.url()).toBe(`${large.origin}/`);
    expect(await page.title()).toBe("Overview · metallb");
    expect(complaints).toEqual([]);
  });

  test("a change is seen without a reload, and moves nothing", async () => {
    await open("/services?search=queue-2003");
    const row = page.locator('tr[id="service:media/queue-2003"]');
    expect(await row.textContent()).toContain("Waiting");
    const service = large.port.service("media", "queue-2003");
    if (!service) throw new Error("the fixture has no media/queue-2003");
    const { x: before } = (await row.locator("td").last().boundingBox()) ?? {};
    await page.evaluate(
      "window.shifts = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.value; }).observe({ type: 'layout-shift' })",
    );

    const pending = service.pending;
    service.addresses = ["10.43.7.7"];
    service.pool = "pool-3";
    service.announcers = [{ node: "node31", protocol: "layer2" }];
    delete service.pending;
    large.port.poke("services");

    await row.getByText("10.43.7.7").waitFor();
    expect(await row.textContent()).toContain("Announced");
    expect(await row.textContent()).toContain("node31");
    const { x: after } = (await row.locator("td").last().boundingBox()) ?? {};
    expect(after).toBe(before ?? 0);
    expect(await page.evaluate("window.shifts")).toBe(0);
    expect(documents).toEqual(["/services"]);
    expect(complaints).toEqual([]);
    service.addresses = [];
    if (pending) service.pending = pending;
  });

  test("one stream serves all pages of a visit; the page one comes to is live too", async () => {
    await open("/");
    for (const name of ["Pools", "Layer 2", "BGP", "Services"]) {
      await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name }).click();
      await page.getByRole("heading", { level: 1, name }).waitFor();
      expect(await page.locator("nav.sections [aria-current=page]").textContent()).toBe(name);
      expect(await page.title()).toBe(`${name} · metallb`);
    }
    expect(documents).toEqual(["/"]);
    expect(streams).toBe(1);
    const first = large.port.services({
      search: "",
      sort: "name",
      descending: false,
      state: "all",
      page: 1,
      pageSize: 1,
    }).rows[0];
    if (!first) throw new Error("the fixture has no Service");
    const ready = first.endpointsReady;
    first.endpointsReady = 4_321;
    large.port.poke("services");
    await page.getByText("4,321").waitFor();
    first.endpointsReady = ready;
    expect(complaints).toEqual([]);
  });

  test("search answers while one types, and a poke in between takes nothing from the reader", async () => {
    await open("/services");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("registry-1", { delay: 20 });
    await page.getByText("1–50 of", { exact: false }).first().waitFor();
    await page.waitForURL("**/services?search=registry-1");
    await page.keyboard.type("88", { delay: 20 });
    large.port.poke("services");
    await page.waitForURL("**/services?search=registry-188");
    await page.locator("tbody tr").nth(9).waitFor({ state: "detached" });
    const names = await page.locator("tbody th").allInnerTexts();
    expect(names.length).toBeGreaterThan(0);
    expect(names.every((name) => name.includes("registry-188"))).toBe(true);
    expect(await page.evaluate("document.activeElement.value")).toBe("registry-188");
    expect(documents).toEqual(["/services"]);
    expect(complaints).toEqual([]);
  });

  test("a poke that comes while a search is under way does not bring the old rows back", async () => {
    await open("/services");
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/search=registry-188/, async (route) => {
      await held;
      await route.continue();
    });
    const searching = page.waitForRequest(/search=registry-188/);
    await page.getByRole("searchbox").fill("registry-188");
    await searching;
    // Heard by the region while its search is held: it must pull afterwards, and pull what is shown by then.
    await page.evaluate("document.getElementById('live').dispatchEvent(new CustomEvent('services'))");
    const pulled: string[] = [];
    page.on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname === "/services") pulled.push(search);
    });
    const pull = page.waitForResponse((answer) => answer.request().headers()["hx-source"] === "div#services");
    release();
    await pull;
    await page.waitForTimeout(100);
    const names = await page.locator("tbody th").allInnerTexts();
    expect(names.length).toBeGreaterThan(0);
    expect(names.every((name) => name.includes("registry-188"))).toBe(true);
    expect(pulled).toEqual(["?search=registry-188"]);
    expect(complaints).toEqual([]);
  });

  test("columns sort on the server, links keep the search, and Back goes back", async () => {
    await open("/services?search=dns");
    const head = page.getByRole("columnheader", { name: "Age" });
    await head.getByRole("link").click();
    await page.waitForURL("**/services?search=dns&sort=age");
    expect(await head.getAttribute("aria-sort")).toBe("ascending");
    const youngest = await page.locator("tbody tr").first().textContent();
    await head.getByRole("link").click();
    await page.waitForURL("**/services?search=dns&sort=age&order=descending");
    expect(await head.getAttribute("aria-sort")).toBe("descending");
    expect(await page.locator("tbody tr").first().textContent()).not.toBe(youngest);
    await page.goBack();
    await page.waitForURL("**/services?search=dns&sort=age");
    await page.locator("th[aria-sort=ascending]", { hasText: "Age" }).waitFor();
    expect(await page.locator("tbody tr").first().textContent()).toBe(youngest);
    expect(documents).toEqual(["/services"]);
    expect(complaints).toEqual([]);
  });

  test("the keyboard reaches everything, and what one has opened stays open", async () => {
    await open("/");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent.trim()")).toBe("Skip to content");
    await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Layer 2" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Layer 2" }).waitFor();
    await page.waitForFunction("document.activeElement.tagName === 'H1'");
    const details = page.locator("details.candidates").first();
    await details.locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await details.getAttribute("open")).not.toBeNull();
    const [row] = large.port.world.layer2;
    if (!row?.leaders[0]) throw new Error("the fixture has no leader");
    row.leaders[0].node = "node99";
    large.port.poke("layer2");
    await page.locator("tbody tr").first().getByText("node99").first().waitFor();
    expect(await details.getAttribute("open")).not.toBeNull();
    expect(await page.evaluate("document.activeElement.tagName")).toBe("SUMMARY");
    row.leaders[0].node = "node1";
    expect(complaints).toEqual([]);
  });

  test("an address map of 4,096 held addresses opens, and a change reaches it", async () => {
    const world = makeWorld({ ...largeSize, pools: 1, poolSize: 4_096, services: 4_096 });
    const huge = await serveConsole(world);
    await page.goto(`${huge.origin}/login?token=${goodToken}`);
    await page.goto(`${huge.origin}/pools/first-pool`);
    await page.locator("#stream[data-tone=good]").waitFor();
    expect(await page.locator(".map a").count()).toBeGreaterThan(4_000);
    const cell = world.pools[0]?.cells[4_000];
    if (!cell) throw new Error("the fixture has no cell 4,000");
    cell.holder = { namespace: "shop", name: "newcomer" };
    huge.port.poke("pools");
    await page.locator('.map a[href="/services/shop/newcomer"]').waitFor({ state: "attached" });
    expect(complaints).toEqual([]);
    await huge.served.stop();
  });

  test("an address that has rested long enough turns free on the page, and the legend follows", async () => {
    const promising = await serveConsole(makePromisingWorld());
    await page.goto(`${promising.origin}/login?token=${goodToken}`);
    await page.goto(`${promising.origin}/pools`);
    await page.locator("#stream[data-tone=good]").waitFor();
    await page.getByRole("link", { name: "first-pool" }).click();
    const table = page.getByRole("table", { name: "Set aside" });
    await table.waitFor();
    expect(await table.locator("tbody tr").count()).toBe(4);
    expect(await page.locator(".legend li").allInnerTexts()).toContain("cooling down");
    expect(await page.locator(".map title", { hasText: "cools down until" }).count()).toBe(3);

    const [pool] = promising.port.world.pools;
    for (const cell of pool?.cells ?? []) if (cell.state === "cooling") cell.state = "free";
    if (pool) pool.ipv4.cooling = 0;
    promising.port.poke("pools");
    await table.locator("tr", { hasText: "cooling down" }).first().waitFor({ state: "detached" });
    await page.getByText("cooling down").first().waitFor({ state: "detached" });
    expect(await table.locator("tbody th").allInnerTexts()).toEqual(["10.40.0.54"]);
    await page.getByLabel("first-pool IPv4: 49 of 60, 1 reserved, 4 excluded, 2 kept").first().waitFor();
    expect(complaints).toEqual([]);
    await promising.served.stop();
  });

  test("the filter for those that wait puts the longest first, and counts along with the search", async () => {
    await open("/services");
    const filter = page.getByRole("navigation", { name: "Filter by state" });
    await filter.getByRole("link", { name: "Waiting" }).click();
    await page.waitForURL("**/services?state=pending&sort=age&order=descending");
    await page.locator("th[aria-sort=descending]", { hasText: "Age" }).waitFor();
    expect(await filter.getByRole("link").allInnerTexts()).toEqual([
      "All\n10,000",
      "Assigned\n9,990",
      "Waiting\n10",
      "Unannounced\n10",
    ]);
    await page.getByRole("searchbox").fill("queue-2003");
    await filter.getByRole("link", { name: "All 1", exact: true }).waitFor();
    expect(documents).toEqual(["/services"]);
    expect(complaints).toEqual([]);
  });

  test("language and theme are switched in the header, on the page one is on", async () => {
    await open("/services?search=web");
    await page.getByRole("button", { name: "한국어" }).click();
    await page.getByRole("heading", { level: 1, name: "서비스" }).waitFor();
    expect(await page.getAttribute("html", "lang")).toBe("ko");
    expect(page.url()).toBe(`${large.origin}/services?search=web`);
    const colour = "getComputedStyle(document.documentElement).backgroundColor";
    const light = await page.evaluate(colour);
    await page.getByRole("button", { name: "어둡게" }).click();
    await page.locator("html[data-theme=dark]").waitFor();
    expect(await page.evaluate(colour)).not.toBe(light);
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "시스템 설정대로" }).click();
    await page.locator("html[data-theme=system]").waitFor();
    expect(await page.evaluate(colour)).toBe(light);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await page.evaluate(colour)).not.toBe(light);
    expect(complaints).toEqual([]);
  });

  test("when the controller restarts the page says so, and asks for a new login", async () => {
    const first = await serveConsole(makeWorld(smallSize));
    await page.goto(`${first.origin}/login?token=${goodToken}`);
    await page.locator("#stream[data-tone=good]").waitFor();
    await first.served.stop();
    await page.locator("#stream", { hasText: "Reconnecting" }).waitFor();
    const second = await serveConsole(makeWorld(smallSize), first.served.port);
    await page.waitForURL("**/login");
    await second.served.stop();
  });

  test("a stream that could not be opened at first is opened later", async () => {
    // The page waits for a moment by chance, which is the shortest here.
    await page.addInitScript("Math.random = () => 0");
    let refused = 0;
    await page.route("**/events", async (route) => {
      refused++;
      if (refused <= 2) await (refused === 1 ? route.abort() : route.fulfill({ status: 503, body: "busy" }));
      else await route.continue();
    });
    await open("/pools");
    expect(refused).toBe(3);
  });

  test("without script it is links, forms and a reload", async () => {
    const plain = await openBrowser({ javaScriptEnabled: false });
    const bare = await plain.context.newPage();
    await bare.goto(`${large.origin}/services`);
    await bare.getByLabel("Kubernetes bearer token").fill(goodToken);
    await bare.getByRole("button", { name: "Log in" }).click();
    expect(bare.url()).toBe(`${large.origin}/services`);
    await bare.getByRole("searchbox").fill("registry-188");
    await bare.getByRole("button", { name: "Search" }).click();
    expect(await bare.locator("tbody th").first().textContent()).toContain("registry-188");
    await bare.getByRole("columnheader", { name: "Age" }).getByRole("link").click();
    expect(bare.url()).toContain("search=registry-188&sort=age");
    expect(await bare.locator("noscript meta[http-equiv=refresh]").count()).toBe(1);
    await bare.getByRole("button", { name: "Log out" }).click();
    expect(new URL(bare.url()).pathname).toBe("/login");
    await plain.close();
  });
});
