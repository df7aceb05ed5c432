{{- define "metallb.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "metallb.fullname" -}}
{{- $name := include "metallb.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "metallb.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "metallb.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- /* A component is named beside these wherever Pods are selected, so that no other Pod of the namespace is caught. */ -}}
{{- define "metallb.selectorLabels" -}}
app.kubernetes.io/name: {{ include "metallb.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- /* The speakers' Pods, as one selector: they find each other by it, and the controller finds them. */ -}}
{{- define "metallb.speakerSelector" -}}
app.kubernetes.io/name={{ include "metallb.name" . }},app.kubernetes.io/instance={{ .Release.Name }},app.kubernetes.io/component=speaker
{{- end -}}

{{- define "metallb.controller.serviceAccountName" -}}
{{- if .Values.controller.serviceAccount.create -}}
{{- default (printf "%s-controller" (include "metallb.fullname" .)) .Values.controller.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.controller.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "metallb.speaker.serviceAccountName" -}}
{{- if .Values.speaker.serviceAccount.create -}}
{{- default (printf "%s-speaker" (include "metallb.fullname" .)) .Values.speaker.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.speaker.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- /* The Secret with the key of the speakers' ring. */ -}}
{{- define "metallb.secretName" -}}
{{- default (printf "%s-memberlist" (include "metallb.fullname" .)) .Values.speaker.secretName -}}
{{- end -}}

{{- /* Whether writes of metallb.io are judged: then there are a configuration, a Service and a Secret for it. */ -}}
{{- define "metallb.hasWebhooks" -}}
{{- if and .Values.controller.enabled (ne .Values.controller.webhookMode "disabled") -}}true{{- end -}}
{{- end -}}

{{- /* The port of /metrics over HTTPS, or nothing. */ -}}
{{- define "metallb.httpsPort" -}}
{{- $port := .Values.prometheus.secureMetricsPort | default .Values.prometheus.metricsPort | int -}}
{{- if and $port (ne $port 7472) -}}{{ $port }}{{- end -}}
{{- end -}}

{{- /* Flags of both parts; takes the root, and the part's values. */ -}}
{{- define "metallb.commonArgs" -}}
- --log-level={{ .part.logLevel }}
{{- if ne (int .part.livenessProbe.port) 17472 }}
- --health-probe-port={{ .part.livenessProbe.port | int }}
{{- end }}
{{- with .root.Values.loadBalancerClass }}
- --lb-class={{ . }}
{{- end }}
{{- end -}}

{{- /* A map as YAML: what is given, and what is standard where that says nothing; a key stands once. */ -}}
{{- define "metallb.over" -}}
{{- merge (dict) (index . 0 | default (dict)) (index . 1) | toYaml -}}
{{- end -}}

{{- /* Takes the root and a component. What selectors name is nobody's to change. */ -}}
{{- define "metallb.podLabels" -}}
{{- $selected := merge (include "metallb.selectorLabels" .root | fromYaml) (dict "app.kubernetes.io/component" .component) -}}
{{- /* As in the manifests, for whoever looks for MetalLB's Pods by these; nothing selects by them alone. */ -}}
{{- $standard := dict "app" "metallb" "component" .component -}}
{{- merge (dict) $selected (index .root.Values .component "labels" | default (dict)) $standard | toYaml -}}
{{- end -}}

{{- /* Of Deployment and DaemonSet; takes the root and a component. */ -}}
{{- define "metallb.workloadLabels" -}}
{{- $own := merge (include "metallb.labels" .root | fromYaml) (dict "app.kubernetes.io/component" .component) -}}
{{- merge (dict) $own (index .root.Values .component "labels" | default (dict)) | toYaml -}}
{{- end -}}

{{- define "metallb.podAnnotations" -}}
{{- $standard := dict -}}
{{- if include "metallb.isScraped" .root -}}
{{- $standard = dict "prometheus.io/scrape" "true" "prometheus.io/port" "7472" -}}
{{- end -}}
{{- $given := index .root.Values .component "podAnnotations" -}}
{{- if or $given $standard -}}
{{- include "metallb.over" (list $given $standard) -}}
{{- end -}}
{{- end -}}

{{- /* Values of another type would keep the standard ones of RollingUpdate, which Kubernetes refuses. */ -}}
{{- define "metallb.strategy" -}}
{{- if eq .type "RollingUpdate" -}}
{{- toYaml . -}}
{{- else -}}
{{- omit . "rollingUpdate" | toYaml -}}
{{- end -}}
{{- end -}}
