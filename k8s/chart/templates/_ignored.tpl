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
{{- /* A chart above this one may give what is its own: those three are no mistake. */ -}}
{{- $known := list "imagePullSecrets" "nameOverride" "fullnameOverride" "loadBalancerClass" "rbac" "tls" "prometheus" "controller" "speaker" "crds" "networkpolicies" -}}
{{- range $key, $_ := .Values }}
{{- if not (or (has $key $known) (has $key (list "frrk8s" "frr-k8s" "psp")) (has $key (list "global" "enabled" "tags"))) }}
  {{ $key }}: no such key
{{- end }}
{{- end }}
{{- end -}}
