{{/*
What would show a key, or start nothing, or leave something out without a word. What else is wrong, Kubernetes or the exporter says:
`check` reads the configuration before it is installed, and the pod's log afterwards.
*/}}
{{- define "anthropic-work-exporter.checks" -}}
{{- $config := .Values.config }}
{{/* First: Helm and Kubernetes show the value that they refuse. Objects of the user's own may be Secrets. */}}
{{- range $name, $value := omit .Values "extraObjects" "global" }}
{{- include "anthropic-work-exporter.checkKeys" (dict "at" $name "value" $value) }}
{{- end }}
{{- if not (regexMatch "^[A-Za-z0-9_./-]{0,253}$" .Values.job) }}
{{- fail "job stands between quotes in the rules, so it has only letters, digits, _, ., / and -. Write it so" }}
{{- end }}
{{- range $name, $address := .Values.links }}
{{- if not (regexMatch "^(https?://[^\\s\"\\\\{}$?#@]+)?$" ($address | default "")) }}
{{- fail (printf "links.%s is no address without login, query and fragment: https://HOST or https://HOST/PATH. Write it so" $name) }}
{{- end }}
{{- end }}
{{- if and $config (not $config.environments) (not ($config.discovery | default dict).enabled) }}
{{- fail "config is the whole configuration file, and this one has nothing to watch. Add environments, or discovery.enabled: true with api.api_key_file" }}
{{- end }}
{{- $shards := int .Values.shards }}
{{- if and .Values.persistence.enabled (gt (int .Values.replicas) 1) }}
{{- fail "persistence.enabled is for one replica: a state file has one writer. Set replicas to 1, or persistence.enabled to false" }}
{{- end }}
{{- if and (gt $shards 1) (ne (int .Values.replicas) 1) }}
{{- fail "replicas is for a fleet that is not divided: each shard is one pod. Leave replicas at 1, and install a second release with the same job for a pair" }}
{{- end }}
{{- if and (gt $shards 1) .Values.persistence.existingClaim }}
{{- fail "persistence.existingClaim is one claim, and each shard needs its own. Leave it empty, or set shards to 1" }}
{{- end }}
{{- if $config.shard }}
{{- fail "config.shard would make every pod the same shard. Leave it out, and set shards" }}
{{- end }}
{{- if and $config.state_file (.Values.securityContext | default dict).readOnlyRootFilesystem (not .Values.persistence.enabled) (not .Values.extraVolumeMounts) }}
{{- fail "config.state_file needs a volume, as the root file system is read-only. Leave it out and set persistence.enabled, or mount a volume at its directory with extraVolumes and extraVolumeMounts" }}
{{- end }}
{{- $server := $config.server | default dict }}
{{- $listen := $server.listen | default "" }}
{{- if or (contains "${" $listen) (regexMatch ":0+$" $listen) }}
{{- fail "config.server.listen does not say the port of the pod. Write it out" }}
{{- end }}
{{- if regexMatch "(?i)^(127\\.|localhost:|\\[[0:]*:0*1\\])" $listen }}
{{- fail "config.server.listen is an address where neither Prometheus nor the probes of the pod reach it. Leave the host out" }}
{{- end }}
{{- if and (eq .Values.scheme "HTTPS") (not $server.web_config_file) }}
{{- fail "scheme is HTTPS, and the exporter would speak HTTP: config.server.web_config_file names no file with a certificate. Name one, or leave scheme out" }}
{{- end }}
{{- $instead := dict "LISTEN" "config.server.listen" "SHARD" "shards" "CONFIG" "config" }}
{{- range .Values.extraEnv }}
{{- with get $instead (trimPrefix "ANTHROPIC_WORK_EXPORTER_" .name) }}
{{- fail (printf "extraEnv sets what the pod is built around. Set %s instead" .) }}
{{- end }}
{{- end }}
{{- with .Values.serviceMonitor }}
{{- $seconds := dict "1m" 60 }}
{{- range list .interval .scrapeTimeout }}{{ if hasSuffix "s" . }}{{ $_ := set $seconds . (trimSuffix "s" . | int) }}{{ end }}{{ end }}
{{- if gt (get $seconds .scrapeTimeout) (get $seconds .interval) }}
{{- fail (printf "serviceMonitor.scrapeTimeout is %s, above the interval of %s: the Prometheus Operator would ignore the ServiceMonitor. Set it to %s or less" .scrapeTimeout .interval .interval) }}
{{- end }}
{{- range concat (.relabelings | default list) (.metricRelabelings | default list) }}
{{- if eq .targetLabel "job" }}
{{- fail "serviceMonitor: a relabeling writes the label job, by which the rules select. Leave it out, and set job" }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Keys, which would end up in objects that many people read. They are not shown: Helm's output is kept in many places. */}}
{{- define "anthropic-work-exporter.checkKeys" -}}
{{- $at := .at }}
{{- if kindIs "map" .value }}
{{- range $name, $value := .value }}
{{- if and (has $name (list "api_key" "environment_key")) $value (not (regexMatch "^[$][{][A-Za-z_][A-Za-z0-9_]*[}]$" (toString $value))) }}
{{- fail (printf "%s.%s is a key, which would end up in a ConfigMap. Put it into a Secret and name its file in %s_file, or give ${NAME} with extraEnv" $at $name $name) }}
{{- end }}
{{- include "anthropic-work-exporter.checkKeys" (dict "at" (printf "%s.%s" $at $name) "value" $value) }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $index, $value := .value }}
{{- include "anthropic-work-exporter.checkKeys" (dict "at" (printf "%s[%d]" $at $index) "value" $value) }}
{{- end }}
{{- else if contains "sk-ant-" (toString .value) }}
{{- fail (printf "%s has a key in it, which many people could read. Take it out: a key belongs in a Secret" $at) }}
{{- end }}
{{- end }}
