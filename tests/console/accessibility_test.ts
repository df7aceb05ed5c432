import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import axe from "axe-core";
import { type Browser, noBrowser, openBrowser } from "./browser.ts";
import { goodToken } from "./fixture_port.ts";
import { serveConsole } from "./served.ts";
import { emptyWorld, makeWorld, smallSize, type WorldSize } from "./world/mod.ts";

const reason = noBrowser === undefined ? "" : ` (skipped: ${noBrowser})`;
// A test that runs out of time takes the browser with it, so none may.
setDefaultTimeout(60_000);

const paths = [
  "/",
  "/pools",
  "/pools/first-pool",
  "/services",
  "/services/shop/web-1",
  "/services/billing/queue-3",
  "/layer2",
  "/bgp",
  "/speakers",
  "/configuration",
];

describe.skipIf(noBrowser !== undefined)(`axe finds no fault${reason}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const everyPage = ["/login", ...paths];
  const withTroubles = { ...smallSize, nodes: 5, pools: 5, peers: 3 };
  const scenes: Scene[] = [
    { name: "a small cluster", size: smallSize, looks: ["en light", "en dark", "ko light", "ko dark"] },
    { name: "a cluster with troubles", size: withTroubles, looks: ["en light", "ko dark"] },
    { name: "a narrow screen", size: withTroubles, looks: ["ko light"], width: 390 },
    { name: "an empty cluster", looks: ["en dark"] },
  ];

  for (const { name, size, looks, width = 1440 } of scenes) {
    test.each(looks)(`${name}, %s`, async (look) => {
      const [language = "", theme = ""] = look.split(" ");
      const scene = await serveConsole(size ? makeWorld(size) : emptyWorld());
      const page = await browser.context.newPage();
      await browser.context.clearCookies();
      await browser.context.addCookies([
        { name: "metallb_language", value: language, url: scene.origin },
        { name: "metallb_theme", value: theme, url: scene.origin },
      ]);
      await page.setViewportSize({ width, height: 900 });
      await page.addInitScript(axe.source);
      const faults: string[] = [];
      for (const path of everyPage) {
        await page.goto(scene.origin + path);
        const found = (await page.evaluate("axe.run()")) as axe.AxeResults;
        for (const { id, nodes } of found.violations) {
          faults.push(`${path}: ${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
        }
        // The login page comes first, while there is no session.
        if (path === "/login") await page.goto(`${scene.origin}/login?token=${goodToken}`);
      }
      expect(faults).toEqual([]);
      await scene.served.stop();
    });
  }
});

interface Scene {
  name: string;
  /** An empty cluster where there is none. */
  size?: WorldSize;
  looks: string[];
  width?: number;
}
