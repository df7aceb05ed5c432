import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import axe from "axe-core";
import { type Browser, noBrowser, openBrowser } from "./browser.ts";
import { goodToken } from "./fixture_port.ts";
import { serveConsole } from "./served.ts";
import { emptyWorld, makePromisingWorld, makeWorld, smallSize, type World } from "./world/mod.ts";

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
  "/speakers/node2",
  "/configuration",
];

const promisePaths = [
  "/",
  "/pools",
  "/pools/first-pool",
  "/pools/first-pool?page=2",
  "/services?state=pending",
  "/services/sandbox/waits-5",
  "/configuration",
];

describe.skipIf(noBrowser !== undefined)(`axe finds no fault${reason}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const withTroubles = () => makeWorld({ ...smallSize, nodes: 5, pools: 5, peers: 3 });
  // Every structure in both themes and both languages, but not in all four pairs: neither changes with the other.
  const scenes: Scene[] = [
    { name: "a cluster with troubles", world: withTroubles, looks: ["en light", "ko dark"] },
    { name: "an empty cluster", world: emptyWorld, looks: ["en dark"] },
    {
      name: "pools with promises",
      world: makePromisingWorld,
      looks: ["ko light", "en dark"],
      only: promisePaths,
    },
    { name: "a narrow screen", world: withTroubles, looks: ["ko light"], width: 390 },
    {
      name: "promises on a narrow screen",
      world: makePromisingWorld,
      looks: ["en dark"],
      width: 390,
      only: ["/pools/first-pool", "/configuration"],
    },
  ];

  for (const { name, world, looks, width = 1440, only = paths } of scenes) {
    test.each(looks)(`${name}, %s`, async (look) => {
      const [language = "", theme = ""] = look.split(" ");
      const scene = await serveConsole(world());
      const page = await browser.context.newPage();
      await browser.context.clearCookies();
      await browser.context.addCookies([
        { name: "metallb_language", value: language, url: scene.origin },
        { name: "metallb_theme", value: theme, url: scene.origin },
      ]);
      await page.setViewportSize({ width, height: 900 });
      await page.addInitScript(axe.source);
      const faults: string[] = [];
      for (const path of ["/login", ...only]) {
        await page.goto(scene.origin + path);
        const found = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as axe.AxeResults;
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
  world: () => World;
  looks: string[];
  width?: number;
  /** The pages that show what the scene is about; all where it does not say. */
  only?: string[];
}
