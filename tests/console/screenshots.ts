/**
 * Photographs every page in both themes, both languages, two sizes of screen and three sizes of cluster:
 *
 * ```sh
 * bun tests/console/screenshots.ts [part of a file name]   # into .artifacts/console/
 * ```
 */
import { mkdirSync } from "node:fs";
import { openBrowser } from "./browser.ts";
import { goodToken } from "./fixture_port.ts";
import { serveConsole } from "./served.ts";
import { emptyWorld, largeSize, makePromisingWorld, makeWorld, smallSize, type World } from "./world/mod.ts";

const folder = ".artifacts/console";
const [wanted = ""] = process.argv.slice(2);
const scenes: Record<string, () => World> = {
  small: () => makeWorld(smallSize),
  large: () => makeWorld(largeSize),
  full: () => makeWorld({ ...largeSize, nodes: 7, pools: 2, poolSize: 4_096, services: 5_000, peers: 2 }),
  middle: () => makeWorld({ nodes: 5, pools: 5, poolSize: 200, services: 700, peers: 3 }),
  promises: makePromisingWorld,
  empty: emptyWorld,
};
const pages: Record<string, string> = {
  overview: "/",
  pools: "/pools",
  pool: "/pools/first-pool",
  services: "/services",
  service: "/services/shop/web-1",
  waiting: "/services/billing/queue-3",
  quota: "/services/sandbox/waits-5",
  pending: "/services?state=pending",
  layer2: "/layer2",
  bgp: "/bgp",
  speakers: "/speakers",
  speaker: "/speakers/node5",
  fellow: "/speakers/node4",
  configuration: "/configuration",
  missing: "/pools/nowhere",
};
const screens = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
try {
  for (const [scene, makeScene] of Object.entries(scenes)) {
    // The part of a file name begins with a scene, or says nothing of one.
    const [first = ""] = wanted.split("-");
    if (!(first in scenes) || first === scene) await photographScene(scene, makeScene());
  }
} finally {
  await browser.close();
}

async function photographScene(scene: string, world: World): Promise<void> {
  const { served, origin } = await serveConsole(world);
  const page = await browser.context.newPage();
  page.on("console", (message) => console.log(`${scene}: ${message.type()}: ${message.text()}`));
  await page.clock.install({ time: world.now });
  for (const [screen, viewport] of Object.entries(screens)) {
    await page.setViewportSize(viewport);
    for (const language of ["en", "ko"]) {
      for (const theme of ["light", "dark"]) {
        // A page that is open would notice that it has lost its session.
        await page.goto("about:blank");
        await browser.context.clearCookies();
        await browser.context.addCookies([
          { name: "metallb_language", value: language, url: origin },
          { name: "metallb_theme", value: theme, url: origin },
        ]);
        const shoot = async (name: string, path: string) => {
          const file = `${scene}-${screen}-${language}-${theme}-${name}.png`;
          if (!file.includes(wanted)) return;
          await page.goto(origin + path);
          await page.waitForTimeout(150);
          await page.screenshot({
            path: `${folder}/${file}`,
            fullPage: scene !== "large" || screen === "wide",
          });
          const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
          if (Number(overflow) > 0) console.log(`${file}: ${overflow} px wider than the screen`);
        };
        await shoot("login", "/login");
        await page.goto(`${origin}/login?token=${goodToken}`);
        for (const [name, path] of Object.entries(pages)) await shoot(name, path);
      }
    }
  }
  await page.close();
  await served.stop();
}
