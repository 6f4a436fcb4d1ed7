{{- define "anthropic-work-exporter.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "anthropic-work-exporter.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := include "anthropic-work-exporter.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "anthropic-work-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "anthropic-work-exporter.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* Labels of the user lose against those that select. */}}
{{- define "anthropic-work-exporter.labels" -}}
{{- $own := include "anthropic-work-exporter.selectorLabels" . | fromYaml }}
{{- $_ := set $own "app.kubernetes.io/version" (.Chart.AppVersion | toString) }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) }}
{{- toYaml (merge $own .Values.commonLabels) }}
{{- end }}

{{/* Labels of one object: call with (dict "root" $ "labels" LABELS). */}}
{{- define "anthropic-work-exporter.labelsWith" -}}
{{- $own := include "anthropic-work-exporter.labels" .root | fromYaml }}
{{- toYaml (merge $own (.labels | default dict)) }}
{{- end }}

{{- define "anthropic-work-exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "anthropic-work-exporter.fullname" .) }}
{{- else }}
{{- .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- define "anthropic-work-exporter.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "anthropic-work-exporter.job" -}}
{{- .Values.job | default (printf "%s/%s" .Release.Namespace (include "anthropic-work-exporter.fullname" .)) }}
{{- end }}

{{- define "anthropic-work-exporter.stateDirectory" -}}
/var/lib/anthropic-work-exporter
{{- end }}

{{/* Every pod of the release, as kubectl and Prometheus select. */}}
{{- define "anthropic-work-exporter.podSelector" -}}
app.kubernetes.io/name={{ include "anthropic-work-exporter.name" . }},app.kubernetes.io/instance={{ .Release.Name }}
{{- end }}

{{- define "anthropic-work-exporter.testName" -}}
{{- printf "%s-test" (include "anthropic-work-exporter.fullname" . | trunc 58 | trimSuffix "-") }}
{{- end }}

{{/* By a name without a dot, which the exporter answers whatever `server.allowed_hosts` has. */}}
{{- define "anthropic-work-exporter.readyUrl" -}}
{{- printf "%s://%s:%d/-/ready" (lower .Values.scheme) (include "anthropic-work-exporter.fullname" .) (int .Values.service.port) }}
{{- end }}

{{/* A pod to run a command in, for kubectl. */}}
{{- define "anthropic-work-exporter.anyPod" -}}
{{- if gt (int .Values.shards) 1 }}{{ include "anthropic-work-exporter.fullname" . }}-0{{ else }}deploy/{{ include "anthropic-work-exporter.fullname" . }}{{ end }}
{{- end }}

{{/* What runs the pods. */}}
{{- define "anthropic-work-exporter.kind" -}}
{{- if gt (int .Values.shards) 1 }}StatefulSet{{ else }}Deployment{{ end }}
{{- end }}

{{/* The disk of a state file. */}}
{{- define "anthropic-work-exporter.claimSpec" -}}
accessModes:
  - ReadWriteOnce
{{- with .Values.persistence.storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.persistence.size }}
{{- end }}

{{/* The configuration file: what the user wrote, or the shortest that works; where the state file goes, and where Grafana is. */}}
{{- define "anthropic-work-exporter.config" -}}
{{- $config := deepCopy .Values.config }}
{{- if not $config }}
{{- if not .Values.existingSecrets }}
{{- fail "nothing to watch: set config, or name the Secret that holds the API key in existingSecrets" }}
{{- end }}
{{- $directory := printf "/run/secrets/%s" (first .Values.existingSecrets) }}
{{- $_ := set $config "api" (dict "api_key_file" (printf "%s/api-key" $directory)) }}
{{- $_ := set $config "discovery" (dict "enabled" true "environment_keys_dir" $directory) }}
{{- end }}
{{- if and .Values.persistence.enabled (not $config.state_file) }}
{{- $_ := set $config "state_file" (printf "%s/state.json" (include "anthropic-work-exporter.stateDirectory" .)) }}
{{- end }}
{{- $server := $config.server | default dict }}
{{- if and .Values.links.dashboardBaseUrl (not (hasKey $server "dashboard_base_url")) }}
{{- $_ := set $config "server" (set $server "dashboard_base_url" .Values.links.dashboardBaseUrl) }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* The port that the configuration listens on. */}}
{{- define "anthropic-work-exporter.containerPort" -}}
{{- $server := .Values.config.server | default dict }}
{{- regexFind "[1-9][0-9]*$" ($server.listen | default "0.0.0.0:9877") }}
{{- end }}

{{/*
Annotations of the pod: those of the user, and a sum of the options that a running exporter does not take over, so that a change of them
replaces the pod; nothing where none of them is set.
*/}}
{{- define "anthropic-work-exporter.podAnnotations" -}}
{{- $fixed := pick .Values.config "state_file" "log" }}
{{- with (.Values.config.server | default dict).listen }}
{{- $_ := set $fixed "listen" . }}
{{- end }}
{{- $annotations := deepCopy (.Values.podAnnotations | default dict) }}
{{- if $fixed }}
{{- $_ := set $annotations "anthropic-work-exporter/read-at-start" (toJson $fixed | sha256sum) }}
{{- end }}
{{- with $annotations }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{/* The constraints on the spread, over the pods of this release where they do not say which: Kubernetes would spread none. */}}
{{- define "anthropic-work-exporter.spread" -}}
{{- $constraints := list }}
{{- range .Values.topologySpreadConstraints }}
{{- $constraint := deepCopy . }}
{{- if not (kindIs "map" $constraint.labelSelector) }}
{{- $_ := set $constraint "labelSelector" (dict "matchLabels" (include "anthropic-work-exporter.selectorLabels" $ | fromYaml)) }}
{{- end }}
{{- $constraints = append $constraints $constraint }}
{{- end }}
{{- toYaml $constraints }}
{{- end }}

{{/*
A value without the members that are null, at every depth, as `v` of a map in JSON. Kubernetes takes null for a member that is not there;
in objects of the Prometheus Operator it rejects it. People write it to take away what another file of values has.
*/}}
{{- define "anthropic-work-exporter.withoutNulls" -}}
{{- $value := . }}
{{- if kindIs "map" . }}
{{- $value = dict }}
{{- range $name, $member := . }}
{{- if not (kindIs "invalid" $member) }}
{{- $_ := set $value $name (include "anthropic-work-exporter.withoutNulls" $member | fromJson).v }}
{{- end }}
{{- end }}
{{- else if kindIs "slice" . }}
{{- $value = list }}
{{- range . }}
{{- $value = append $value (include "anthropic-work-exporter.withoutNulls" . | fromJson).v }}
{{- end }}
{{- end }}
{{- dict "v" $value | toJson }}
{{- end }}
