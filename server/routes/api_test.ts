import { describe, expect, test } from "bun:test";
import { loggedIn } from "#tests/console/client.ts";
import { makePromisingWorld } from "#tests/console/world/mod.ts";

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
    "configuration",
  ])("serves /api/v1/%s", async (path) => {
    const answer = await (await loggedIn()).get(`/api/v1/${path}`);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/json"]);
    expect(JSON.stringify(await answer.json()).length).toBeGreaterThan(1);
  });

  test("explains: the outcome in a sentence, and every step with its code, values and sentence", async () => {
    const client = await loggedIn();
    const found = await (await client.get("/api/v1/services/shop/web-1/explain")).json();
    expect(found).toMatchObject({
      namespace: "shop",
      name: "web-1",
      state: "announced",
      addresses: ["192.168.1.240"],
      pool: "first-pool",
      summary: "shop/web-1 has 192.168.1.240 from pool “first-pool”, announced by node1 (layer 2).",
    });
    expect(found.trace).toContainEqual({
      stage: "pool",
      subject: "on-request",
      verdict: "skipped",
      why: {
        code: "pool.not-auto-assign",
        params: { pool: "on-request" },
        text: 'pool "on-request" has autoAssign: false, so it serves only Services that ask for it',
      },
    });
  });

  test("explains in English, whatever the reader's language, also what each pool lacks", async () => {
    const client = await loggedIn(makePromisingWorld());
    const headers = { "Accept-Language": "ko" };
    const found = await (await client.get("/api/v1/services/sandbox/waits-5/explain", headers)).json();
    expect(found.state).toBe("pending");
    expect(found.summary).toMatch(
      /^sandbox\/waits-5 waits for an address: namespace "sandbox" has used up .*; pool "pool-2" has no free IPv4 address.*\.$/,
    );
    expect(found.refusals.map(({ pool }: { pool: string }) => pool)).toEqual(["first-pool", "pool-2"]);
  });

  test("says of a Service that is not there, in words, that it cannot explain it", async () => {
    const answer = await (await loggedIn()).get("/api/v1/services/a/b/explain");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: "there is no Service a/b of type LoadBalancer that this controller serves",
    });
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
