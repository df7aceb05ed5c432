import { type Reason, reasonText } from "#core/reason/mod.ts";
import { messagesEn } from "./en.ts";
import { formatCount, formatDuration, formatElapsed, formatNumber, formatShare } from "./format.ts";
import { messagesKo } from "./ko.ts";
import type { Language } from "./language.ts";
import { reasonsKo } from "./reasons_ko.ts";
import { type Arguments, fill } from "./template.ts";

type Messages = typeof messagesEn;
export type MessageKey = keyof Messages;

/** Everything a view needs to speak one language. */
export interface Words {
  readonly language: Language;
  /** A message of the catalogue; the compiler asks for its placeholders. */
  t<Key extends MessageKey>(key: Key, ...values: Arguments<Messages[Key]>): string;
  /** Why, as a sentence without a full stop. */
  reason(why: Reason): string;
  number(value: number): string;
  count(decimal: string): string;
  share(used: number, totalDecimal: string): string;
  duration(ms: number): string;
  elapsed(ms: number): string;
}

function wordsOf(language: Language): Words {
  const messages: Record<MessageKey, string> = language === "ko" ? messagesKo : messagesEn;
  return {
    language,
    t(key, ...values) {
      return fill(messages[key], grouped(language, values[0] ?? {}));
    },
    reason(why) {
      const template = language === "ko" ? reasonsKo[why.code] : undefined;
      return template === undefined ? reasonText(why) : fill(template, why.params);
    },
    number: (value) => formatNumber(language, value),
    count: (decimal) => formatCount(language, decimal),
    share: formatShare,
    duration: (ms) => formatDuration(language, ms),
    elapsed: (ms) => formatElapsed(language, ms),
  };
}

/** Numbers in a message are grouped by thousands; texts stay as they are. */
function grouped(
  language: Language,
  values: Readonly<Record<string, string | number>>,
): Record<string, string> {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "number" ? formatNumber(language, value) : value,
  ]);
  return Object.fromEntries(entries);
}

const both: Record<Language, Words> = { en: wordsOf("en"), ko: wordsOf("ko") };

export function words(language: Language): Words {
  return both[language];
}
