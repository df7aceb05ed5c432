/**
 * Custom resources of the API group metallb.io, parsed: a {@link Config}, and a list of what was rejected and why.
 *
 * `parseConfig(resources, previous?)` gives `{ config, issues }`. A rejected object stands in the issues and leaves
 * the others alone; where `previous` holds its last accepted version, that one stays in force.
 * `validateResource(resource, others)` and `validateRemoval` are the same code for the admission of one object.
 */
export { parseConfig, validateRemoval, validateResource } from "./parse_config.ts";
export { matchesAnySelector, matchesSelector } from "./selector.ts";
export type * from "./types.ts";
