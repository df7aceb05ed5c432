import { describe, expect, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import { fragmentHeaders, openConsole, seen } from "#tests/console/client.ts";
import { makeWorld, smallSize } from "#tests/console/world/mod.ts";
import type { ShadowReport } from "../ports.ts";

const world = makeWorld(smallSize);
const calm: ShadowReport = {
  comparedAt: world.now,
  services: 12,
  changes: [],
  elections: 7,
  otherAnnouncers: [],
};
const why = reason("announce.not-yet", { node: "node1" });
const troubled: ShadowReport = {
  ...calm,
  changes: [
    {
      service: "shop/web",
      kind: "moves",
      has: { addresses: ["10.0.0.1"], pool: "old" },
      wants: { addresses: ["10.0.0.2"], pool: "new" },
      why,
      trace: [{ stage: "address", subject: "10.0.0.1", verdict: "blocked", why }],
      since: world.now - 60_000,
    },
  ],
  otherAnnouncers: [{ service: "shop/dns", has: ["node2"], trace: [], since: world.now }],
};

async function shadowed(report: ShadowReport | undefined) {
  const client = openConsole(world, report ? { shadow: () => report } : {});
  await client.logIn();
  return client;
}

describe("the shadow", () => {
  test("says that it would decide the same, of how many", async () => {
    const text = seen(await (await (await shadowed(calm)).get("/shadow")).text());
    expect(text).toContain("It would decide the same for all 12 Services");
    expect(text).toContain("It would elect the same announcers for all 7 Services");
  });

  test("lists what it would change: Service, kind, now and then, why, since when", async () => {
    const client = await shadowed(troubled);
    const text = seen(await (await client.get("/shadow", fragmentHeaders)).text());
    expect(text).toMatch(/shop\/web Other address 10\.0\.0\.1 old 10\.0\.0\.2 new .*node1.* 1 min/);
    expect(text).toMatch(/shop\/dns node2 nobody/);
  });

  test("tells of choices as of history, without a kind of change", async () => {
    const [first] = troubled.changes;
    if (!first) throw new Error("there is a change");
    const { kind: _, ...choice } = first;
    const client = await shadowed({ ...calm, choices: [choice] });
    const text = seen(await (await client.get("/shadow")).text());
    expect(text).toContain("It would decide the same for all 12 Services");
    expect(text).toMatch(/chosen otherwise .*shop\/web 10\.0\.0\.1 old 10\.0\.0\.2 new/);
  });

  test("speaks Korean, and says what it does not know", async () => {
    const client = await shadowed({ ...calm, notCompared: "forbidden" });
    await client.post("/preferences", { language: "ko" });
    expect(seen(await (await client.get("/shadow")).text())).toContain("비교하지 못했습니다: forbidden");
    const waiting = await shadowed({ services: 0, changes: [], elections: 0, otherAnnouncers: [] });
    expect(seen(await (await waiting.get("/shadow")).text())).toContain("Nothing was compared yet");
  });

  test("is served as JSON, reasons with their sentences", async () => {
    const answer = await (await shadowed(troubled)).get("/api/v1/shadow");
    expect(await answer.json()).toMatchObject({
      changes: [{ service: "shop/web", kind: "moves", why: { code: why.code, text: expect.any(String) } }],
    });
  });

  test("has a place in the navigation, and none where the controller acts itself", async () => {
    const looking = await shadowed(calm);
    expect(await (await looking.get("/")).text()).toContain('<a href="/shadow">Shadow</a>');
    const acting = await shadowed(undefined);
    expect(await (await acting.get("/")).text()).not.toContain('href="/shadow"');
    const page = await acting.get("/shadow");
    expect(page.status).toBe(404);
    expect(seen(await page.text())).toContain("Only one that was started with --shadow has this page");
    expect((await acting.get("/api/v1/shadow")).status).toBe(404);
  });
});
