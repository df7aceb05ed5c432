import { expect, test } from "bun:test";
import { english, korean, sayFor } from "./texts.ts";

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test("every text has the same placeholders in both languages", () => {
  expect(Object.keys(korean)).toEqual(Object.keys(english));
  for (const key of Object.keys(english) as (keyof typeof english)[]) {
    expect([key, placeholders(korean[key])]).toEqual([key, placeholders(english[key])]);
  }
});

test.each([
  [{ LANG: "ko_KR.UTF-8" }, "노드"],
  [{ LANG: "ko_KR.UTF-8", LC_ALL: "C" }, "nodes"],
  [{ LANG: "C", LC_MESSAGES: "ko_KR" }, "노드"],
  [{ LANG: "en_US.UTF-8" }, "nodes"],
  [{}, "nodes"],
])("sayFor(%j) takes the user's language", (environment, expected) => {
  expect(sayFor(environment)("nodes")).toBe(expected);
});

test("sayFor() fills in values and leaves what it is not given", () => {
  expect(sayFor({})("started", { name: "speaker-node1" })).toBe("speaker-node1 was started, process {pid}.");
});
