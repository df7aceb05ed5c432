import { describe, expect, test } from "bun:test";
import { PathAccess } from "./path_access.ts";
import { type KubeObject, resources } from "./types.ts";

const ann = { username: "ann", uid: "u1", groups: ["scrapers"], extra: { "example.net/scopes": ["read"] } };

function start(answers: (object | Error)[]) {
  const asked: { plural: string; spec: unknown }[] = [];
  const warnings: unknown[] = [];
  const access = new PathAccess(
    {
      async review({ plural }, { spec }) {
        asked.push({ plural, spec });
        const answer = answers[asked.length - 1];
        if (answer instanceof Error) throw answer;
        return answer as unknown as KubeObject;
      },
    },
    { warn: (...line) => warnings.push(line) },
  );
  return { asked, warnings, judge: () => access.judge("token", "/metrics") };
}

describe("PathAccess", () => {
  test("asks whose the token is, then whether that user, with all that is known of him, may", async () => {
    const { asked, judge } = start([
      { status: { authenticated: true, user: ann } },
      { status: { allowed: true } },
    ]);
    expect(await judge()).toEqual({ code: "allowed", identity: { username: "ann", groups: ["scrapers"] } });
    expect(asked).toEqual([
      { plural: resources.tokenReviews.plural, spec: { token: "token" } },
      {
        plural: "subjectaccessreviews",
        spec: {
          user: "ann",
          uid: "u1",
          groups: ["scrapers"],
          extra: { "example.net/scopes": ["read"] },
          nonResourceAttributes: { path: "/metrics", verb: "get" },
        },
      },
    ]);
  });

  test.each([
    [[{ status: { authenticated: false, error: "expired" } }], { code: "unauthenticated" }],
    [[{ status: { error: "expired" } }], { code: "unauthenticated" }],
    [
      [{ status: { authenticated: true, user: ann } }, { status: { allowed: false, reason: "no" } }],
      { code: "forbidden", username: "ann" },
    ],
    [
      [{ status: { authenticated: true, user: { username: "ann" } } }, { status: {} }],
      { code: "forbidden", username: "ann" },
    ],
  ])("%j: %j", async (answers, verdict) => {
    expect(await start(answers).judge()).toEqual(verdict as never);
  });

  test("rejects and logs when the API is away, and when it answers nonsense", async () => {
    for (const answers of [[new Error("ECONNREFUSED")], [{ kind: "TokenReview" }]]) {
      const { judge, warnings } = start(answers);
      expect(judge()).rejects.toThrow();
      await judge().catch(() => {});
      expect(JSON.stringify(warnings)).toContain('"path":"/metrics"');
      expect(JSON.stringify(warnings)).not.toContain("token");
    }
  });
});
