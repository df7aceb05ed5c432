import type { ASTNode } from "@marcbachmann/cel-js";
import type { Schema } from "../schema/mod.ts";
import { children } from "./ast.ts";
import { iterating, type Names, namesWithin, schemaOf } from "./declared.ts";

/**
 * What a rule may cost at worst, before any object is there (kubernetes.io "Resource constraints for CEL validation").
 * A real server works with cel-go's estimator; here the same rules are kept where they bite: each step costs 1, reading
 * a text a tenth of its length, a macro its body times the most elements that the list can have, and a rule inside a list
 * as often as the list has elements. What the schema does not bound is bounded by the size of a request alone.
 */
export const ruleCostMax = 10_000_000;
/** Of all rules of a definition's version together. */
export const schemaCostMax = 100_000_000;

/** A request has this many bytes at most (apiserver `MaxRequestSizeBytes`). */
const requestBytesMax = 3 * 1024 * 1024;
const perCharacter = 0.1;
const perPatternCharacter = 0.25;

export function ruleCost(root: ASTNode, schema: Schema): number {
  return cost(
    root,
    new Map([
      ["self", schema],
      ["oldSelf", schema],
    ]),
  );
}

/** The most elements that a list or map can have; 1 for anything else. */
export function elementsMax(schema: Schema): number {
  if (schema.type === "array") {
    return schema.maxItems ?? Math.floor((requestBytesMax - 2) / (bytesMin(schema.items ?? {}) + 1));
  }
  const { additionalProperties } = schema;
  if (typeof additionalProperties !== "object") return 1;
  return schema.maxProperties ?? Math.floor((requestBytesMax - 2) / (bytesMin(additionalProperties) + 6));
}

function cost(node: ASTNode, names: Names): number {
  if (node.op === "value") return 0;
  if (node.op === "rcall" && iterating.has(node.args[0])) {
    const [, receiver, bodies] = node.args;
    const within = namesWithin(node, names);
    const body = bodies.slice(1).reduce((sum, each) => sum + cost(each, within), 2);
    return cost(receiver, names) + 1 + sizeOf(receiver, names) * body;
  }
  const parts = children(node).map((child) => cost(child, names));
  if (node.op === "?:") return (parts[0] ?? 0) + Math.max(parts[1] ?? 0, parts[2] ?? 0) + 1;
  return parts.reduce((sum, each) => sum + each, 0) + ownCost(node, names);
}

function ownCost(node: ASTNode, names: Names): number {
  switch (node.op) {
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const [left, right] = node.args;
      return Math.ceil(Math.min(bytesOf(left, names), bytesOf(right, names)) * perCharacter) + 1;
    }
    case "in": {
      const [item, list] = node.args;
      const each = Math.ceil(bytesOf(item, names) * perCharacter) + 1;
      return schemaOf(list, names)?.type === "object" ? 1 : sizeOf(list, names) * each;
    }
    case "+":
      return Math.ceil((textOf(node.args[0], names) + textOf(node.args[1], names)) * perCharacter) + 1;
    case "rcall": {
      const [name, receiver, given] = node.args;
      const read = textOf(receiver, names) * perCharacter;
      const [first] = given;
      if (name === "size") return 1;
      if (name === "matches" || name === "find" || name === "findAll") {
        return Math.ceil(read * Math.max(1, (first ? bytesOf(first, names) : 1) * perPatternCharacter)) + 1;
      }
      if (name === "contains")
        return Math.ceil(read * Math.max(1, (first ? bytesOf(first, names) : 1) * perCharacter)) + 1;
      if (name === "startsWith" || name === "endsWith") {
        return Math.ceil((first ? bytesOf(first, names) : 1) * perCharacter) + 1;
      }
      return (
        Math.ceil(read) + 1 + (schemaOf(receiver, names)?.type === "array" ? sizeOf(receiver, names) : 0)
      );
    }
    case "call": {
      const [name, given] = node.args;
      if (name === "size" || name === "has" || name === "type" || name === "dyn") return 1;
      return given.reduce((sum, each) => sum + Math.ceil(textOf(each, names) * perCharacter), 1);
    }
    default:
      return 1;
  }
}

/** How many elements an expression has; what is not known of the schema has as many as were written down. */
function sizeOf(node: ASTNode, names: Names): number {
  if (node.op === "list" || node.op === "map") return node.args.length;
  if (node.op === "rcall" && (iterating.has(node.args[0]) || node.args[0] === "findAll"))
    return sizeOf(node.args[1], names);
  if (node.op === "rcall" && node.args[0] === "split") return textOf(node.args[1], names);
  const schema = schemaOf(node, names);
  return schema === undefined ? 1 : elementsMax(schema);
}

/** Characters of a text, as they are read; 0 for what is none. */
function textOf(node: ASTNode, names: Names): number {
  const isText =
    node.op === "value" ? typeof node.args === "string" : schemaOf(node, names)?.type === "string";
  return isText || node.op === "rcall" || node.op === "+" ? bytesOf(node, names) : 0;
}

function bytesOf(node: ASTNode, names: Names): number {
  if (node.op === "value") return typeof node.args === "string" ? node.args.length : 1;
  if (node.op === "+") return textOf(node.args[0], names) + textOf(node.args[1], names);
  const schema = schemaOf(node, names);
  if (schema !== undefined) return bytesMax(schema);
  // What a function makes of a text is as long as the text at most.
  if (node.op === "rcall" && !iterating.has(node.args[0])) return textOf(node.args[1], names) || 1;
  return 1;
}

/** The most that comparing a value has to read. */
function bytesMax(schema: Schema): number {
  switch (schema.type) {
    case "string": {
      if (schema.enum !== undefined) return Math.max(1, ...schema.enum.map((each) => String(each).length));
      if (schema.maxLength !== undefined) return schema.maxLength;
      return schema.format === "date-time" || schema.format === "duration" || schema.format === "date"
        ? 50
        : requestBytesMax - 2;
    }
    case "array":
      return elementsMax(schema) * bytesMax(schema.items ?? {});
    case "object": {
      const { properties, additionalProperties } = schema;
      if (typeof additionalProperties === "object")
        return elementsMax(schema) * bytesMax(additionalProperties);
      return Object.values(properties ?? {}).reduce((sum, each) => sum + bytesMax(each), 1);
    }
    default:
      return 1;
  }
}

/** The fewest bytes that a value takes in a request, which bounds how many there can be. */
function bytesMin(schema: Schema): number {
  if (schema.type === "string") return (schema.minLength ?? 0) + 2;
  if (schema.type === "array") return 2;
  if (schema.type !== "object") return 1;
  return (schema.required ?? []).reduce(
    (sum, key) => sum + key.length + 4 + bytesMin(schema.properties?.[key] ?? {}),
    2,
  );
}
