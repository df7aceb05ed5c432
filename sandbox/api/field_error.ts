/**
 * What is wrong with one field of an object, in the words of a Kubernetes API server
 * (apimachinery `pkg/util/validation/field`): kubectl prints these as they are.
 */
export interface FieldError {
  /** Reason of the cause in the Status object, such as `FieldValueRequired`. */
  readonly reason: string;
  /** Path such as `spec.ports[0].port`; empty for the whole object. */
  readonly field: string;
  /** Without the path. */
  readonly message: string;
}

export function required(field: string, detail = ""): FieldError {
  return { reason: "FieldValueRequired", field, message: withDetail("Required value", detail) };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return {
    reason: "FieldValueInvalid",
    field,
    message: withDetail(`Invalid value: ${quoted(value)}`, detail),
  };
}

/** A value of the wrong JSON type; `value` is the name of the type that was found. */
export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return {
    reason: "FieldValueTypeInvalid",
    field,
    message: withDetail(`Invalid value: ${quoted(value)}`, detail),
  };
}

export function notSupported(field: string, value: unknown, supported: readonly unknown[]): FieldError {
  const list = supported.map(quoted).join(", ");
  return {
    reason: "FieldValueNotSupported",
    field,
    message: `Unsupported value: ${quoted(value)}: supported values: ${list}`,
  };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: "FieldValueDuplicate", field, message: `Duplicate value: ${quoted(value)}` };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: "FieldValueForbidden", field, message: withDetail("Forbidden", detail) };
}

export function tooLong(field: string, maxBytes: number): FieldError {
  return {
    reason: "FieldValueTooLong",
    field,
    message: `Too long: may not be more than ${maxBytes} bytes`,
  };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  return {
    reason: "FieldValueTooMany",
    field,
    message: `Too many: ${actual}: must have at most ${max} items`,
  };
}

/** `path: message`, as kubectl shows it. */
export function fieldErrorText({ field, message }: FieldError): string {
  return field === "" ? message : `${field}: ${message}`;
}

function withDetail(text: string, detail: string): string {
  return detail === "" ? text : `${text}: ${detail}`;
}

function quoted(value: unknown): string {
  if (value === undefined) return "null";
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
