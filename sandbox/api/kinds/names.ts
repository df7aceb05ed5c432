import { type FieldError, invalid, required, tooLong } from "../field_error.ts";

/** Says what is wrong with a name of the kind; undefined for a good one. */
export type NameRule = (name: string) => string | undefined;

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const qualifiedPattern = new RegExp(`^${qualified}$`);
const labelValuePattern = new RegExp(`^(${qualified})?$`);
/** apimachinery pkg/util/validation: all annotations of an object together. */
const annotationsBytesMax = 256 * 1024;

export const dnsSubdomain: NameRule = rule(
  `${label}(\\.${label})*`,
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
);

export const dnsLabel: NameRule = rule(
  label,
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
);

/** Service names become host names of old, so they start with a letter. */
export const dns1035Label: NameRule = rule(
  "[a-z]([-a-z0-9]*[a-z0-9])?",
  63,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
);

/** RBAC names may hold anything that fits one step of a URL's path, colons included. */
export const pathSegment: NameRule = (name) => {
  if (name === "." || name === "..") return `may not be '${name}'`;
  const found = ["/", "%"].find((character) => name.includes(character));
  return found && `may not contain '${found}'`;
};

function rule(pattern: string, charactersMax: number, otherwise: string): NameRule {
  const expression = new RegExp(`^${pattern}$`);
  return (name) => {
    if (name.length > charactersMax) return `must be no more than ${charactersMax} characters`;
    return expression.test(name) ? undefined : otherwise;
  };
}

/** What is wrong with names, labels, annotations and finalizers under `path`. */
export function validateMetadata(
  metadata: { name?: unknown; [field: string]: unknown },
  nameRule: NameRule,
  path = "metadata",
): FieldError[] {
  const errors: FieldError[] = [];
  const { name } = metadata;
  if (typeof name !== "string" || name === "") {
    errors.push(required(`${path}.name`, "name or generateName is required"));
  } else {
    const wrong = nameRule(name);
    if (wrong !== undefined) errors.push(invalid(`${path}.name`, name, wrong));
  }
  errors.push(...validateLabels(metadata.labels, `${path}.labels`));
  let annotationBytes = 0;
  for (const [key, value] of entries(metadata.annotations)) {
    annotationBytes += key.length + Buffer.byteLength(value);
    const wrong = qualifiedNameProblem(key.toLowerCase());
    if (wrong !== undefined) errors.push(invalid(`${path}.annotations`, key, wrong));
  }
  if (annotationBytes > annotationsBytesMax) errors.push(tooLong(`${path}.annotations`, annotationsBytesMax));
  for (const [index, finalizer] of list(metadata.finalizers).entries()) {
    const wrong = qualifiedNameProblem(String(finalizer));
    if (wrong !== undefined) errors.push(invalid(`${path}.finalizers[${index}]`, finalizer, wrong));
  }
  return errors;
}

export function validateLabels(labels: unknown, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of entries(labels)) {
    const wrong = qualifiedNameProblem(key);
    if (wrong !== undefined) errors.push(invalid(path, key, wrong));
    const wrongValue = labelValueProblem(value);
    if (wrongValue !== undefined) errors.push(invalid(path, value, wrongValue));
  }
  return errors;
}

/** `name` or `example.com/name`, as label and annotation keys are. */
export function qualifiedNameProblem(key: string): string | undefined {
  const [name = "", prefix, ...rest] = key.split("/").reverse();
  if (rest.length > 0) {
    return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
  }
  if (prefix === "") return "prefix part must be non-empty";
  const wrongPrefix = prefix === undefined ? undefined : dnsSubdomain(prefix);
  if (wrongPrefix !== undefined) return `prefix part ${wrongPrefix}`;
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return "name part must be no more than 63 characters";
  return qualifiedPattern.test(name)
    ? undefined
    : `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualified}')`;
}

function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return "must be no more than 63 characters";
  return labelValuePattern.test(value)
    ? undefined
    : `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${qualified})?')`;
}

function entries(value: unknown): [string, string][] {
  return typeof value === "object" && value !== null ? Object.entries(value as Record<string, string>) : [];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
