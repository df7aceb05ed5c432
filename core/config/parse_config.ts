import type { Config, ConfigIssue, ConfigResources, Resource } from "./types.ts";

/** Signatures, so that drivers can be written against them; the bodies follow. */
export declare function parseConfig(
  resources: ConfigResources,
  previous?: Config,
): { config: Config; issues: ConfigIssue[] };

export declare function validateResource(resource: Resource, others: ConfigResources): ConfigIssue[];

export declare function validateRemoval(resource: Resource, others: ConfigResources): ConfigIssue[];
