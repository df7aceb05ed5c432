import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Answer, type Caller, type TestApi, testApi } from "../testing.ts";

let sandbox: TestApi;
let call: Caller;
const path = "/api/v1/namespaces/default/configmaps";
const create = async (name: string, data = {}) => {
  const { body } = await call("POST", path, { metadata: { name }, data });
  return Number(body.metadata.resourceVersion);
};
const names = ({ body }: Answer) => body.items.map(({ metadata }) => metadata.name);
const list = (query: string) => call("GET", `${path}?${query}`);

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
});
afterEach(() => sandbox.api.close());

/** kubernetes.io "API Concepts", Semantics for get and list. */
describe("resourceVersion of a list", () => {
  test("Exact shows that moment: what was changed since as it was, what was deleted there, what came later not", async () => {
    await create("a", { is: "old" });
    const moment = await create("b");
    await call("PATCH", `${path}/a`, { data: { is: "new" } }, "merge");
    await call("DELETE", `${path}/b`);
    await create("aa");
    const exact = await list(`resourceVersion=${moment}&resourceVersionMatch=Exact`);
    expect(names(exact)).toEqual(["a", "b"]);
    expect(exact.body.items[0]).toHaveProperty("data.is", "old");
    expect(exact.body.metadata.resourceVersion).toBe(String(moment));
    const everywhere = await call(
      "GET",
      `/api/v1/configmaps?resourceVersion=${moment}&resourceVersionMatch=Exact&labelSelector=!x&fieldSelector=metadata.name%3Db`,
    );
    expect(names(everywhere)).toEqual(["b"]);
    for (const query of ["", "resourceVersion=0", `resourceVersion=${moment}`])
      expect([query, names(await list(query))]).toEqual([query, ["a", "aa"]]);
    expect(names(await list(`resourceVersion=${moment}&resourceVersionMatch=NotOlderThan`))).toEqual([
      "a",
      "aa",
    ]);
  });

  test("with a limit and without resourceVersionMatch is an exact one", async () => {
    await create("a");
    const moment = await create("b");
    await call("DELETE", `${path}/a`);
    const first = await list(`resourceVersion=${moment}&limit=1`);
    expect([names(first), first.body.metadata.remainingItemCount]).toEqual([["a"], 1]);
    expect(names(await list(`limit=1&continue=${first.body.metadata.continue}`))).toEqual(["b"]);
  });

  test("one that is forgotten is answered by 410", async () => {
    const { body } = await list("resourceVersion=1&resourceVersionMatch=Exact");
    expect(body).toMatchObject({ code: 410, reason: "Expired" });
    expect(body.message).toBe("The resourceVersion for the provided list is too old.");
  });

  test("one that is yet to come is answered by 504, for a get and a watch with initial events, too", async () => {
    const future = (await create("a")) + 1_000;
    const version = `resourceVersion=${future}`;
    for (const query of [
      `${path}?${version}`,
      `${path}?${version}&resourceVersionMatch=Exact`,
      `${path}?${version}&resourceVersionMatch=NotOlderThan&limit=5`,
      `${path}/a?${version}`,
      `${path}?watch=true&${version}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    ]) {
      const { status, headers, body } = await call("GET", query);
      expect([query, status, headers.get("retry-after")]).toEqual([query, 504, "1"]);
      expect(body).toMatchObject({
        reason: "Timeout",
        details: { causes: [{ reason: "ResourceVersionTooLarge" }], retryAfterSeconds: 1 },
      });
      expect(body.message).toContain("Too large resource version");
    }
  });

  test.each([
    ["resourceVersionMatch=Exact", 422],
    ["resourceVersionMatch=NotOlderThan", 422],
    ["resourceVersionMatch=Exact&resourceVersion=0", 422],
    ["resourceVersionMatch=Latest&resourceVersion=0", 422],
    ["resourceVersion=x", 422],
    ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=0", 422],
    ["watch=true&sendInitialEvents=true", 422],
    ["watch=true&sendInitialEvents=true&resourceVersionMatch=Exact", 422],
    ["watch=true&resourceVersionMatch=NotOlderThan", 422],
  ])("%s is refused", async (query, code) => {
    expect((await list(query)).status).toBe(code);
  });

  test("nothing but the limit may change between pages", async () => {
    const moment = await create("a");
    await create("b");
    const token = (await list("limit=1")).body.metadata.continue;
    expect((await list(`continue=${token}&resourceVersion=${moment}`)).status).toBe(400);
    const match = `continue=${token}&resourceVersion=${moment}&resourceVersionMatch=Exact`;
    expect((await list(match)).status).toBe(422);
    expect((await list(`continue=${token}&labelSelector=x`)).status).toBe(400);
    expect((await list("continue=nonsense")).status).toBe(400);
    expect(names(await list(`continue=${token}&resourceVersion=0&limit=5`))).toEqual(["b"]);
  });
});

test("a token that is too old comes back as one that goes on in what there is now", async () => {
  for (const name of ["a", "b", "d", "e"]) await create(name);
  const first = await list("limit=2");
  await create("aa");
  await create("c");
  await call("DELETE", `${path}/d`);
  sandbox.advance(6 * 60_000);
  const late = await list(`limit=2&continue=${first.body.metadata.continue}`);
  expect(late.body).toMatchObject({ code: 410, reason: "Expired" });
  expect(late.body.message).toContain("use the continue token in this response");
  const rest = await list(`limit=1&continue=${late.body.metadata.continue}`);
  expect([names(rest), rest.body.metadata.remainingItemCount]).toEqual([["c"], 1]);
  expect(Number(rest.body.metadata.resourceVersion)).toBeGreaterThan(
    Number(first.body.metadata.resourceVersion),
  );
  const last = await list(`limit=5&continue=${rest.body.metadata.continue}`);
  expect(names(last)).toEqual(["e"]);
  expect(last.body.metadata).not.toHaveProperty("continue");
});

test("a list of all namespaces is in the order of etcd's keys", async () => {
  for (const name of ["a", "a-b"]) {
    await call("POST", "/api/v1/namespaces", { metadata: { name } });
    await call("POST", `/api/v1/namespaces/${name}/services`, {
      metadata: { name: "x" },
      spec: { ports: [{ port: 80 }] },
    });
  }
  const all = await call("GET", "/api/v1/services");
  expect(all.body.items.map(({ metadata }) => metadata.namespace)).toEqual(["a-b", "a", "default"]);
});

/** kubernetes.io "API Concepts", Streaming lists. */
describe("sendInitialEvents", () => {
  const events = async (query: string) => {
    const response = await sandbox.api.fetch(
      new Request(`http://sandbox${path}?watch=true&resourceVersionMatch=NotOlderThan&${query}`, {
        headers: { authorization: "Bearer secret" },
      }),
    );
    setTimeout(() => sandbox.advance(2_000), 0);
    const lines = (await response.text()).split("\n").filter((line) => line !== "");
    return lines.map((line) => {
      const { type, object } = JSON.parse(line);
      const isEnd = object.metadata.annotations?.["k8s.io/initial-events-end"] === "true";
      return `${type} ${object.metadata.name ?? ""}${isEnd ? "end" : ""}`;
    });
  };
  const shown = async (query: string) =>
    (await events(`timeoutSeconds=1&allowWatchBookmarks=true&${query}`)).filter(
      (event) => event !== "ADDED kube-root-ca.crt",
    );

  test("true gives everything and then the annotated bookmark, from whatever version", async () => {
    const version = await create("a");
    for (const start of ["", "0", String(version)]) {
      const seen = await shown(`sendInitialEvents=true&resourceVersion=${start}`);
      expect([start, seen]).toEqual([start, ["ADDED a", "BOOKMARK end", "BOOKMARK "]]);
    }
  });

  test("false gives nothing of what there was", async () => {
    await create("a");
    for (const start of ["", "0"])
      expect(await shown(`sendInitialEvents=false&resourceVersion=${start}`)).toEqual(["BOOKMARK "]);
  });
});
