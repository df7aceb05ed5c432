/** The placeholders of a message, taken from its text: `"{used} of {total}"` gives `used | total`. */
export type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** What must be passed with a message: nothing where it has no placeholder. */
export type Arguments<Text extends string> = [Placeholders<Text>] extends [never]
  ? []
  : [values: Readonly<Record<Placeholders<Text>, string | number>>];

/**
 * Fills the placeholders. `one|many` chooses by `count`: the first form for exactly 1. A name without a value stays
 * as it is, so that the gap is seen.
 */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  const [one = template, many = one] = template.split("|");
  const form = values.count === 1 || values.count === "1" ? one : many;
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function placeholdersOf(template: string): string[] {
  return [...new Set(Array.from(template.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? ""))].sort();
}
