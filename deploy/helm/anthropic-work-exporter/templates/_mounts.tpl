{{- define "anthropic-work-exporter.configDirectory" -}}
/etc/anthropic-work-exporter
{{- end }}

{{/*
How a path of the pod is mounted: "write" in a volume, "read" in a read-only one, "itself" where a volume is mounted right there,
"config" beside the configuration, where relative paths start; nothing elsewhere. Call with (dict "root" $ "path" PATH).
*/}}
{{- define "anthropic-work-exporter.mounted" -}}
{{- $configured := include "anthropic-work-exporter.configDirectory" . }}
{{- $mounts := list (dict "mountPath" $configured "how" "config") }}
{{- range .root.Values.existingSecrets }}
{{- $mounts = append $mounts (dict "mountPath" (printf "/run/secrets/%s" .) "readOnly" true) }}
{{- end }}
{{- if .root.Values.persistence.enabled }}
{{- $mounts = append $mounts (dict "mountPath" (include "anthropic-work-exporter.stateDirectory" .)) }}
{{- end }}
{{- $mounts = concat $mounts (.root.Values.extraVolumeMounts | default list) }}
{{- $file := isAbs .path | ternary .path (printf "%s/%s" $configured .path) | include "anthropic-work-exporter.withoutVar" }}
{{- /* Of mounts inside each other, the innermost decides. */}}
{{- $innermost := "" }}
{{- $how := "" }}
{{- range $mounts }}
{{- $directory := printf "%s/" (include "anthropic-work-exporter.withoutVar" .mountPath | trimSuffix "/") }}
{{- if and (hasPrefix $directory $file) (gt (len $directory) (len $innermost)) }}
{{- $innermost = $directory }}
{{- $how = .how | default (not .readOnly | ternary "write" "read") }}
{{- else if eq $directory (printf "%s/" $file) }}
{{- $innermost = $directory }}
{{- $how = "itself" }}
{{- end }}
{{- end }}
{{- $how }}
{{- end }}

{{/* A path as the image has it, in which /var/run leads to /run. */}}
{{- define "anthropic-work-exporter.withoutVar" -}}
{{- regexReplaceAll "^/var/run(/|$)" (clean .) "/run${1}" }}
{{- end }}

{{/* The option of a file or directory of keys that cannot be in the pod stops here. Call with (dict "root" $ "option" NAME "path" PATH). */}}
{{- define "anthropic-work-exporter.checkKeys" -}}
{{- $path := .path | default "" }}
{{- /* What a variable says is known only in the pod, and annotations may call an injector that brings volumes of its own. */}}
{{- if and $path (not (contains "${" $path)) (not .root.Values.podAnnotations) }}
{{- $file := include "anthropic-work-exporter.withoutVar" $path }}
{{- $how := include "anthropic-work-exporter.mounted" (dict "root" .root "path" $file) }}
{{- range $secret := .root.Values.existingSecrets }}
{{- if and (eq $file (printf "/run/secrets/%s" $secret)) (ne $.option "discovery.environment_keys_dir") }}
{{- fail (printf "config.%s is %s, which is the directory of the Secret %s. Name a file in it, such as /run/secrets/%s/api-key" $.option $path $secret $secret) }}
{{- end }}
{{- end }}
{{- if or (eq $how "config") (and (not $how) (hasPrefix "/run/secrets/" (printf "%s/" $file))) }}
{{- $secret := first (append (.root.Values.existingSecrets | default list) "NAME") }}
{{- fail (printf "config.%s is %s, which no volume of the pod holds. Each Secret of existingSecrets is a directory: the entry api-key of the Secret %s is the file /run/secrets/%s/api-key" .option $path $secret $secret) }}
{{- end }}
{{- end }}
{{- end }}
