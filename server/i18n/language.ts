import { parseAccept } from "hono/utils/accept";

export type Language = "en" | "ko";

export const languages: readonly { code: Language; ownName: string }[] = [
  { code: "ko", ownName: "한국어" },
  { code: "en", ownName: "English" },
];

export function isLanguage(text: string | undefined): text is Language {
  return text === "en" || text === "ko";
}

/** The reader's choice (a cookie), else the first language of `Accept-Language` that there is, else English. */
export function chooseLanguage(chosen: string | undefined, acceptLanguage: string | undefined): Language {
  if (isLanguage(chosen)) return chosen;
  for (const { type, q } of parseAccept(acceptLanguage ?? "").toSorted((a, b) => b.q - a.q)) {
    const primary = type.toLowerCase().split("-")[0];
    if (q > 0 && isLanguage(primary)) return primary;
  }
  return "en";
}
