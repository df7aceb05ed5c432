/** Says a text of a catalogue in the user's language; `{name}` is filled in. */
export type Say<Key extends string> = (
  key: Key,
  values?: Readonly<Record<string, string | number>>,
) => string;

type Environment = Readonly<Record<string, string | undefined>>;

/** Korean where the locale is (POSIX: LC_ALL before LC_MESSAGES before LANG), else English. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: Environment): "en" | "ko" {
  return (LC_ALL || LC_MESSAGES || LANG || "").startsWith("ko") ? "ko" : "en";
}

/** Speaker of a catalogue of which every text is there in both languages. */
export function sayer<Key extends string>(
  texts: Readonly<Record<"en" | "ko", Readonly<Record<Key, string>>>>,
  environment: Environment,
): Say<Key> {
  const catalogue = texts[languageOf(environment)];
  return (key, values = {}) =>
    catalogue[key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
