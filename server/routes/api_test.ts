import { describe, expect, test } from "bun:test";
import { loggedIn } from "#tests/console/client.ts";

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
