import type { ListOptions, ResourceType } from "./types.ts";

/** `/api/v1/namespaces/ns/services/web/status`: where an object, or without a name its collection, lives. */
export function resourcePath(
  resource: ResourceType,
  namespace?: string,
  name?: string,
  subresource?: string,
): string {
  const base = resource.group === "" ? "/api" : `/apis/${resource.group}`;
  const parts = [base, resource.version];
  if (resource.namespaced && namespace) parts.push("namespaces", encodeURIComponent(namespace));
  parts.push(resource.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource) parts.push(subresource);
  return parts.join("/");
}

/** The query of a list or watch; what is undefined is left out. */
export function listQuery(
  options: ListOptions,
  more: Record<string, string | number | undefined> = {},
): string {
  const query = new URLSearchParams();
  if (options.labelSelector) query.set("labelSelector", options.labelSelector);
  if (options.fieldSelector) query.set("fieldSelector", options.fieldSelector);
  for (const [name, value] of Object.entries(more)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
