import { describe, expect, test } from "bun:test";
import type { PathVerdict } from "../ports/access.ts";
import { createSecureMetrics } from "./mod.ts";

const verdicts: Record<string, PathVerdict> = {
  good: { code: "allowed" },
  ann: { code: "forbidden", username: "ann" },
};

function get(path: string, authorization?: string, isAway = false): Promise<Response> {
  const app = createSecureMetrics({
    metrics: { contentType: (accept) => `for ${accept}`, render: async () => "metallb_bgp_session_up 1\n" },
    access: {
      async judge(token) {
        if (isAway) throw new Error("ECONNREFUSED");
        return verdicts[token] ?? { code: "unauthenticated" };
      },
    },
    now: () => 0,
  });
  const headers = { Accept: "text/plain", ...(authorization && { Authorization: authorization }) };
  return Promise.resolve(app.request(path, { headers }));
}

describe("createSecureMetrics()", () => {
  test("serves /metrics, in the form that is asked for, to who may read it", async () => {
    const answer = await get("/metrics", "Bearer good");
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "for text/plain"]);
    expect(await answer.text()).toBe("metallb_bgp_session_up 1\n");
  });

  test.each([
    [undefined, 401, "a bearer token is required: Authorization: Bearer <token>\n"],
    ["Basic Z29vZDpnb29k", 401, "a bearer token is required: Authorization: Bearer <token>\n"],
    ["Bearer wrong", 401, "the bearer token is not valid\n"],
    [
      "Bearer ann",
      403,
      'ann may not read /metrics: a ClusterRole with nonResourceURLs: ["/metrics"], verbs: [get] would allow it\n',
    ],
  ])("Authorization %p: %d", async (authorization, status, text) => {
    const answer = await get("/metrics", authorization);
    expect([answer.status, await answer.text()]).toEqual([status, text]);
    expect(answer.headers.get("WWW-Authenticate")).toBe(status === 401 ? "Bearer" : null);
  });

  test("says 503 while the API server cannot be asked, and when to come again", async () => {
    const answer = await get("/metrics", "Bearer good", true);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "10"]);
    expect(await answer.text()).toBe(
      "the API server could not be asked whether the token may read this; the log says why\n",
    );
  });

  test("serves nothing else", async () => {
    const answer = await get("/api/v1/state", "Bearer good");
    expect([answer.status, await answer.text()]).toEqual([
      404,
      "GET /api/v1/state is not served here; GET /metrics is\n",
    ]);
  });
});
