import { expect, test } from "bun:test";
import { chooseLanguage } from "./language.ts";

test.each([
  [undefined, undefined, "en"],
  [undefined, "ko-KR,ko;q=0.9,en-US;q=0.8", "ko"],
  [undefined, "en-US,en;q=0.9,ko;q=0.8", "en"],
  [undefined, "de-DE,de;q=0.9,ko;q=0.2,en;q=0.1", "ko"],
  [undefined, "fr", "en"],
  [undefined, "ko;q=0,en;q=0.1", "en"],
  ["ko", "en", "ko"],
  ["en", "ko", "en"],
  ["xx", "ko", "ko"],
] as const)("chooseLanguage(%p, %p): %p", (chosen, accept, language) => {
  expect(chooseLanguage(chosen, accept)).toBe(language);
});
