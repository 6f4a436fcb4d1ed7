{{/* What Kubernetes would refuse of the pod, or the exporter in it, and no schema can see. */}}
{{/* Two of one name, of which Kubernetes takes one or none; and mounts of volumes that the pod does not have. */}}
{{- define "anthropic-work-exporter.checkTwins" -}}
{{- $volumes := list "config" }}
{{- $places := list (include "anthropic-work-exporter.configDirectory" .) }}
{{- range $index, $secret := .Values.existingSecrets }}
{{- $volumes = append $volumes (printf "secret-%d" $index) }}
{{- $places = append $places (printf "/run/secrets/%s" $secret) }}
{{- end }}
{{- if .Values.persistence.enabled }}
{{- $volumes = append $volumes "state" }}
{{- $places = append $places (include "anthropic-work-exporter.stateDirectory" .) }}
{{- end }}
{{- $variables := list }}
{{- $containers := list "exporter" }}
{{- range .Values.extraEnv }}{{ $variables = append $variables .name }}{{ end }}
{{- range .Values.extraContainers }}{{ $containers = append $containers .name }}{{ end }}
{{- range $volume := .Values.extraVolumes }}
{{- $volumes = append $volumes $volume.name }}
{{- $sources := list }}
{{- range $source, $of := omit $volume "name" }}
{{- if not (kindIs "invalid" $of) }}{{ $sources = append $sources $source }}{{ end }}
{{- end }}
{{- if gt (len $sources) 1 }}
{{- fail (printf "extraVolumes has the volume %s with %s, and a volume has one source. Leave one" $volume.name (join " and " $sources)) }}
{{- end }}
{{- end }}
{{- range .Values.extraVolumeMounts }}
{{- $places = append $places (clean .mountPath) }}
{{- if not (has .name $volumes) }}
{{- fail (printf "extraVolumeMounts mounts the volume %s, which the pod does not have. Add it to extraVolumes" .name) }}
{{- end }}
{{- end }}
{{- range .Values.extraContainers }}
{{- $container := .name }}
{{- range .volumeMounts }}
{{- if not (has .name $volumes) }}
{{- fail (printf "extraContainers mounts the volume %s in %s, and the pod does not have it. Add it to extraVolumes" .name $container) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $value, $all := dict "extraEnv" $variables "extraContainers" $containers "extraVolumes" $volumes "extraVolumeMounts" $places }}
{{- $seen := list }}
{{- range $all }}
{{- if has . $seen }}
{{- fail (printf "%s has %s, which the pod has already. Give it another name or place, or leave it out" $value .) }}
{{- end }}
{{- $seen = append $seen . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Variables of `config` that the container does not have. An injector, which annotations, labels or an account call, may bring more. */}}
{{- define "anthropic-work-exporter.checkVariables" -}}
{{- $account := .Values.serviceAccount }}
{{- $calls := list .Values.extraEnvFrom .Values.podAnnotations .Values.podLabels .Values.commonLabels $account.annotations $account.name }}
{{- if not (compact $calls) }}
{{- $known := list "HOME" "HOSTNAME" "PATH" "MALLOC_ARENA_MAX" "NODE_ENV" "NODE_OPTIONS" "ANTHROPIC_WORK_EXPORTER_REVISION" }}
{{- range .Values.extraEnv }}{{ $known = append $known .name }}{{ end }}
{{- range regexFindAll "\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}" (toJson .Values.config) -1 | uniq }}
{{- $variable := trimPrefix "${" . | trimSuffix "}" }}
{{- if not (or (has $variable $known) (regexMatch "^(AWS|KUBERNETES)_" $variable)) }}
{{- fail (printf "config names the variable %s, which the container does not have. Add it to extraEnv, with valueFrom.secretKeyRef if it is a key" $variable) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Requests above their limits, with which Kubernetes makes no pod. A limit alone is often below the request of the chart. */}}
{{- define "anthropic-work-exporter.checkResources" -}}
{{- $requests := (.Values.resources | default dict).requests }}
{{- range $name, $limit := (.Values.resources | default dict).limits }}
{{- $request := get ($requests | default dict) $name }}
{{- if not (or (kindIs "invalid" $limit) (empty $request)) }}
{{- if gt (include "anthropic-work-exporter.amount" $request | float64) (include "anthropic-work-exporter.amount" $limit | float64) }}
{{- fail (printf "resources.requests.%s is %s and resources.limits.%s is %s, and Kubernetes makes no pod whose request is above its limit. Set both" $name (include "anthropic-work-exporter.written" $request) $name (include "anthropic-work-exporter.written" $limit)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A value as it is written: Helm would show a large number as 1.34217728e+08. */}}
{{- define "anthropic-work-exporter.written" -}}
{{- toJson . | trimAll "\"" }}
{{- end }}

{{/* A quantity of Kubernetes as a number. */}}
{{- define "anthropic-work-exporter.amount" -}}
{{- $text := toString . }}
{{- $units := dict "n" 1e-9 "u" 1e-6 "m" 1e-3 "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 }}
{{- $binary := dict "Ki" 0x1p10 "Mi" 0x1p20 "Gi" 0x1p30 "Ti" 0x1p40 "Pi" 0x1p50 "Ei" 0x1p60 }}
{{- $unit := regexFind "[A-Za-z]*$" $text }}
{{- mulf (trimSuffix $unit $text | float64) (get (merge $units $binary) $unit | float64) }}
{{- end }}

{{/* Root in a pod that must not have it, which Kubernetes takes and never starts. A container's own settings win. */}}
{{- define "anthropic-work-exporter.checkUser" -}}
{{- $user := dict }}
{{- $must := dict }}
{{- range list "podSecurityContext" "securityContext" }}
{{- $context := get $.Values . | default dict }}
{{- if not (kindIs "invalid" $context.runAsUser) }}{{ $user = dict "at" . "is" (int64 $context.runAsUser) }}{{ end }}
{{- if not (kindIs "invalid" $context.runAsNonRoot) }}{{ $must = dict "at" . "is" $context.runAsNonRoot }}{{ end }}
{{- end }}
{{- if and $user $must.is (eq (toString $user.is) "0") }}
{{- fail (printf "%s.runAsUser is 0 and %s.runAsNonRoot is true, and Kubernetes starts no such container. Leave runAsUser out" $user.at $must.at) }}
{{- end }}
{{- end }}
