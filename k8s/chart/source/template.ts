import type { Document } from "yaml";

/** A line for whoever opens a made file. */
export function madeFrom(path: string): string {
  return `{{- /* Made of ${path} by k8s/chart/build.ts: change that, and run "bun run rendered". */ -}}\n`;
}

const labels = '{{- include "metallb.labels" . | nindent 4 }}';

/** `metadata` with the chart's labels; of what belongs to one part, also with that part's. */
export function metadata(name: string, isNamespaced: boolean, component?: string): string {
  return [
    "metadata:",
    `  name: ${name}`,
    ...(isNamespaced ? ["  namespace: {{ .Release.Namespace | quote }}"] : []),
    "  labels:",
    `    ${labels}`,
    ...(component ? [`    app.kubernetes.io/component: ${component}`] : []),
  ].join("\n");
}

/** One of the document's top-level fields with its comments, as YAML. */
export function field(document: Document, key: string): string {
  const node = document.get(key, true);
  const only = document.clone() as Document;
  only.contents = only.createNode({});
  only.commentBefore = null;
  only.set(key, node);
  return only.toString({ lineWidth: 0, flowCollectionPadding: false, directives: false }).trimEnd();
}

/** What is left of a text after its comment lines at the top. */
export function withoutHeader(text: string): string {
  return text.replace(/^(#.*\n)+/, "");
}

/** Words of Helm's within the source would be taken for the template's. */
export function refuseTemplates(text: string, path: string): void {
  if (text.includes("{{")) throw new Error(`${path} holds "{{", which Helm would take for an action`);
}
