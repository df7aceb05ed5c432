import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { caller, type TestApi, testApi } from "../testing.ts";

let sandbox: TestApi;

beforeEach(() => {
  sandbox = testApi();
});
afterEach(() => sandbox.api.close());

describe("authentication", () => {
  test("refuses a request without a token, with a wrong one and with a one-time one", async () => {
    sandbox.api.addToken("once", { username: "u", groups: [] }, { oneTime: true });
    for (const token of [undefined, "wrong", "once"]) {
      const answer = await caller(sandbox.api, token)("GET", "/api/v1/namespaces");
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ kind: "Status", reason: "Unauthorized", code: 401 });
    }
  });

  test("tells its version and health to everyone", async () => {
    for (const path of ["/version", "/livez", "/readyz", "/healthz", "/readyz/ping"]) {
      expect((await sandbox.api.fetch(new Request(`http://sandbox${path}`))).status).toBe(200);
    }
  });

  test("a one-time token is good for exactly one TokenReview", async () => {
    sandbox.api.addToken("once", { username: "u", groups: ["g"] }, { oneTime: true });
    const review = () => sandbox.api.client.review(resources.tokenReviews, { spec: { token: "once" } });
    expect((await review()).status).toEqual({
      authenticated: true,
      user: { username: "u", groups: ["g", "system:authenticated"] },
      audiences: ["https://kubernetes.default.svc.cluster.local"],
    });
    expect((await review()).status).toMatchObject({ authenticated: false });
  });
});
