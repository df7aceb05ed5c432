{{- /* Keys that are taken and do nothing, one in a line, each with the reason. */ -}}
{{- define "metallb.ignored" -}}
{{- $frr := "one BGP engine in the speaker, without FRR" -}}
{{- $speaker := .Values.speaker -}}
{{- if $speaker.frr }}{{ if $speaker.frr.enabled }}
  speaker.frr: {{ $frr }}
{{- end }}{{ end -}}
{{- range $key := list "reloader" "frrMetrics" "initContainers" }}
{{- if hasKey $speaker $key }}
  speaker.{{ $key }}: {{ $frr }}
{{- end }}
{{- end }}
{{- if $speaker.bgpDebounceTimeout }}
  speaker.bgpDebounceTimeout: a change of a service sends the routes that changed at once
{{- end }}
{{- if .Values.frrk8s }}{{ if .Values.frrk8s.enabled }}
  frrk8s: {{ $frr }}
{{- end }}{{ end }}
{{- if hasKey .Values "frr-k8s" }}
  frr-k8s: {{ $frr }}
{{- end }}
{{- if .Values.prometheus.rbacProxy }}
  prometheus.rbacProxy: HTTPS metrics are served by the parts themselves (prometheus.metricsPort)
{{- end }}
{{- range $key := list "controllerMetricsTLSSecret" "speakerMetricsTLSSecret" }}
{{- if index $.Values.prometheus $key }}
  prometheus.{{ $key }}: it is tls.{{ $key }} now
{{- end }}
{{- end }}
{{- if hasKey .Values "psp" }}
  psp: Kubernetes 1.25 has no PodSecurityPolicy any more
{{- end }}
{{- end -}}
