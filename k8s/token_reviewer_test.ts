import { expect, test } from "bun:test";
import { FakeClient } from "./testing/mod.ts";
import { TokenReviewer } from "./token_reviewer.ts";
import type { KubeObject } from "./types.ts";

const ann = { username: "ann", groups: ["admins"] };

/** An API server that knows Ann by her token, and what she may. */
class Reviews extends FakeClient {
  isKnown = true;
  isAllowed = true;

  override async review(resource: { plural: string }, object: { spec?: unknown }): Promise<KubeObject> {
    this.reviewed.push(object.spec);
    const isToken = resource.plural === "tokenreviews";
    const status = isToken
      ? { authenticated: this.isKnown, ...(this.isKnown && { user: ann }) }
      : { allowed: this.isAllowed };
    return { metadata: { name: "" }, status };
  }
}

test("authenticate() gives name and groups of whoever may list Services everywhere", async () => {
  const client = new Reviews();
  expect(await new TokenReviewer(client).authenticate("t")).toEqual(ann);
  expect(client.reviewed).toEqual([
    { token: "t" },
    {
      user: "ann",
      uid: "",
      groups: ["admins"],
      extra: {},
      resourceAttributes: { group: "", resource: "services", verb: "list" },
    },
  ]);
});

test("a valid token without that right is told apart from one that is not valid", async () => {
  const client = new Reviews();
  const reviewer = new TokenReviewer(client);
  client.isAllowed = false;
  expect(await reviewer.authenticate("t")).toEqual({ username: "ann", groups: [], isForbidden: true });
  client.isKnown = false;
  expect(await reviewer.authenticate("t")).toBeUndefined();
  expect(await reviewer.authenticate("")).toBeUndefined();
  expect(client.reviewed).toHaveLength(3);
});

test("with a memory it asks once a minute for a good token and each time for another", async () => {
  const client = new Reviews();
  let now = 0;
  const reviewer = new TokenReviewer(client, { rememberMs: 60_000, now: () => now });
  await reviewer.authenticate("good");
  now = 59_999;
  expect(await reviewer.authenticate("good")).toEqual(ann);
  expect(client.reviewed).toHaveLength(2);
  now = 60_000;
  await reviewer.authenticate("good");
  expect(client.reviewed).toHaveLength(4);
  client.isAllowed = false;
  await reviewer.authenticate("other");
  await reviewer.authenticate("other");
  expect(client.reviewed).toHaveLength(8);
});

test("rejects when the API server is away, and when it answers nonsense", async () => {
  const away = {
    review: async () => {
      throw new Error("ECONNREFUSED");
    },
  };
  expect(new TokenReviewer(away).authenticate("t")).rejects.toThrow("ECONNREFUSED");
  const odd = new FakeClient();
  odd.reviewAnswer = { kind: "TokenReview" };
  expect(new TokenReviewer(odd).authenticate("t")).rejects.toThrow();
});
