import type { ASTNode } from "@marcbachmann/cel-js";

/** The expressions that an expression is made of. */
export function children(node: ASTNode): ASTNode[] {
  return node.op === "value" || node.op === "id" ? [] : nodesIn(node.args);
}

function nodesIn(value: unknown): ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isNode(value) ? [value] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
