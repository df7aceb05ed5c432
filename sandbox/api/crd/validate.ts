import type { KubeObject } from "#k8s/mod.ts";
import { validateRules } from "../cel/mod.ts";
import { duplicate, type FieldError, forbidden, invalid, required } from "../field_error.ts";
import { dns1035Label, dnsSubdomain } from "../kinds/mod.ts";
import type { Schema } from "../schema/mod.ts";
import { fieldNames, parseJsonPath } from "../table/mod.ts";
import { type DefinitionSpec, type DefinitionVersion, definitionSpec } from "./definition.ts";
import { withMetadata } from "./kinds_of.ts";

/** apiextensions/validation, as far as a definition could not be served otherwise. */
export function validateDefinition(definition: KubeObject): FieldError[] {
  const { group, names, versions, scope } = definitionSpec(definition);
  const errors: FieldError[] = [];
  const check = (field: string, value: string | undefined, wrong: string | undefined) => {
    if (!value) errors.push(required(field));
    else if (wrong !== undefined) errors.push(invalid(field, value, wrong));
  };
  check("spec.group", group, dnsSubdomain(group ?? ""));
  if (!scope) errors.push(required("spec.scope"));
  check("spec.names.plural", names?.plural, dns1035Label(names?.plural ?? ""));
  check("spec.names.kind", names?.kind, dns1035Label((names?.kind ?? "").toLowerCase()));
  const wanted = `${names?.plural}.${group}`;
  if (definition.metadata.name !== wanted) {
    const detail = 'must be spec.names.plural+"."+spec.group';
    errors.push(invalid("metadata.name", definition.metadata.name, detail));
  }
  if (!Array.isArray(versions) || versions.length === 0) {
    return [...errors, required("spec.versions", "must have at least one version")];
  }
  if (versions.filter((version) => version.storage).length !== 1) {
    errors.push(
      invalid("spec.versions", versions, "must have exactly one version marked as storage version"),
    );
  }
  errors.push(...validateConversion(definitionSpec(definition)));
  const seen = new Set<string>();
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    check(`${path}.name`, version.name, dns1035Label(version.name ?? ""));
    if (seen.has(version.name)) errors.push(duplicate(`${path}.name`, version.name));
    seen.add(version.name);
    errors.push(...validateVersion(version, path));
  }
  return errors;
}

function validateConversion({ conversion }: DefinitionSpec): FieldError[] {
  const { strategy, webhook } = conversion ?? {};
  const path = "spec.conversion.webhook";
  if (strategy !== "Webhook") {
    return webhook === undefined
      ? []
      : [forbidden(path, "should not be set when strategy is not set to Webhook")];
  }
  if (webhook?.clientConfig === undefined) {
    return [required(`${path}.clientConfig`, "required when strategy is set to Webhook")];
  }
  const errors: FieldError[] = [];
  const { url, service } = webhook.clientConfig;
  if ((url === undefined) === (service === undefined)) {
    errors.push(required(`${path}.clientConfig`, "exactly one of url or service is required"));
  }
  const versions = webhook.conversionReviewVersions ?? [];
  if (versions.length === 0) errors.push(required(`${path}.conversionReviewVersions`));
  else if (!versions.includes("v1")) {
    const detail = "must include at least one of v1";
    errors.push(invalid(`${path}.conversionReviewVersions`, versions, detail));
  }
  return errors;
}

function validateVersion(version: DefinitionVersion, path: string): FieldError[] {
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) {
    return [required(`${path}.schema.openAPIV3Schema`, "schemas are required")];
  }
  const schemaPath = `${path}.schema.openAPIV3Schema`;
  const errors = validateStructure(schema, schemaPath, true);
  // A rule is read by the types that the schema gives, so they must be right first.
  if (errors.length === 0) errors.push(...validateRules(withMetadata(schema), schemaPath));
  if (schema.type !== "object" && schema.type !== undefined) {
    errors.push(invalid(`${schemaPath}.type`, schema.type, "must be object at the root"));
  }
  for (const [index, column] of (version.additionalPrinterColumns ?? []).entries()) {
    const columnPath = `${path}.additionalPrinterColumns[${index}]`;
    if (!column.name) errors.push(required(`${columnPath}.name`));
    if (parseJsonPath(column.jsonPath ?? "") === undefined) {
      errors.push(
        invalid(`${columnPath}.jsonPath`, column.jsonPath, "must be a simple JSON path starting with ."),
      );
    }
  }
  const scale = version.subresources?.scale;
  for (const field of ["specReplicasPath", "statusReplicasPath"] as const) {
    if (scale !== undefined && fieldNames(scale[field] ?? "") === undefined) {
      const scalePath = `${path}.subresources.scale.${field}`;
      errors.push(invalid(scalePath, scale[field], "should be a json path under .spec or .status"));
    }
  }
  return errors;
}

/** A schema is structural where every field has a type, unless it says that it takes what comes (KEP-1111). */
function validateStructure(schema: Schema, path: string, isRoot = false): FieldError[] {
  const errors: FieldError[] = [];
  const takesAny =
    schema["x-kubernetes-int-or-string"] === true || schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (!schema.type && !takesAny) {
    const what = isRoot ? "the root" : "specified object fields";
    errors.push(required(`${path}.type`, `must not be empty for ${what}`));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...validateStructure(property, `${path}.properties[${name}]`));
  }
  if (schema.type === "array") {
    if (schema.items === undefined) errors.push(required(`${path}.items`, "must be specified"));
    else errors.push(...validateStructure(schema.items, `${path}.items`));
  }
  if (typeof schema.additionalProperties === "object") {
    errors.push(...validateStructure(schema.additionalProperties, `${path}.additionalProperties`));
  }
  if (schema["x-kubernetes-list-type"] === "map" && !schema["x-kubernetes-list-map-keys"]?.length) {
    errors.push(
      required(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map"),
    );
  }
  return errors;
}
