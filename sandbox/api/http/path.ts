/** What a URL's path names in the tree of resources (kubernetes.io "API Concepts", Resource URIs). */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** Absent where the path names the group and version only. */
  readonly plural?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Subresources of a namespace, which stand where another kind's plural name stands in other paths. */
const namespaceSubresources: ReadonlySet<string> = new Set(["status", "finalize"]);

/** Reads `/api/v1/…` and `/apis/group/version/…`; undefined for any other path. */
export function parseResourcePath(pathname: string): ResourcePath | undefined {
  const steps = pathname.split("/").slice(1).map(decode);
  if (steps.at(-1) === "") steps.pop();
  if (steps.some((step) => step === undefined || step === "")) return undefined;
  const [root, ...rest] = steps as string[];
  if (root !== "api" && root !== "apis") return undefined;
  const group = root === "api" ? "" : rest.shift();
  const version = rest.shift();
  if (group === undefined || version === undefined) return undefined;
  const base = { group, version };
  if (rest.length === 0) return base;

  const [first = "", second, third, ...more] = rest;
  const isInNamespace =
    first === "namespaces" &&
    second !== undefined &&
    third !== undefined &&
    !namespaceSubresources.has(third);
  if (!isInNamespace) {
    if (more.length > 0) return undefined;
    return { ...base, plural: first, ...optional("name", second), ...optional("subresource", third) };
  }
  const [name, subresource, ...tooMuch] = more;
  if (tooMuch.length > 0) return undefined;
  return {
    ...base,
    plural: third,
    namespace: second,
    ...optional("name", name),
    ...optional("subresource", subresource),
  };
}

function decode(step: string): string | undefined {
  if (!step.includes("%")) return step;
  try {
    return decodeURIComponent(step);
  } catch {
    return undefined;
  }
}

function optional(key: "name" | "subresource", value: string | undefined) {
  return value === undefined ? {} : { [key]: value };
}
