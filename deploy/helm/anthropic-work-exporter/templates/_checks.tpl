{{/* What the exporter would refuse, or fail at, only in the pod, and what no schema can see. */}}
{{- define "exporter.checks" -}}
{{- $ids := list }}
{{- range .Values.config.environments }}
{{- if has .id $ids }}
{{- fail (printf "config.environments has the id %s twice. Leave one of the two out" .id) }}
{{- end }}
{{- $ids = append $ids .id }}
{{- end }}
{{- $name := include "exporter.fullname" . }}
{{- if not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" $name) }}
{{- fail (printf "the Service would be called %s, and its name must begin with a letter and have no dots. Set fullnameOverride" $name) }}
{{- end }}
{{- $listen := (.Values.config.server | default dict).listen | default "" }}
{{- if or (contains "${" $listen) (regexMatch ":0+$" $listen) }}
{{- fail (printf "config.server.listen is %s, which does not say the port of the pod. Write it out" $listen) }}
{{- end }}
{{- if regexMatch "^(127\\.|localhost:|\\[::1\\])" $listen }}
{{- fail (printf "config.server.listen is %s, where neither Prometheus nor the probes of the pod reach it. Leave the host out" $listen) }}
{{- end }}
{{- range .Values.extraEnv }}
{{- if eq .name "ANTHROPIC_WORK_EXPORTER_LISTEN" }}
{{- fail "extraEnv sets ANTHROPIC_WORK_EXPORTER_LISTEN, and the port of the pod would not follow it. Set config.server.listen instead" }}
{{- end }}
{{- end }}
{{- if .Values.serviceMonitor.enabled }}
{{- $interval := .Values.serviceMonitor.interval }}
{{- $timeout := .Values.serviceMonitor.scrapeTimeout }}
{{- if gt (include "exporter.milliseconds" $interval | int64) 60000 }}
{{- fail (printf "serviceMonitor.interval is %s, and the rules need a scrape at least once a minute. Set it to 1m or less" $interval) }}
{{- end }}
{{- if gt (include "exporter.milliseconds" $timeout | int64) (include "exporter.milliseconds" $interval | int64) }}
{{- fail (printf "serviceMonitor.scrapeTimeout is %s and serviceMonitor.interval is %s: the Prometheus Operator ignores a ServiceMonitor whose timeout is the longer one. Set it to %s or less" $timeout $interval $interval) }}
{{- end }}
{{- end }}
{{- $readOnly := (.Values.securityContext | default dict).readOnlyRootFilesystem }}
{{- $path := .Values.config.state_file | default "" }}
{{/* What a variable says is known only in the pod. */}}
{{- if and $readOnly $path (not (contains "${" $path)) }}
{{/* Not the file by itself: it is replaced, and a mount cannot be. */}}
{{- if ne (include "exporter.mounted" (dict "root" . "path" $path)) "write" }}
{{- fail (printf "config.state_file is %s, where the pod has no volume that it can write to, and its root file system is read-only. Leave config.state_file out and set persistence.enabled, which puts the file into %s, or mount a volume at its directory with extraVolumes and extraVolumeMounts" $path (include "exporter.stateDirectory" .)) }}
{{- end }}
{{- end }}
{{- $config := .Values.config }}
{{- $keys := dict "api.api_key_file" ($config.api | default dict).api_key_file }}
{{- range $name, $connection := $config.connections }}
{{- $_ := set $keys (printf "connections.%s.api_key_file" $name) ($connection | default dict).api_key_file }}
{{- end }}
{{- range $index, $environment := $config.environments }}
{{- $_ := set $keys (printf "environments[%d].environment_key_file" $index) $environment.environment_key_file }}
{{- end }}
{{- $_ := set $keys "discovery.environment_keys_dir" ($config.discovery | default dict).environment_keys_dir }}
{{- $_ := set $keys "server.web_config_file" ($config.server | default dict).web_config_file }}
{{- range $option, $path := $keys }}
{{- include "exporter.checkKeys" (dict "root" $ "option" $option "path" $path) }}
{{- end }}
{{- end }}

{{/* A duration of values.yaml, which is a whole number of one unit, in milliseconds. */}}
{{- define "exporter.milliseconds" -}}
{{- mul (regexFind "^[0-9]+" .) (hasSuffix "ms" . | ternary 1 (hasSuffix "s" . | ternary 1000 60000)) }}
{{- end }}
