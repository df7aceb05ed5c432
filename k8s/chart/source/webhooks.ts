import { type Document, parseAllDocuments } from "yaml";
import { field, madeFrom, metadata, refuseTemplates } from "./template.ts";

const path = "k8s/manifests/base/webhook.yaml";

/** The Service, the Secret and the configuration of the webhooks. Their names are MetalLB's in every release. */
export function webhookTemplate(text: string): string {
  refuseTemplates(text, path);
  const parts = parseAllDocuments(text).map((document) => part(document as Document));
  return `${madeFrom(path)}{{- if include "metallb.hasWebhooks" . }}\n${parts.join("\n---\n")}\n{{- end }}\n`;
}

function part(document: Document): string {
  const kind = String(document.get("kind"));
  const name = String(document.getIn(["metadata", "name"]));
  const isNamespaced = kind !== "ValidatingWebhookConfiguration";
  return [
    `apiVersion: ${document.get("apiVersion")}`,
    `kind: ${kind}`,
    metadata(name, isNamespaced, "controller"),
    ...(kind === "Service" ? [service(document)] : []),
    ...(kind === "ValidatingWebhookConfiguration" ? [configuration(document)] : []),
  ].join("\n");
}

/** By instance and component, so that no other Pod of the namespace is asked. */
function service(document: Document): string {
  const copy = document.clone() as Document;
  copy.deleteIn(["spec", "selector"]);
  const selector = [
    "  selector:",
    '    {{- include "metallb.selectorLabels" . | nindent 4 }}',
    "    app.kubernetes.io/component: controller",
  ].join("\n");
  return `${field(copy, "spec")}\n${selector}`;
}

function configuration(document: Document): string {
  const policies = /failurePolicy: Ignore/g;
  const namespaces = /namespace: metallb-system/g;
  const text = field(document, "webhooks");
  if (!policies.test(text) || !namespaces.test(text))
    throw new Error(`${path}: the webhooks have no failurePolicy or no namespace`);
  return text
    .replace(policies, "failurePolicy: {{ .Values.crds.validationFailurePolicy }}")
    .replace(namespaces, "namespace: {{ .Release.Namespace | quote }}");
}
