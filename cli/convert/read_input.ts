import { parseDocument } from "yaml";
import { isObject, type OldObject } from "./fields.ts";
import { sectionNames } from "./sections.ts";
import type { TextKey } from "./texts.ts";

/** The old configuration, and the namespace of the ConfigMap that it stood in. */
export interface OldConfig {
  readonly config: OldObject;
  readonly namespace?: string;
}

export interface InputTrouble {
  readonly code: Extract<TextKey, `input.${string}`>;
  readonly values: Readonly<Record<string, string | number>>;
}

/**
 * Finds the configuration in a ConfigMap (`kubectl get configmap -o yaml` or `-o json`), in a list of them, or in a text
 * that is the configuration itself, as it stood in Helm's `configInline`.
 */
export function readInput(text: string): OldConfig | InputTrouble {
  const root = parseTexts(text);
  if (root instanceof Malformed || !isObject(root)) return trouble(root);
  if (root.apiVersion === undefined || root.kind === undefined) return bare(root);
  if (root.kind === "ConfigMap") return ofConfigMap(root);
  if (!String(root.kind).endsWith("List")) {
    return { code: "input.objects", values: { kind: String(root.kind) } };
  }
  const items = Array.isArray(root.items) ? root.items.filter(isObject) : [];
  const found = items.filter((item) => isObject(item.data) && item.data.config !== undefined);
  const [only, ...more] = found;
  if (!only) return { code: "input.no-config-key", values: {} };
  if (more.length === 0) return ofConfigMap(only);
  return { code: "input.several", values: { count: found.length, names: found.map(nameOf).join(", ") } };
}

function ofConfigMap(map: OldObject): OldConfig | InputTrouble {
  const config = isObject(map.data) ? map.data.config : undefined;
  if (typeof config !== "string") return { code: "input.no-config-key", values: {} };
  const root = parseTexts(config);
  if (root instanceof Malformed || !isObject(root)) return trouble(root);
  const { namespace } = isObject(map.metadata) ? map.metadata : {};
  return { config: root, ...(typeof namespace === "string" && namespace !== "" && { namespace }) };
}

function bare(root: OldObject): OldConfig | InputTrouble {
  if (sectionNames.some((name) => name in root)) return { config: root };
  return { code: "input.other", values: { known: sectionNames.join(", ") } };
}

class Malformed {
  constructor(readonly detail: string) {}
}

/** YAML with every scalar as it was written, so that a password of digits and a community `1:20` stay texts. */
function parseTexts(text: string): unknown {
  const document = parseDocument(text, { schema: "failsafe", merge: true });
  const [error] = document.errors;
  return error ? new Malformed(error.message.split("\n")[0] ?? "") : document.toJS();
}

function trouble(root: unknown): InputTrouble {
  if (root instanceof Malformed) return { code: "input.malformed", values: { detail: root.detail } };
  if (root === null || root === undefined || root === "") return { code: "input.empty", values: {} };
  return { code: "input.other", values: { known: sectionNames.join(", ") } };
}

function nameOf(object: OldObject): string {
  return isObject(object.metadata) ? String(object.metadata.name) : "?";
}
