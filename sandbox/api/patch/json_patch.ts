import { isEqual, isRecord } from "../object.ts";
import { badRequest, StatusError } from "../status_error.ts";
import { parseIndex, parsePointer } from "./json_pointer.ts";

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** A list far longer than any client sends; keeps one request from taking the process (as the real server's limit). */
const operationsMax = 10_000;

/** RFC 6902: applies the operations in order to `document`, which may be changed, and returns the result. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest("a JSON patch must be an array of operations");
  if (patch.length > operationsMax) {
    throw new StatusError(
      413,
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`,
    );
  }
  let root = document;
  for (const operation of patch) {
    if (!isRecord(operation) || typeof operation.op !== "string" || typeof operation.path !== "string") {
      throw badRequest('each operation of a JSON patch needs the texts "op" and "path"');
    }
    root = applyOperation(root, operation as unknown as Operation);
  }
  return root;
}

function applyOperation(root: unknown, operation: Operation): unknown {
  const path = pointer(operation.path);
  switch (operation.op) {
    case "add":
      return put(root, path, value(operation), operation, true);
    case "replace":
      find(root, path, operation);
      return put(root, path, value(operation), operation, false);
    case "remove":
      return remove(root, path, operation);
    case "move": {
      const from = pointer(operation.from);
      const moved = find(root, from, operation);
      // RFC 6902 §4.4: nothing can be moved into one of its children.
      if (operation.path.startsWith(`${operation.from}/`)) throw failed(operation, "cannot move into itself");
      return put(remove(root, from, operation), path, moved, operation, true);
    }
    case "copy":
      return put(
        root,
        path,
        structuredClone(find(root, pointer(operation.from), operation)),
        operation,
        true,
      );
    case "test":
      if (!isEqual(find(root, path, operation, true), operation.value)) {
        throw rejected(`testing value ${operation.path} failed: test failed`);
      }
      return root;
    default:
      throw badRequest(`unexpected kind of operation in a JSON patch: ${JSON.stringify(operation.op)}`);
  }
}

function value(operation: Operation): unknown {
  if (!("value" in operation)) throw badRequest(`operation "${operation.op}" of a JSON patch needs "value"`);
  // The patch may hold the same array twice; what goes into the document must be its own.
  return structuredClone(operation.value);
}

function find(root: unknown, path: readonly string[], operation: Operation, mayBeAbsent = false): unknown {
  let current = root;
  for (const token of path) {
    const next = child(current, token);
    if (next === undefined && !mayBeAbsent) throw failed(operation, "path does not exist");
    current = next;
  }
  return current;
}

function child(container: unknown, token: string): unknown {
  if (Array.isArray(container)) {
    const index = parseIndex(token);
    return index === undefined ? undefined : container[index];
  }
  return isRecord(container) && Object.hasOwn(container, token) ? container[token] : undefined;
}

function put(
  root: unknown,
  path: readonly string[],
  added: unknown,
  operation: Operation,
  isInsertion: boolean,
): unknown {
  const last = path.at(-1);
  if (last === undefined) return added;
  const parent = find(root, path.slice(0, -1), operation);
  if (Array.isArray(parent)) {
    const index = last === "-" && isInsertion ? parent.length : parseIndex(last);
    if (index === undefined || index > parent.length) throw failed(operation, `invalid index ${last}`);
    parent.splice(index, isInsertion ? 0 : 1, added);
  } else if (isRecord(parent)) {
    define(parent, last, added);
  } else throw failed(operation, "path does not exist");
  return root;
}

function remove(root: unknown, path: readonly string[], operation: Operation): unknown {
  const last = path.at(-1);
  if (last === undefined) throw failed(operation, "the whole document cannot be removed");
  find(root, path, operation);
  const parent = find(root, path.slice(0, -1), operation);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
  return root;
}

/** Sets an own field also for the name `__proto__`. */
function define(target: Record<string, unknown>, key: string, added: unknown): void {
  Object.defineProperty(target, key, { value: added, enumerable: true, configurable: true, writable: true });
}

function pointer(text: string | undefined): string[] {
  const tokens = text === undefined ? undefined : parsePointer(text);
  if (tokens === undefined) throw badRequest(`${JSON.stringify(text ?? "")} is not a JSON pointer`);
  return tokens;
}

function failed(operation: Operation, why: string): StatusError {
  return rejected(
    `${operation.op} operation does not apply: doc is missing path: "${operation.path}": ${why}`,
  );
}

/** The real server's answer to a patch that is well formed and does not fit the object. */
function rejected(why: string): StatusError {
  const causes = [{ reason: "UnexpectedServerResponse", message: why, field: "patch" }];
  const message = `the server rejected our request due to an error in our request: ${why}`;
  return new StatusError(422, "Invalid", message, { causes });
}
