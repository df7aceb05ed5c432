import type { KubeObject } from "#k8s/mod.ts";
import { clientConfigOf } from "../admission/mod.ts";
import { dnsSubdomain, type Kind, plainColumns, type ScalePaths, type Strategy } from "../kinds/mod.ts";
import { builtInSchema, type Schema } from "../schema/mod.ts";
import type { SelectableFields } from "../selectors/mod.ts";
import { type Column, fieldNames, parseJsonPath, printerColumn } from "../table/mod.ts";
import { collectionOf, type DefinitionSpec, type DefinitionVersion, definitionSpec } from "./definition.ts";
import { RemoteConversion } from "./remote_conversion.ts";

/** A custom kind does nothing beside what its schema says. */
const strategy: Strategy = {};

/** The kinds that a CustomResourceDefinition serves, one per served version. */
export function kindsOf(definition: KubeObject): Kind[] {
  const spec = definitionSpec(definition);
  const { names, group } = spec;
  const stored = spec.versions.find((version) => version.storage)?.name ?? "";
  return spec.versions
    .filter((version) => version.served)
    .map((version) => ({
      group,
      version: version.name,
      kind: names.kind,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      listKind: names.listKind ?? `${names.kind}List`,
      namespaced: spec.scope === "Namespaced",
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      collection: collectionOf(spec),
      storedApiVersion: `${group}/${stored}`,
      ...conversionOf(spec, version.name, stored),
      isCustom: true,
      schema: completeSchema(version.schema?.openAPIV3Schema ?? {}, names.kind),
      columns: columnsOf(version),
      selectableFields: selectableFieldsOf(version),
      nameRule: dnsSubdomain,
      hasStatus: version.subresources?.status !== undefined,
      hasGeneration: true,
      scale: scaleOf(version),
      strategy,
      deprecation: deprecationOf(version, group, names.kind),
    }));
}

function completeSchema(schema: Schema, kind: string): Schema {
  return { ...withMetadata(schema), description: schema.description ?? `${kind} is a custom resource.` };
}

/** Strategy None changes the apiVersion alone, which needs nothing said. */
function conversionOf(
  { group, conversion }: DefinitionSpec,
  served: string,
  stored: string,
): Pick<Kind, "conversion"> {
  if (conversion?.strategy !== "Webhook" || served === stored) return {};
  const clientConfig = clientConfigOf(conversion.webhook?.clientConfig ?? {});
  return { conversion: new RemoteConversion(clientConfig, `${group}/${served}`, `${group}/${stored}`) };
}

/** Every object has the three fields that no definition needs to describe. */
export function withMetadata(schema: Schema): Schema {
  const text: Schema = { type: "string" };
  return {
    ...schema,
    type: "object",
    properties: {
      ...schema.properties,
      apiVersion: schema.properties?.apiVersion ?? text,
      kind: schema.properties?.kind ?? text,
      metadata: { ...builtInSchema("V1ObjectMeta"), description: "Standard object's metadata." },
    },
  };
}

function columnsOf({ additionalPrinterColumns }: DefinitionVersion): readonly Column[] {
  if (additionalPrinterColumns === undefined || additionalPrinterColumns.length === 0) return plainColumns;
  return [...plainColumns.slice(0, 1), ...additionalPrinterColumns.map(printerColumn)];
}

function deprecationOf(version: DefinitionVersion, group: string, kind: string): string | undefined {
  if (version.deprecated !== true) return undefined;
  return version.deprecationWarning ?? `${group}/${version.name} ${kind} is deprecated`;
}

function selectableFieldsOf({ selectableFields }: DefinitionVersion): SelectableFields {
  return Object.fromEntries(
    (selectableFields ?? []).map(({ jsonPath }) => {
      const path = parseJsonPath(jsonPath);
      return [jsonPath.replace(/^\./, ""), (object: unknown) => String(path?.(object)[0] ?? "")];
    }),
  );
}

function scaleOf({ subresources }: DefinitionVersion): ScalePaths | undefined {
  const declared = subresources?.scale;
  const specReplicas = declared && fieldNames(declared.specReplicasPath);
  const statusReplicas = declared && fieldNames(declared.statusReplicasPath);
  if (specReplicas === undefined || statusReplicas === undefined) return undefined;
  const selector = declared?.labelSelectorPath ? fieldNames(declared.labelSelectorPath) : undefined;
  return { specReplicas, statusReplicas, selector };
}
