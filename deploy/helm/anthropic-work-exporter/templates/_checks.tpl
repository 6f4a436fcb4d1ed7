{{/* What the exporter would refuse, or fail at, only in the pod, and what no schema can see. */}}
{{- define "anthropic-work-exporter.checks" -}}
{{- if eq (toString .Values.enabled) "false" }}
{{- fail "enabled is for a chart that contains this one, whose condition on it keeps it out; by itself it changes nothing. Do not install it instead" }}
{{- end }}
{{/* First: others show the value that they refuse. */}}
{{- include "anthropic-work-exporter.checkTexts" (dict "at" "config" "value" .Values.config) }}
{{- $ids := list }}
{{- range .Values.config.environments }}
{{- if has .id $ids }}
{{- fail (printf "config.environments has the id %s twice. Leave one of the two out" .id) }}
{{- end }}
{{- $ids = append $ids .id }}
{{- end }}
{{- $name := include "anthropic-work-exporter.fullname" . }}
{{- if not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" $name) }}
{{- fail (printf "the Service would be called %s, and its name must begin with a letter and have no dots. Set fullnameOverride" $name) }}
{{- end }}
{{- $listen := (.Values.config.server | default dict).listen | default "" }}
{{- if or (contains "${" $listen) (regexMatch ":0+$" $listen) }}
{{- fail (printf "config.server.listen is %s, which does not say the port of the pod. Write it out" $listen) }}
{{- end }}
{{- if regexMatch "(?i)^(127\\.|localhost:|\\[[0:]*:0*1\\])" $listen }}
{{- fail (printf "config.server.listen is %s, where neither Prometheus nor the probes of the pod reach it. Leave the host out" $listen) }}
{{- end }}
{{- $instead := dict
  "ANTHROPIC_WORK_EXPORTER_LISTEN" "and the port of the pod would not follow it. Set config.server.listen instead"
  "ANTHROPIC_WORK_EXPORTER_SHARD" "which would make every pod the same shard. Set shards instead"
  "ANTHROPIC_WORK_EXPORTER_CONFIG" "which nothing reads, as the pod has --config. Set config instead" }}
{{- range .Values.extraEnv }}
{{- $variable := .name }}
{{- with get $instead $variable }}
{{- fail (printf "extraEnv sets %s, %s" $variable .) }}
{{- end }}
{{- end }}
{{- include "anthropic-work-exporter.checkTwins" . }}
{{- include "anthropic-work-exporter.checkVariables" . }}
{{- include "anthropic-work-exporter.checkResources" . }}
{{- include "anthropic-work-exporter.checkUser" . }}
{{- if and (eq .Values.scheme "HTTPS") (not (.Values.config.server | default dict).web_config_file) }}
{{- fail "scheme is HTTPS, and the exporter would speak HTTP: config.server.web_config_file names no file with a certificate. Name one, or leave scheme out" }}
{{- end }}
{{- if and .Values.networkPolicy.enabled .Values.networkPolicy.egressTo (not .Values.networkPolicy.egressPorts) }}
{{- fail "networkPolicy.egressTo says where the exporter may go, and networkPolicy.egressPorts on no port, so it would go nowhere. Name the ports: 443 for the API, and that of your proxy" }}
{{- end }}
{{- if .Values.serviceMonitor.enabled }}
{{- if and .Values.serviceMonitor.tlsConfig (eq .Values.scheme "HTTP") }}
{{- fail "serviceMonitor.tlsConfig is set, and the scrape would speak HTTP, as scheme says. Set scheme to HTTPS, with a certificate in the file that config.server.web_config_file names, or leave tlsConfig out" }}
{{- end }}
{{- $interval := .Values.serviceMonitor.interval }}
{{- $timeout := .Values.serviceMonitor.scrapeTimeout }}
{{- if gt (include "anthropic-work-exporter.milliseconds" $interval | int64) 60000 }}
{{- fail (printf "serviceMonitor.interval is %s, and the rules need a scrape at least once a minute. Set it to 1m or less" $interval) }}
{{- end }}
{{- if gt (include "anthropic-work-exporter.milliseconds" $timeout | int64) (include "anthropic-work-exporter.milliseconds" $interval | int64) }}
{{- fail (printf "serviceMonitor.scrapeTimeout is %s and serviceMonitor.interval is %s: the Prometheus Operator ignores a ServiceMonitor whose timeout is the longer one. Set it to %s or less" $timeout $interval $interval) }}
{{- end }}
{{- $writing := list "replace" "hashmod" "lowercase" "uppercase" }}
{{- range $list, $rules := pick .Values.serviceMonitor "relabelings" "metricRelabelings" }}
{{- range $rules }}
{{- if not (regexMatch (printf "|%s" (.regex | default "")) "") }}
{{- fail (printf "serviceMonitor.%s has the regex %s, which is no regular expression of Prometheus: the Operator would leave out the whole ServiceMonitor. Correct it" $list .regex) }}
{{- end }}
{{- if and (eq .targetLabel "job") (has (.action | default "replace" | lower) $writing) }}
{{- fail (printf "serviceMonitor.%s writes the label job, by which the rules select. Leave it out, and set job" $list) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $readOnly := (.Values.securityContext | default dict).readOnlyRootFilesystem }}
{{- $path := .Values.config.state_file | default "" }}
{{/* What a variable says is known only in the pod. */}}
{{- if and $readOnly $path (not (contains "${" $path)) }}
{{/* Not the file by itself: it is replaced, and a mount cannot be. */}}
{{- if ne (include "anthropic-work-exporter.mounted" (dict "root" . "path" $path)) "write" }}
{{- fail (printf "config.state_file is %s, where the pod has no volume that it can write to, and its root file system is read-only. Leave config.state_file out and set persistence.enabled, which puts the file into %s, or mount a volume at its directory with extraVolumes and extraVolumeMounts" $path (include "anthropic-work-exporter.stateDirectory" .)) }}
{{- end }}
{{- end }}
{{- $config := .Values.config }}
{{- $keys := dict "api.api_key_file" ($config.api | default dict).api_key_file }}
{{- $others := dict "api.ca_file" ($config.api | default dict).ca_file "server.web_config_file" ($config.server | default dict).web_config_file }}
{{- range $name, $connection := $config.connections }}
{{- $_ := set $keys (printf "connections.%s.api_key_file" $name) ($connection | default dict).api_key_file }}
{{- $_ := set $others (printf "connections.%s.ca_file" $name) ($connection | default dict).ca_file }}
{{- end }}
{{- range $index, $environment := $config.environments }}
{{- $_ := set $keys (printf "environments[%d].environment_key_file" $index) $environment.environment_key_file }}
{{- end }}
{{- $_ := set $keys "discovery.environment_keys_dir" ($config.discovery | default dict).environment_keys_dir }}
{{- range $option, $path := merge $others $keys }}
{{- include "anthropic-work-exporter.checkKeys" (dict "root" $ "option" $option "path" $path) }}
{{- end }}
{{- $connections := keys ($config.connections | default dict) }}
{{- if or (hasKey $config "api") (not $connections) }}
{{- $connections = append $connections "default" }}
{{- end }}
{{- range $index, $environment := $config.environments }}
{{- $connection := $environment.connection | default "default" }}
{{- if not (or (has $connection $connections) (contains "${" $connection)) }}
{{- fail (printf "config.environments[%d].connection is %s, and config has no such connection. Name one of: %s" $index $connection (sortAlpha $connections | join ", ")) }}
{{- end }}
{{- end }}
{{- if and .Values.config (not .Values.config.environments) (not (.Values.config.discovery | default dict).enabled) }}
{{- fail "config is the whole configuration file, and this one has nothing to watch. Add environments, or discovery.enabled: true with api.api_key_file" }}
{{- end }}
{{- $inline := list }}
{{- range append (values ($config.connections | default dict)) $config.api }}{{ $inline = append $inline (. | default dict).api_key }}{{ end }}
{{- range $config.environments }}{{ $inline = append $inline .environment_key }}{{ end }}
{{- if and $config (not (without (concat $inline (values $keys)) nil "")) }}
{{- $secret := first (append (.Values.existingSecrets | default list) "NAME") }}
{{- fail (printf "config is the whole configuration file, and this one names no key. With the entry api-key of the Secret %s, add api.api_key_file: /run/secrets/%s/api-key" $secret $secret) }}
{{- end }}
{{- include "anthropic-work-exporter.checkConfig" . }}
{{- end }}

{{/* A duration of values.yaml, which is a whole number of one unit, in milliseconds. */}}
{{- define "anthropic-work-exporter.milliseconds" -}}
{{- mul (regexFind "^[0-9]+" .) (hasSuffix "ms" . | ternary 1 (hasSuffix "s" . | ternary 1000 60000)) }}
{{- end }}
