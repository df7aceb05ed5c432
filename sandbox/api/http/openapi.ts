import type { Kind, Registry } from "../kinds/mod.ts";
import type { ReviewKind } from "../reviews/mod.ts";
import { builtInSchema, goName, type Schema } from "../schema/mod.ts";

type Json = Record<string, unknown>;

const intOrString = "io.k8s.IntOrString";
/** Fields of a schema that mean something only inside this server. */
const internalFields: ReadonlySet<string> = new Set(["typeName", "mustBeSet"]);

interface Document {
  readonly json: string;
  /** Another one for other contents. */
  readonly hash: string;
}

/** OpenAPI v3, as far as kubectl reads it: schemas for `explain`, parameters that tell what the server checks. */
export class OpenApi {
  readonly #registry: Registry;
  readonly #reviews: readonly ReviewKind[];
  readonly #documents = new Map<string, Document & { generation: number }>();

  constructor(registry: Registry, reviews: readonly ReviewKind[]) {
    this.#registry = registry;
    this.#reviews = reviews;
  }

  /** `/openapi/v3`: where each group and version is described. The hash lets clients keep what they have. */
  index(): Document {
    const paths: Record<string, Json> = {};
    for (const { group, version } of [...this.#registry.all(), ...this.#reviews]) {
      const path = group === "" ? `api/${version}` : `apis/${group}/${version}`;
      if (paths[path] !== undefined) continue;
      const { hash } = this.#document(group, version);
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
    return hashed(JSON.stringify({ paths }));
  }

  /** `/openapi/v3/api/v1`, `/openapi/v3/apis/<group>/<version>`; undefined for one that is not served. */
  document(group: string, version: string): Document | undefined {
    const isServed = [...this.#registry.all(), ...this.#reviews].some(
      (kind) => kind.group === group && kind.version === version,
    );
    return isServed ? this.#document(group, version) : undefined;
  }

  #document(group: string, version: string): Document {
    const key = `${group}/${version}`;
    const known = this.#documents.get(key);
    if (known?.generation === this.#registry.generation) return known;
    const components = new Components();
    const paths: Json = {};
    for (const kind of this.#registry.all()) {
      if (kind.group !== group || kind.version !== version) continue;
      components.addKind(kind);
      addPaths(paths, kind);
    }
    for (const review of this.#reviews) {
      if (review.group !== group || review.version !== version) continue;
      components.addKind(review);
      // kubectl looks at a kind's PATCH alone for whether the server checks fields; without it `kubectl create -f` of a
      // review would ask for OpenAPI v2, which is not served. The PATCH itself is answered with 405.
      paths[basePath(review)] = { post: operation(review, "post"), patch: operation(review, "patch") };
    }
    const json = JSON.stringify({
      openapi: "3.0.0",
      info: { title: "Kubernetes", version: "unversioned" },
      paths,
      components: { schemas: components.schemas },
    });
    const made = { generation: this.#registry.generation, ...hashed(json) };
    this.#documents.set(key, made);
    return made;
  }
}

function hashed(json: string): Document {
  return { json, hash: Bun.hash(json).toString(16).toUpperCase() };
}

/** Named schemas; a type that is met is written once and referred to. */
class Components {
  readonly schemas: Record<string, Json> = {};

  addKind(kind: Pick<Kind, "group" | "version" | "kind" | "schema">): void {
    const name = componentName(kind);
    const { group, version } = kind;
    this.schemas[name] = {
      ...this.#write(kind.schema, true),
      "x-kubernetes-group-version-kind": [{ group, version, kind: kind.kind }],
    };
  }

  #write(schema: Schema, isDefinition = false): Json {
    if (schema.typeName !== undefined && !isDefinition) return this.#reference(schema, schema.typeName);
    if (schema["x-kubernetes-int-or-string"] === true && schema.type === undefined) {
      this.schemas[intOrString] ??= {
        oneOf: [{ type: "integer" }, { type: "string" }],
        format: "int-or-string",
      };
      return refer(intOrString, schema.description, schema.default);
    }
    const result: Json = {};
    for (const [key, value] of Object.entries(schema)) if (!internalFields.has(key)) result[key] = value;
    if (schema.required?.length === 0) delete result.required;
    if (schema.properties !== undefined) {
      const entries = Object.entries(schema.properties);
      result.properties = Object.fromEntries(entries.map(([key, value]) => [key, this.#write(value)]));
    }
    if (typeof schema.additionalProperties === "object") {
      result.additionalProperties = this.#write(schema.additionalProperties);
    }
    if (schema.items !== undefined) result.items = this.#write(schema.items);
    // kubectl takes a schema without a type for a broken one; "object" is what a real server publishes for raw JSON.
    if (schema["x-kubernetes-preserve-unknown-fields"] === true && schema.type === undefined) {
      result.type = "object";
    }
    return result;
  }

  #reference(field: Schema, typeName: string): Json {
    const name = publishedName(typeName);
    if (this.schemas[name] === undefined) {
      // Placed before it is written, for types that contain themselves.
      const definition: Json = {};
      this.schemas[name] = definition;
      Object.assign(definition, this.#write(builtInSchema(typeName), true));
    }
    // What the type says of itself stands with the type.
    const isOwn = field.description === builtInSchema(typeName).description;
    return refer(name, isOwn ? undefined : field.description, field.default);
  }
}

function refer(name: string, description: string | undefined, value: unknown): Json {
  const reference = { $ref: `#/components/schemas/${name}` };
  if (description === undefined && value === undefined) return reference;
  return {
    allOf: [reference],
    ...(description === undefined ? {} : { description }),
    ...(value === undefined ? {} : { default: value }),
  };
}

/** `V1ServiceSpec` -> `io.k8s.api.v1.ServiceSpec`, `CoreV1Event` -> `io.k8s.core.v1.Event`; explain shows the last part. */
function publishedName(typeName: string): string {
  const group = /^([A-Z][a-z]+)V1/.exec(typeName)?.[1] ?? "api";
  return `io.k8s.${group.toLowerCase()}.v1.${goName(typeName)}`;
}

function componentName({ group, version, kind }: { group: string; version: string; kind: string }): string {
  const domain = group === "" ? "io.k8s.api.core" : group.split(".").reverse().join(".");
  return `${domain}.${version}.${kind}`;
}

function basePath(kind: { group: string; version: string; plural: string; namespaced: boolean }): string {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  return `${root}${kind.namespaced ? "/namespaces/{namespace}" : ""}/${kind.plural}`;
}

function addPaths(paths: Json, kind: Kind): void {
  const path = basePath(kind);
  paths[path] = { get: operation(kind, "list"), post: operation(kind, "post") };
  paths[`${path}/{name}`] = {
    get: operation(kind, "get"),
    put: operation(kind, "put"),
    patch: operation(kind, "patch"),
    delete: operation(kind, "delete"),
  };
}

type OperationOwner = Pick<Kind, "group" | "version" | "kind">;

function operation({ group, version, kind }: OperationOwner, action: string): Json {
  const parameter = (name: string) => ({ name, in: "query", schema: { type: "string", uniqueItems: true } });
  const isWrite = ["post", "put", "patch"].includes(action);
  const name = componentName({ group, version, kind });
  const content = { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } };
  return {
    parameters: isWrite ? ["dryRun", "fieldManager", "fieldValidation"].map(parameter) : [],
    responses: { "200": { description: "OK", ...(action === "list" ? {} : { content }) } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group, version, kind },
  };
}
