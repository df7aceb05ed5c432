{{- /* What cannot be carried over, or would be lost without a word, stops the rendering. */ -}}
{{- define "metallb.refusals" -}}
{{- if or .Values.configInline .Values.existingConfigMap -}}
{{- fail "configInline and existingConfigMap: the configuration is custom resources since MetalLB 0.13. Turn yours into them with \"metallb convert\", apply them, and remove the key." -}}
{{- end -}}
{{- if and .Values.prometheus.podMonitor.enabled .Values.prometheus.serviceMonitor.enabled -}}
{{- fail "prometheus.podMonitor.enabled and prometheus.serviceMonitor.enabled: both would scrape the same metrics twice; enable one of them." -}}
{{- end -}}
{{- if and .Values.speaker.nodeSelector (not .Values.speaker.memberlist.enabled) -}}
{{- fail "speaker.memberlist.enabled is false while speaker.nodeSelector is set: without the ring every node is taken to have a living speaker, and an address may be given to a node that has none. Enable the ring or remove the selector." -}}
{{- end -}}
{{- if and .Values.prometheus.rbacPrometheus (or .Values.prometheus.podMonitor.enabled .Values.prometheus.serviceMonitor.enabled) -}}
{{- if not (and .Values.prometheus.serviceAccount .Values.prometheus.namespace) -}}
{{- fail "prometheus.rbacPrometheus with a monitor takes prometheus.serviceAccount and prometheus.namespace: who may find the Pods and read their metrics. Name both, or set prometheus.rbacPrometheus to false." -}}
{{- end -}}
{{- end -}}
{{- with .Values.frrk8s -}}
{{- if .external -}}
{{- fail "frrk8s.external: frr-k8s would go on holding sessions with your routers beside the speakers', who speak BGP themselves here. Remove MetalLB's FRRConfigurations, and the key." -}}
{{- end -}}
{{- end -}}
{{- range $part := list "controller" "speaker" -}}
{{- $values := index $.Values $part -}}
{{- if contains "metallb/controller" $values.image.repository | or (contains "metallb/speaker" $values.image.repository) -}}
{{- fail (printf "%s.image.repository is %q, which is MetalLB's own program: it does not know this chart's flags. Name an image of metallb-ts, or remove the key." $part $values.image.repository) -}}
{{- end -}}
{{- if has $values.command (list "/controller" "/speaker") -}}
{{- fail (printf "%s.command is %q, a program of MetalLB's image; this image has one program that knows its part by its first argument. Remove the key." $part $values.command) -}}
{{- end -}}
{{- if ne (int $values.livenessProbe.port) (int $values.readinessProbe.port) -}}
{{- fail (printf "%s.livenessProbe.port and %s.readinessProbe.port differ: one port answers both; give them the same number." $part $part) -}}
{{- end -}}
{{- end -}}
{{- end -}}
