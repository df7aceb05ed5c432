import { Optional, type ParseResult } from "@marcbachmann/cel-js";
import { duplicate, type FieldError, forbidden, invalid, required } from "../field_error.ts";
import { isEqual } from "../object.ts";
import type { Schema, ValidationRule } from "../schema/mod.ts";
import { type CompiledRule, compileRules } from "./compile.ts";

/**
 * What a schema's rules say against a value, in a real server's words. Transition rules run where there was a value
 * before; a value that did not change is not judged anew by the others (KEP-4008, "CRD Validation Ratcheting").
 */
export function evaluateRules(schema: Schema, value: unknown, before: unknown, path: string): FieldError[] {
  const { types, rules } = compileRules(schema);
  const isUnchanged = before !== undefined && isEqual(value, before);
  const due = rules.filter(({ rule, isTransition }) =>
    isTransition ? before !== undefined || rule.optionalOldSelf === true : !isUnchanged,
  );
  if (due.length === 0) return [];
  let self: unknown;
  let oldSelf: unknown;
  try {
    self = types.valueOf(value, schema);
    oldSelf = before === undefined ? undefined : types.valueOf(before, schema);
  } catch (error) {
    // A text that is not of its format: the schema says so too, and the object is refused by both.
    return [invalid(path, schema.type ?? "", reasonOf(error))];
  }
  return due.flatMap((compiled) => {
    const old = compiled.rule.optionalOldSelf
      ? { oldSelf: Optional.of(oldSelf) }
      : oldSelf === undefined
        ? {}
        : { oldSelf };
    return judge(compiled, { self, ...old }, schema, path) ?? [];
  });
}

type Variables = Record<string, unknown>;

function judge(
  compiled: CompiledRule,
  variables: Variables,
  schema: Schema,
  path: string,
): FieldError | undefined {
  const { rule, program } = compiled;
  if (program === undefined || compiled.problem !== undefined) return undefined;
  const type = schema.type ?? "";
  try {
    if (program(variables) === true) return undefined;
  } catch (error) {
    return invalid(path, type, `${reasonOf(error)} evaluating rule: ${rule.message ?? rule.rule.trim()}`);
  }
  const said = compiled.messageProgram && tryText(compiled.messageProgram, variables);
  const detail = said ?? rule.message ?? `failed rule: ${rule.rule.trim()}`;
  return refusal(rule, `${path}${rule.fieldPath ?? ""}`.replace(/^\./, ""), type, detail);
}

function refusal({ reason }: ValidationRule, field: string, type: string, detail: string): FieldError {
  switch (reason) {
    case "FieldValueRequired":
      return required(field, detail);
    case "FieldValueForbidden":
      return forbidden(field, detail);
    case "FieldValueDuplicate":
      return duplicate(field, type);
    default:
      return invalid(field, type, detail);
  }
}

/** A message that cannot be worked out gives way to the plain one, as does an empty one. */
function tryText(program: ParseResult, variables: Variables): string | undefined {
  try {
    const text: unknown = program(variables);
    return typeof text === "string" && text.trim() !== "" && !text.includes("\n") ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The first line: below it the language shows where in the rule. */
function reasonOf(error: unknown): string {
  return (
    (error instanceof Error ? error.message : String(error)).split("\n")[0]?.replace(/^No such/, "no such") ??
    ""
  );
}
