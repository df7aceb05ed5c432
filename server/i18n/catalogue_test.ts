import { describe, expect, test } from "bun:test";
import { reasonTexts } from "#core/reason/mod.ts";
import { messagesEn } from "./en.ts";
import { messagesKo } from "./ko.ts";
import { words } from "./mod.ts";
import { reasonsKo } from "./reasons_ko.ts";
import { placeholdersOf } from "./template.ts";

/** Messages whose every form is checked: `one|many`. */
function formsOf(template: string): string[] {
  return template.split("|");
}

describe("the catalogue", () => {
  test("has every message in both languages", () => {
    expect(Object.keys(messagesKo).sort()).toEqual(Object.keys(messagesEn).sort());
  });

  test("has the same placeholders in both languages, in every plural form", () => {
    const different = Object.entries(messagesEn).filter(([key, english]) => {
      const wanted = placeholdersOf(english).join();
      const korean = messagesKo[key as keyof typeof messagesEn];
      return [...formsOf(english), ...formsOf(korean)].some((form) => placeholdersOf(form).join() !== wanted);
    });
    expect(different).toEqual([]);
  });

  test("says every message of words in Korean letters", () => {
    const universal = new Set([
      "nav.bgp",
      "pager.page",
      "map.usedCell",
      "bgp.bfd",
      "speakers.bgp",
      "summary.overBgp",
      "summary.and",
    ]);
    const foreign = Object.entries(messagesKo).filter(
      ([key, text]) => !universal.has(key) && !/[가-힣]/.test(text),
    );
    expect(foreign).toEqual([]);
  });
});

describe("the reasons in Korean", () => {
  test("are complete: a sentence for every code of core/reason and no other", () => {
    expect(Object.keys(reasonsKo).sort()).toEqual(Object.keys(reasonTexts).sort());
  });

  test("name the same values as the English ones", () => {
    const different = Object.entries(reasonTexts).filter(
      ([code, english]) =>
        placeholdersOf(english).join() !==
        placeholdersOf(reasonsKo[code as keyof typeof reasonTexts] ?? "").join(),
    );
    expect(different).toEqual([]);
  });

  test("are written so that a particle never follows a value", () => {
    // 은/는, 이/가, 을/를, 과/와, 으로/로 depend on the last sound of the word before them.
    const wrong = Object.entries(reasonsKo).filter(([, text]) =>
      /\}"?(은|는|이|가|을|를|과|와|으로|로)(?=[\s,.])/.test(text ?? ""),
    );
    expect(wrong).toEqual([]);
  });
});

describe("words()", () => {
  test("fills placeholders and groups numbers", () => {
    expect(words("en").t("pager.range", { first: 51, last: 100, total: 10_000 })).toBe("51–100 of 10,000");
    expect(words("ko").t("pager.range", { first: 51, last: 100, total: 10_000 })).toBe("10,000개 중 51–100");
  });

  test("chooses one or many by count", () => {
    expect(words("en").t("nodes.count", { count: 1 })).toBe("1 node");
    expect(words("en").t("nodes.count", { count: 1_000 })).toBe("1,000 nodes");
    expect(words("ko").t("nodes.count", { count: 1 })).toBe("노드 1개");
  });

  test("says a reason in the reader's language", () => {
    const why = { code: "pool.exhausted", params: { pool: "a", family: "IPv4", used: 2, total: 2 } } as const;
    expect(words("en").reason(why)).toBe('pool "a" has no free IPv4 address: 2 of 2 are in use');
    expect(words("ko").reason(why)).toBe('"a" 풀에 남은 IPv4 주소가 없습니다. 2개 중 2개를 쓰고 있습니다');
  });
});
