import type { ASTNode } from "@marcbachmann/cel-js";
import type { Schema } from "../schema/mod.ts";
import { children } from "./ast.ts";
import { celName, readableFields, takesAnything } from "./types.ts";

/** Macros whose first argument names each element in turn; over a map, each key. */
export const iterating: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "filter", "map"]);
/** What the names in an expression stand for, as far as a schema says. */
export type Names = ReadonlyMap<string, Schema | undefined>;

const text: Schema = { type: "string" };

/** The schema of what an expression gives, where it reads a part of `self`. */
export function schemaOf(node: ASTNode, names: Names): Schema | undefined {
  switch (node.op) {
    case "id":
      return names.get(node.args);
    case ".":
    case ".?": {
      const owner = schemaOf(node.args[0], names);
      return owner && fieldOf(owner, String(node.args[1]));
    }
    case "[]":
    case "[?]": {
      const owner = schemaOf(node.args[0], names);
      return owner?.items ?? restOf(owner);
    }
    case "rcall": {
      const [name, receiver] = node.args;
      return name === "filter" || name === "orValue" || name === "value"
        ? schemaOf(receiver, names)
        : undefined;
    }
    default:
      return undefined;
  }
}

/** With the variable of an iterating macro named beside the others. */
export function namesWithin(node: ASTNode, names: Names): Names {
  if (node.op !== "rcall" || !iterating.has(node.args[0])) return names;
  const [, receiver, [variable]] = node.args;
  if (variable?.op !== "id") return names;
  const over = schemaOf(receiver, names);
  const element = over?.items ?? (over?.type === "object" ? text : undefined);
  return new Map(names).set(variable.args, element);
}

/** The first field that is read and that the schema does not name, also within `has()`. */
export function undeclaredField(root: ASTNode, schema: Schema): string | undefined {
  const visit = (node: ASTNode, names: Names): string | undefined => {
    if (node.op === ".") {
      const owner = schemaOf(node.args[0], names);
      const field = String(node.args[1]);
      if (owner?.properties !== undefined && !takesAnything(owner) && fieldOf(owner, field) === undefined)
        return field;
    }
    const within = namesWithin(node, names);
    for (const child of children(node)) {
      const found = visit(child, within);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(
    root,
    new Map([
      ["self", schema],
      ["oldSelf", schema],
    ]),
  );
}

function fieldOf(owner: Schema, name: string): Schema | undefined {
  const found = readableFields(owner).find(([field]) => celName(field) === name);
  return found?.[1] ?? restOf(owner);
}

function restOf(owner: Schema | undefined): Schema | undefined {
  return typeof owner?.additionalProperties === "object" ? owner.additionalProperties : undefined;
}
