import { expect, test } from "bun:test";
import { FakeClient } from "./testing/mod.ts";
import { TokenReviewer } from "./token_reviewer.ts";

const valid = { status: { authenticated: true, user: { username: "ann", groups: ["admins"] } } };

test("authenticate() gives the reviewed name and groups, or nothing", async () => {
  const client = new FakeClient();
  const reviewer = new TokenReviewer(client);
  client.reviewAnswer = valid;
  expect(await reviewer.authenticate("t")).toEqual({ username: "ann", groups: ["admins"] });
  expect(client.reviewed).toEqual([{ spec: { token: "t" } }]);
  client.reviewAnswer = { status: { error: "token expired" } };
  expect(await reviewer.authenticate("t")).toBeUndefined();
  expect(await reviewer.authenticate("")).toBeUndefined();
  expect(client.reviewed).toHaveLength(2);
});

test("authenticate() with a memory asks once a minute for a good token and each time for a bad one", async () => {
  const client = new FakeClient();
  let now = 0;
  const reviewer = new TokenReviewer(client, { rememberMs: 60_000, now: () => now });
  client.reviewAnswer = valid;
  await reviewer.authenticate("good");
  now = 59_999;
  expect(await reviewer.authenticate("good")).toEqual({ username: "ann", groups: ["admins"] });
  expect(client.reviewed).toHaveLength(1);
  now = 60_000;
  await reviewer.authenticate("good");
  expect(client.reviewed).toHaveLength(2);
  client.reviewAnswer = { status: { authenticated: false } };
  await reviewer.authenticate("bad");
  await reviewer.authenticate("bad");
  expect(client.reviewed).toHaveLength(4);
});

test("authenticate() rejects when the API server is away, and when it answers nonsense", async () => {
  const client = new FakeClient();
  client.review = async () => {
    throw new Error("ECONNREFUSED");
  };
  const reviewer = new TokenReviewer(client);
  expect(reviewer.authenticate("t")).rejects.toThrow("ECONNREFUSED");
  const odd = new FakeClient();
  odd.reviewAnswer = { kind: "TokenReview" };
  expect(new TokenReviewer(odd).authenticate("t")).rejects.toThrow();
});
