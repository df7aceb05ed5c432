{{- /* Flags of /metrics over HTTPS; takes the root, and the name of the Secret with the certificate. */ -}}
{{- define "metallb.metricsArgs" -}}
{{- with include "metallb.httpsPort" .root }}
- --secure-metrics-port={{ . }}
- --plain-metrics=false
{{- end }}
{{- if .secret }}
- --metrics-cert-dir=/etc/metrics
{{- end }}
{{- with .root.Values.tls.minVersion }}
- --tls-min-version={{ . }}
{{- end }}
{{- with .root.Values.tls.cipherSuites }}
- --tls-cipher-suites={{ . }}
{{- end }}
{{- with .root.Values.tls.curvePreferences }}
- --tls-curve-preferences={{ . }}
{{- end }}
{{- end -}}

{{- /* Which pools an alert is for, as a selector; takes the alert's values. */ -}}
{{- define "metallb.pools" -}}
{{- with .excludePools -}}
{pool!~{{ . | quote }}}
{{- end -}}
{{- end -}}

{{- /* Whether annotations lead Prometheus to /metrics in the clear. */ -}}
{{- define "metallb.isScraped" -}}
{{- if and .Values.prometheus.scrapeAnnotations (eq (include "metallb.httpsPort" .) "") -}}true{{- end -}}
{{- end -}}
