{{- /* Flags of /metrics over HTTPS; takes the root, and the name of the Secret with the certificate. */ -}}
{{- define "metallb.metricsArgs" -}}
{{- with include "metallb.httpsPort" .root }}
- --secure-metrics-port={{ . }}
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

{{- /* A metric of pools without those that an alert leaves out; takes the metric's name, and the alert's values. */ -}}
{{- define "metallb.poolMetric" -}}
{{- index . 0 -}}
{{- with (index . 1).excludePools -}}
{pool!~{{ . | quote }}}
{{- end -}}
{{- end -}}
