import { type ASTNode, Environment, type ParseResult } from "@marcbachmann/cel-js";
import type { Schema, ValidationRule } from "../schema/mod.ts";
import { children } from "./ast.ts";
import { undeclaredField } from "./declared.ts";
import { registerKubernetesFunctions } from "./functions.ts";
import { SchemaTypes } from "./types.ts";

/** One rule, ready to run; `problem` says why it is none. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: ParseResult | undefined;
  readonly problem: string | undefined;
  readonly messageProgram: ParseResult | undefined;
  readonly messageProblem: string | undefined;
  /** It speaks of `oldSelf`: a transition rule, for updates. */
  readonly isTransition: boolean;
}

export interface CompiledRules {
  readonly types: SchemaTypes;
  readonly rules: readonly CompiledRule[];
}

let base: Environment | undefined;
const known = new WeakMap<Schema, CompiledRules>();

/** The rules of one schema, compiled once; `self` is what the schema describes. */
export function compileRules(schema: Schema): CompiledRules {
  let compiled = known.get(schema);
  if (compiled === undefined) {
    base ??= baseEnvironment();
    const typed = base.clone();
    const types = new SchemaTypes(typed);
    const self = types.typeOf(schema);
    typed.registerVariable("self", self);
    const [plain, optional] = [self, `optional<${self}>`].map((type) =>
      typed.clone().registerVariable("oldSelf", type),
    );
    const rules = (schema["x-kubernetes-validations"] ?? []).map((rule) =>
      compile(rule, (rule.optionalOldSelf ? optional : plain) ?? typed, schema),
    );
    compiled = { types, rules };
    known.set(schema, compiled);
  }
  return compiled;
}

function baseEnvironment(): Environment {
  const environment = new Environment({ enableOptionalTypes: true });
  registerKubernetesFunctions(environment);
  return environment;
}

function compile(rule: ValidationRule, environment: Environment, schema: Schema): CompiledRule {
  const { program, problem } = tryCompile(rule.rule, "bool", environment, schema);
  const message = rule.messageExpression
    ? tryCompile(rule.messageExpression, "string", environment, schema)
    : undefined;
  return {
    rule,
    program,
    problem,
    messageProgram: message?.program,
    messageProblem: message?.problem,
    isTransition: [program, message?.program].some((each) => each !== undefined && usesOldSelf(each.ast)),
  };
}

function tryCompile(text: string, wanted: "bool" | "string", environment: Environment, schema: Schema) {
  try {
    const program = environment.parse(text);
    const { valid, type, error } = program.check();
    const undeclared = undeclaredField(program.ast, schema);
    const problem =
      undeclared !== undefined
        ? `compilation failed: ERROR: undefined field '${undeclared}'`
        : !valid
          ? `compilation failed: ERROR: ${error?.message ?? "not valid"}`
          : type !== wanted && type !== "dyn"
            ? `cel expression must evaluate to a ${wanted}`
            : undefined;
    return { program, problem };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { program: undefined, problem: `compilation failed: ERROR: ${why}` };
  }
}

function usesOldSelf(node: ASTNode): boolean {
  return (node.op === "id" && node.args === "oldSelf") || children(node).some(usesOldSelf);
}
