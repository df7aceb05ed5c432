import { expect, test } from "bun:test";
import { createHealth } from "./health.ts";

test("/readyz says what is waited for, and stays ready once it was; /livez never waits", async () => {
  let reasons = ["the Services are not listed yet", "the webhooks are not served yet"];
  const app = createHealth(() => reasons);
  const ask = async (path: string) => {
    const response = await app.request(path);
    return [response.status, await response.text()];
  };
  expect(await ask("/livez")).toEqual([200, "ok"]);
  expect(await ask("/readyz")).toEqual([
    503,
    "not ready: the Services are not listed yet; the webhooks are not served yet",
  ]);
  reasons = [];
  expect(await ask("/readyz")).toEqual([200, "ok"]);
  reasons = ["the API server is away"];
  expect(await ask("/readyz")).toEqual([200, "ok"]);
  expect(await ask("/healthz")).toEqual([200, "ok"]);
});
