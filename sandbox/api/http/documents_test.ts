import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type TestApi, testApi, widgetDefinition } from "../testing.ts";

let sandbox: TestApi;
beforeEach(() => {
  sandbox = testApi();
});
afterEach(() => sandbox.api.close());

const get = async (path: string, headers: Record<string, string> = {}) =>
  await sandbox.api.fetch(
    new Request(`http://sandbox${path}`, { headers: { authorization: "Bearer secret", ...headers } }),
  );
const index = async () => {
  const answer = await get("/openapi/v3");
  return { answer, paths: (await answer.json()).paths as Record<string, { serverRelativeURL: string }> };
};
const addWidgets = () =>
  sandbox.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", widgetDefinition());
const aggregated = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };

describe.each([
  ["/apis", aggregated],
  ["/openapi/v3", {}],
  ["/openapi/v3/api/v1", {}],
])("%s", (path, headers) => {
  test("gives an ETag, and 304 to who knows it", async () => {
    const etag = (await get(path, headers)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9A-F]+"$/);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const answer = await get(path, { ...headers, "if-none-match": known });
      expect([known, answer.status, await answer.text()]).toEqual([known, 304, ""]);
      expect(answer.headers.get("etag")).toBe(etag);
    }
    expect((await get(path, { ...headers, "if-none-match": '"x"' })).status).toBe(200);
  });
});

describe("OpenAPI v3", () => {
  test("a document asked for by its hash may be kept for good, one asked for without may not", async () => {
    const url = (await index()).paths["api/v1"]?.serverRelativeURL ?? "";
    const { status, headers } = await get(url);
    expect([status, headers.get("cache-control")]).toEqual([200, "public, immutable"]);
    expect(headers.get("expires")).toBe("Sat, 02 Jan 2027 03:04:05 GMT");
    expect(headers.get("vary")).toBe("Accept");
    const plain = await get("/openapi/v3/api/v1");
    expect([plain.headers.get("cache-control"), plain.headers.get("expires")]).toEqual([
      "no-cache, private",
      null,
    ]);
  });

  test("a new kind changes the index and its own document alone; the old hash leads to the new one", async () => {
    await addWidgets();
    const before = await index();
    const path = "apis/example.io/v1";
    const old = before.paths[path]?.serverRelativeURL ?? "";
    const definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.io";
    await sandbox.call("DELETE", definition);
    expect((await get(old)).status).toBe(404);
    const changed = JSON.parse(JSON.stringify(widgetDefinition()).replace("How big", "How large"));
    await sandbox.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", changed);
    const after = await index();
    expect(after.answer.headers.get("etag")).not.toBe(before.answer.headers.get("etag"));
    expect(after.paths["api/v1"]).toEqual(before.paths["api/v1"]);
    const url = after.paths[path]?.serverRelativeURL ?? "";
    expect(url).not.toBe(old);
    const moved = await get(old);
    expect([moved.status, moved.headers.get("location")]).toEqual([301, url]);
    expect(await (await get(url)).text()).toContain("How large");
  });

  test("what is not served is not found", async () => {
    for (const path of ["api/v2", "apis/none/v1", "apis/apps", "api/v1/x", "x/v1"])
      expect([path, (await get(`/openapi/v3/${path}`)).status]).toEqual([path, 404]);
  });
});
