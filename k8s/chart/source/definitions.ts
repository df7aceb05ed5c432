import { madeFrom, refuseTemplates, withoutHeader } from "./template.ts";

const conversion = `  conversion:
    {{- if include "metallb.hasWebhooks" . }}
    strategy: Webhook
    webhook:
      conversionReviewVersions: [v1]
      clientConfig:
        service: { name: metallb-webhook-service, namespace: {{ .Release.Namespace | quote }}, path: /convert }
    {{- else }}
    strategy: None
    {{- end }}
`;

/**
 * A definition as it is, but for labels and conversion. It must ask Helm to keep it (helm.sh/resource-policy): a
 * definition that Helm deletes takes every pool with it.
 */
export function definitionTemplate(text: string, path: string): string {
  refuseTemplates(text, path);
  const body = withoutHeader(text)
    .replace(
      /^ {2}labels:\n {4}app: metallb\n/m,
      '  labels:\n    {{- include "metallb.labels" . | nindent 4 }}\n',
    )
    .replace(/^ {2}conversion:\n {4}strategy: None\n/m, conversion);
  for (const wanted of ["helm.sh/resource-policy: keep", 'include "metallb.labels"'])
    if (!body.includes(wanted)) throw new Error(`${path} gives a template without ${wanted}`);
  return `${madeFrom(path)}{{- if .Values.crds.enabled }}\n${body.trimEnd()}\n{{- end }}\n`;
}
