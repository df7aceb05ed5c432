import { type FieldReader, quote } from "./field_reader.ts";
import type { LabelSelector } from "./types.ts";

type Expression = LabelSelector["matchExpressions"][number];

const operators: Readonly<Record<string, "some values" | "no values">> = {
  In: "some values",
  NotIn: "some values",
  Exists: "no values",
  DoesNotExist: "no values",
};

/** Kubernetes label syntax: a key may carry a DNS prefix, a value may be empty; 63 characters each. */
const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelPrefix = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A list of selectors; two that say the same are reported, as MetalLB does. */
export function parseSelectors(reader: FieldReader, name: string): LabelSelector[] {
  const readers = reader.objects(name);
  const selectors = readers.map(parseSelector);
  const seen = new Map<string, number>();
  for (const [index, selector] of selectors.entries()) {
    const first = seen.get(canonical(selector));
    if (first === undefined) seen.set(canonical(selector), index);
    else {
      const sentence = `this selector says the same as ${reader.at(name)}[${first}]; each may stand once`;
      reader.report(`${reader.at(name)}[${index}]`, "selector.duplicate", sentence);
    }
  }
  return selectors;
}

export function parseSelector(reader: FieldReader): LabelSelector {
  const matchLabels = reader.textMap("matchLabels");
  for (const [key, value] of Object.entries(matchLabels)) {
    checkKey(reader, `${reader.at("matchLabels")}.${key}`, key);
    checkValue(reader, `${reader.at("matchLabels")}.${key}`, value);
  }
  const matchExpressions = reader.objects("matchExpressions").flatMap(parseExpression);
  const seen = new Map<string, number>();
  for (const [index, expression] of matchExpressions.entries()) {
    const key = JSON.stringify(expression);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else {
      const path = reader.at("matchExpressions");
      const sentence = `this expression says the same as ${path}[${first}]; each may stand once`;
      reader.report(`${path}[${index}]`, "selector.duplicate", sentence);
    }
  }
  return { matchLabels, matchExpressions };
}

function parseExpression(reader: FieldReader): Expression[] {
  const key = reader.text("key");
  checkKey(reader, reader.at("key"), key);
  const operator = reader.text("operator");
  const values = reader.uniqueTexts("values");
  for (const [index, value] of values.entries())
    checkValue(reader, `${reader.at("values")}[${index}]`, value);
  const needs = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (needs === undefined) {
    const sentence = `"${operator}" is not an operator; allowed are ${Object.keys(operators).join(", ")}`;
    reader.report(reader.at("operator"), "selector.operator", sentence);
    return [];
  }
  if ((needs === "some values") !== values.length > 0) {
    const sentence = `operator ${operator} needs ${needs}, but ${values.length} are given`;
    reader.report(reader.at("values"), "selector.values", sentence);
  }
  return [{ key, operator: operator as Expression["operator"], values: values.toSorted() }];
}

function checkKey(reader: FieldReader, path: string, key: string): void {
  const slash = key.indexOf("/");
  const prefixIsGood = slash < 0 || labelPrefix.test(key.slice(0, slash));
  if (prefixIsGood && labelName.test(key.slice(slash + 1))) return;
  const sentence = `${quote(key)} is not a label key; write it as name or as prefix.example.org/name`;
  reader.report(path, "selector.key", sentence);
}

function checkValue(reader: FieldReader, path: string, value: string): void {
  if (value === "" || labelName.test(value)) return;
  const sentence = `${quote(value)} is not a label value: at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
  reader.report(path, "selector.value", sentence);
}

function canonical({ matchLabels, matchExpressions }: LabelSelector): string {
  return JSON.stringify([Object.entries(matchLabels).sort(), matchExpressions]);
}
