/**
 * What is served: a row per kind with its schema, columns and ways, and the registry of all of them.
 *
 * ```ts
 * const registry = new Registry();
 * registry.add(builtInKinds({ serviceAllocator, customResourceDefinitions }));
 * registry.find("", "v1", "services")?.kind; // "Service"
 * ```
 */
export { builtInKinds } from "./built_in.ts";
export { plainColumns } from "./columns/others.ts";
export { apiVersionOf, type Kind, type ScalePaths, type Strategy } from "./kind.ts";
export { dns1035Label, dnsSubdomain, type NameRule, validateMetadata } from "./names.ts";
export { compareVersions, Registry } from "./registry.ts";
export { holdingsOf, ServiceAllocator } from "./service/mod.ts";
