import { type Document, parseAllDocuments } from "yaml";
import { field, madeFrom, metadata, refuseTemplates } from "./template.ts";

const path = "k8s/manifests/base/rbac.yaml";

/** Roles and bindings with the manifests' rules word for word; accounts stand in a template of their own. */
export function rightsTemplate(text: string): string {
  refuseTemplates(text, path);
  const documents = parseAllDocuments(text).filter((document) => document.get("kind") !== "ServiceAccount");
  return [
    madeFrom(path).trimEnd(),
    "{{- if .Values.rbac.create }}",
    ...["controller", "speaker"].map((component) => {
      const own = documents.filter((document) => componentOf(document) === component);
      const parts = own.map((document) => part(document as Document, component));
      return `{{- if .Values.${component}.enabled }}\n${parts.join("\n---\n")}\n---\n{{- end }}`;
    }),
    "{{- end }}",
    "",
  ].join("\n");
}

/** `metallb-system:speaker` and `speaker` are the speaker's. */
function componentOf(document: Pick<Document, "getIn">): string {
  return (
    String(document.getIn(["metadata", "name"]))
      .split(":")
      .at(-1) ?? ""
  );
}

function part(document: Document, component: string): string {
  const kind = String(document.get("kind"));
  const isCluster = kind.startsWith("Cluster");
  const fullname = '{{ include "metallb.fullname" . }}';
  const name = isCluster ? `"${fullname}:${component}"` : `${fullname}-${component}`;
  const head = [
    `apiVersion: ${document.get("apiVersion")}`,
    `kind: ${kind}`,
    metadata(name, !isCluster, component),
  ];
  // The one object among those that rules name whose name is the release's.
  const rules = () =>
    field(document, "rules").replace(
      "resourceNames: [controller]",
      `resourceNames: ["${fullname}-controller"]`,
    );
  if (!kind.endsWith("Binding")) return [...head, rules()].join("\n");
  return [
    ...head,
    "roleRef:",
    "  apiGroup: rbac.authorization.k8s.io",
    `  kind: ${kind.replace("Binding", "")}`,
    `  name: ${name}`,
    "subjects:",
    "  - kind: ServiceAccount",
    `    name: {{ include "metallb.${component}.serviceAccountName" . }}`,
    "    namespace: {{ .Release.Namespace | quote }}",
  ].join("\n");
}
