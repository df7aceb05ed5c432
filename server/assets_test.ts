import { expect, test } from "bun:test";
import { join } from "node:path";
import { asset, findAsset } from "./assets.ts";

const root = join(import.meta.dir, "..");

test("the vendored htmx is the package's, byte for byte", async () => {
  const copies = {
    "htmx.min.js": "dist/htmx.min.js",
    "hx-sse.min.js": "dist/ext/hx-sse.min.js",
    "LICENSE.htmx": "LICENSE",
  };
  for (const [copy, original] of Object.entries(copies)) {
    const ours = await Bun.file(join(root, "public/vendor", copy)).text();
    expect(ours === (await Bun.file(join(root, "node_modules/htmx.org", original)).text())).toBe(true);
  }
});

test("an asset's address changes with its content", () => {
  expect(asset("console.js")).toBe(`/assets/console.js?v=${findAsset("console.js")?.hash}`);
  expect(() => asset("nothing.js")).toThrow('no file "nothing.js"');
});

test("views name their JSX runtime themselves, so that the program starts from any folder", async () => {
  const views = [...new Bun.Glob("**/*.tsx").scanSync(import.meta.dir)];
  expect(views.length).toBeGreaterThan(20);
  for (const path of views) {
    const text = await Bun.file(join(import.meta.dir, path)).text();
    expect(`${path}: ${text.startsWith("/** @jsxImportSource hono/jsx */\n")}`).toBe(`${path}: true`);
  }
});
