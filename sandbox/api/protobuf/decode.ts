import type { Schema } from "../schema/mod.ts";
import { badRequest, StatusError } from "../status_error.ts";
import { wireFields } from "./field_numbers.ts";
import { readFields, type WireValue } from "./wire.ts";

/** Every protobuf body of the Kubernetes API begins with these: "k8s" and a zero. */
const magic = [0x6b, 0x38, 0x73, 0x00];
const text = new TextDecoder("utf-8", { fatal: true });

/**
 * The JSON form of a protobuf body (`runtime.Unknown` around a message of the type that `schema` describes): what
 * client-go's typed clients and `kubectl create` send.
 */
export function decodeProtobuf(bytes: Uint8Array, schema: Schema): Record<string, unknown> {
  if (!magic.every((byte, index) => bytes[index] === byte)) {
    throw badRequest('the protobuf body does not begin with "k8s" and a zero byte');
  }
  const type: Record<string, unknown> = {};
  let raw: Uint8Array = new Uint8Array();
  for (const { number, value } of readFields(bytes.subarray(magic.length))) {
    if (number === 1) {
      for (const field of readFields(bytesOf(value))) {
        type[field.number === 1 ? "apiVersion" : "kind"] = textOf(field.value);
      }
    } else if (number === 2) raw = bytesOf(value);
    else if (number === 3 && bytesOf(value).length > 0) {
      throw unsupported(`the content encoding "${textOf(value)}"`);
    }
  }
  return { ...type, ...decodeMessage(raw, schema) };
}

function decodeMessage(bytes: Uint8Array, schema: Schema): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  if (bytes.length === 0) return result;
  const typeName = schema.typeName ?? "";
  const fields = wireFields.get(typeName);
  if (fields === undefined) throw unsupported(`the type ${typeName}`);
  for (const { number, value } of readFields(bytes)) {
    const field = fields.get(number);
    const fieldSchema = field && schema.properties?.[field.name];
    if (field === undefined || fieldSchema === undefined) throw unsupported(`field ${number} of ${typeName}`);
    const decoded = decodeField(value, fieldSchema, result[field.name]);
    const isUnset = decoded === "" || decoded === 0 || decoded === false || decoded === undefined;
    if (!isUnset || (field.isPointer && decoded !== undefined)) result[field.name] = decoded;
  }
  return result;
}

/** `before` is what earlier occurrences of the field have given: lists and maps come one element at a time. */
function decodeField(value: WireValue["value"], schema: Schema, before: unknown): unknown {
  if (schema.type === "array") {
    const items = Array.isArray(before) ? before : [];
    return [...items, decodeValue(value, schema.items ?? {})];
  }
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    const entry = [...readFields(bytesOf(value))];
    const key = entry.find(({ number }) => number === 1)?.value ?? new Uint8Array();
    const content = entry.find(({ number }) => number === 2)?.value ?? new Uint8Array();
    return {
      ...(before as Record<string, unknown>),
      [textOf(key)]: decodeValue(content, schema.additionalProperties),
    };
  }
  return decodeValue(value, schema);
}

function decodeValue(value: WireValue["value"], schema: Schema): unknown {
  if (schema.format === "quantity") return partsOf(value).map((part) => textOf(part.value))[0] ?? "0";
  if (schema["x-kubernetes-int-or-string"] === true) return intOrString(value);
  if (schema.format === "date-time") return timeOf(value);
  switch (schema.type) {
    case "array":
      // A list within a map is a message of its own, with the list as its one field (`ExtraValue`).
      return partsOf(value).map((part) => decodeValue(part.value, schema.items ?? {}));
    case "object":
      return decodeMessage(bytesOf(value), schema);
    case "boolean":
      return numberOf(value) !== 0;
    case "integer":
      return numberOf(value);
    case "string":
      return schema.format === "byte" ? Buffer.from(bytesOf(value)).toString("base64") : textOf(value);
    default:
      throw unsupported(`a field of type ${schema.type ?? "any"}`);
  }
}

/** `{1: 0 for a number, 2: the number, 3: the text}`. */
function intOrString(value: WireValue["value"]): number | string {
  const parts = partsOf(value);
  const part = (number: number) => parts.find((each) => each.number === number)?.value;
  const isText = numberOf(part(1) ?? 0n) === 1;
  return isText ? textOf(part(3) ?? new Uint8Array()) : numberOf(part(2) ?? 0n);
}

/** `{1: seconds, 2: nanoseconds}`; the empty message is the zero time, which is none. */
function timeOf(value: WireValue["value"]): string | undefined {
  const parts = partsOf(value);
  const seconds = parts.find((each) => each.number === 1)?.value;
  if (seconds === undefined) return undefined;
  const nanoseconds = numberOf(parts.find((each) => each.number === 2)?.value ?? 0n);
  const whole = new Date(numberOf(seconds) * 1_000).toISOString().slice(0, 19);
  const micros = Math.floor(nanoseconds / 1_000);
  return micros === 0 ? `${whole}Z` : `${whole}.${String(micros).padStart(6, "0")}Z`;
}

function partsOf(value: WireValue["value"]): WireValue[] {
  return [...readFields(bytesOf(value))];
}

function bytesOf(value: WireValue["value"]): Uint8Array {
  if (typeof value !== "bigint") return value;
  throw badRequest("the protobuf body has a number where a text or a message belongs");
}

function textOf(value: WireValue["value"]): string {
  try {
    return text.decode(bytesOf(value));
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest("the protobuf body has a text that is not UTF-8");
  }
}

/** Negative numbers travel as their 64-bit two's complement. */
function numberOf(value: WireValue["value"]): number {
  if (typeof value === "bigint") return Number(BigInt.asIntN(64, value));
  throw badRequest("the protobuf body has bytes where a number belongs");
}

function unsupported(what: string): StatusError {
  const message = `this server does not read ${what} in protobuf; send application/json`;
  return new StatusError(415, "UnsupportedMediaType", message);
}
