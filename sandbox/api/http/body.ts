import { parse as parseYaml } from "yaml";
import type { PatchKind } from "../operations/mod.ts";
import { decodeProtobuf } from "../protobuf/mod.ts";
import type { Schema } from "../schema/mod.ts";
import { badRequest, tooLarge, unsupportedMediaType } from "../status_error.ts";

/** What a real server takes by default. */
const bodyBytesMax = 3 * 1024 * 1024;

const patchTypes: Readonly<Record<string, PatchKind>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};

const protobuf = "application/vnd.kubernetes.protobuf";

/** The object in the body of a POST, PUT or DELETE; undefined for an empty body. `schema` is what protobuf is read by. */
export async function readObject(request: Request, schema: Schema): Promise<unknown> {
  const type = mediaType(request);
  if (type === protobuf) {
    const bytes = await request.bytes();
    if (bytes.length > bodyBytesMax) throw tooLarge(bodyBytesMax);
    return bytes.length === 0 ? undefined : decodeProtobuf(bytes, schema);
  }
  if (type !== "" && type !== "application/json" && type !== "application/yaml") {
    if (hasBody(request)) throw unsupportedMediaType(["application/json", "application/yaml", protobuf]);
    return undefined;
  }
  const text = await readText(request);
  if (text === "") return undefined;
  return type === "application/yaml" ? fromYaml(text) : fromJson(text);
}

export async function readPatch(request: Request): Promise<{ kind: PatchKind; patch: unknown }> {
  const kind = patchTypes[mediaType(request)];
  if (kind === undefined) throw unsupportedMediaType(Object.keys(patchTypes));
  const text = await readText(request);
  // Every JSON text is a YAML text, and clients mostly send JSON: the quick way first.
  const isJson = kind !== "apply" || text.trimStart().startsWith("{");
  return { kind, patch: isJson ? fromJson(text) : fromYaml(text) };
}

function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function hasBody(request: Request): boolean {
  return request.body !== null && request.headers.get("content-length") !== "0";
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > bodyBytesMax) throw tooLarge(bodyBytesMax);
  const text = await request.text();
  if (text.length > bodyBytesMax) throw tooLarge(bodyBytesMax);
  return text;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body of the request is not valid JSON: ${(error as Error).message}`);
  }
}

function fromYaml(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw badRequest(`the body of the request is not valid YAML: ${(error as Error).message}`);
  }
}
