{{/* What the exporter would refuse of `config` because of two options together; files/config-checks.json has its own tables. */}}
{{- define "anthropic-work-exporter.checkConfig" -}}
{{- $checks := .Files.Get "files/config-checks.json" | fromJson }}
{{- include "anthropic-work-exporter.checkShares" . }}
{{- include "anthropic-work-exporter.checkProviders" (dict "config" .Values.config "providers" $checks.providers) }}
{{- include "anthropic-work-exporter.checkOrder" (dict "at" "config" "layers" (list .Values.config) "checks" $checks) }}
{{- range $index, $environment := .Values.config.environments }}
{{- $at := printf "config.environments[%d]" $index }}
{{- include "anthropic-work-exporter.checkOrder" (dict "at" $at "layers" (list $environment $.Values.config) "checks" $checks) }}
{{- end }}
{{- end }}

{{/* Texts that the exporter refuses wherever they stand. Call with (dict "at" PATH "value" VALUE). */}}
{{- define "anthropic-work-exporter.checkTexts" -}}
{{- $at := .at }}
{{- if kindIs "map" .value }}
{{- range $name, $value := .value }}
{{- include "anthropic-work-exporter.checkTexts" (dict "at" (printf "%s.%s" $at $name) "value" $value) }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $index, $value := .value }}
{{- include "anthropic-work-exporter.checkTexts" (dict "at" (printf "%s[%d]" $at $index) "value" $value) }}
{{- end }}
{{- else if kindIs "string" .value }}
{{- $variable := "[$][{][A-Za-z_][A-Za-z0-9_]*[}]" }}
{{/* The text is not shown: it may be a secret, and Helm's output is kept in many places. */}}
{{- if contains "sk-ant-" .value }}
{{- fail (printf "%s has a key in it, which would end up in a ConfigMap. Take it out; a key belongs in a Secret, whose file api_key_file or environment_key_file names" $at) }}
{{- end }}
{{- if and (regexMatch $variable .value) (not (regexMatch (printf "^%s$" $variable) .value)) }}
{{- fail (printf "%s has a %s with text beside it, and the exporter takes ${NAME} only as the whole value. Put the rest into the variable" $at (regexFind $variable .value)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A budget of fewer requests than there are shards, to which it is divided. What a variable says is known only in the pod. */}}
{{- define "anthropic-work-exporter.checkShares" -}}
{{- $shards := int .Values.shards }}
{{- $connections := dict "api" .Values.config.api }}
{{- range $name, $connection := .Values.config.connections }}
{{- $_ := set $connections (printf "connections.%s" $name) $connection }}
{{- end }}
{{- range $at, $connection := $connections }}
{{- $budget := ($connection | default dict).requests_per_minute }}
{{- if and $budget (not (kindIs "string" $budget)) (lt (int $budget) $shards) }}
{{- fail (printf "config.%s.requests_per_minute is %d, which cannot be divided among %d shards. Set it to %d or more" $at (int $budget) $shards $shards) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Keys of environments where the provider has none, and a discovery that no provider offers or that leaves out everything. */}}
{{- define "anthropic-work-exporter.checkProviders" -}}
{{- $config := .config }}
{{- $providers := .providers }}
{{- $connections := deepCopy ($config.connections | default dict) }}
{{- if hasKey $config "api" }}{{ $_ := set $connections "default" $config.api }}{{ end }}
{{- range $index, $environment := $config.environments }}
{{- $connection := get $connections ($environment.connection | default "default") | default dict }}
{{- $offers := get $providers ($connection.provider | default "anthropic") | default (dict "environmentKeys" true) }}
{{- range $option := list "environment_key" "environment_key_file" }}
{{- if and (get $environment $option) (not $offers.environmentKeys) }}
{{- fail (printf "config.environments[%d].%s: provider %s has no environment keys, and its API key reads everything. Leave it out" $index $option $connection.provider) }}
{{- end }}
{{- end }}
{{- end }}
{{- $discovery := $config.discovery | default dict }}
{{- if eq (toString $discovery.enabled) "true" }}
{{- $able := false }}
{{- range $connection := values $connections }}
{{- $connection = $connection | default dict }}
{{- $offers := get $providers ($connection.provider | default "anthropic") | default (dict "discovery" true) }}
{{- if and $offers.discovery (or $connection.api_key $connection.api_key_file) }}{{ $able = true }}{{ end }}
{{- end }}
{{- if not $able }}
{{- fail "config.discovery.enabled is true, and no connection has an API key of a provider that lists environments. Name one in api_key_file, or name the environments" }}
{{- end }}
{{- range $discovery.exclude }}
{{- if regexMatch "^\\*+$" . }}
{{- fail (printf "config.discovery.exclude has %s, which leaves out everything. Name what is too much, or set config.discovery.enabled to false" .) }}
{{- end }}
{{- end }}
{{- $left := list }}
{{- range $discovery.include | default (list "*") }}
{{- if not (has . $discovery.exclude) }}{{ $left = append $left . }}{{ end }}
{{- end }}
{{- if not $left }}
{{- fail (printf "config.discovery.exclude leaves out all of config.discovery.include, which is %s. Leave one out, or set config.discovery.enabled to false" (join ", " $discovery.include)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Of settings that are not in order, the first. */}}
{{- define "anthropic-work-exporter.checkOrder" -}}
{{- $at := .at }}
{{- $layers := .layers }}
{{- $units := .checks.units }}
{{- range $order := .checks.orders }}
{{- $low := include "anthropic-work-exporter.setting" (dict "layers" $layers "path" $order.low) }}
{{- $high := include "anthropic-work-exporter.setting" (dict "layers" $layers "path" $order.high) }}
{{- if or $high (not $order.highYields) }}
{{- $low = $low | default (include "anthropic-work-exporter.written" $order.lowDefault) }}
{{- $high = $high | default (include "anthropic-work-exporter.written" $order.highDefault) }}
{{- $lowNumber := include "anthropic-work-exporter.size" (dict "text" $low "units" $units) }}
{{- $highNumber := include "anthropic-work-exporter.size" (dict "text" $high "units" $units) }}
{{- if and $lowNumber $highNumber (gt (float64 $lowNumber) (float64 $highNumber)) }}
{{- $names := list (join "." $order.low) $low (join "." $order.high) $high }}
{{- fail (printf "%s: %s is %s, above %s, which is %s. Set both" $at (index $names 0) (index $names 1) (index $names 2) (index $names 3)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A setting as the first layer has it that has it; nothing where none does. Call with (dict "layers" LIST "path" LIST). */}}
{{- define "anthropic-work-exporter.setting" -}}
{{- $path := .path }}
{{- $found := "" }}
{{- range $layer := .layers }}
{{- $value := $layer }}
{{- range $path }}
{{- if kindIs "map" $value }}{{ $value = get $value . }}{{ else }}{{ $value = "" }}{{ end }}
{{- end }}
{{- if and (not $found) (not (kindIs "invalid" $value)) }}{{ $found = include "anthropic-work-exporter.written" $value }}{{ end }}
{{- end }}
{{- $found }}
{{- end }}

{{/* A number, or a duration in milliseconds; nothing for what is none of them, or no limit. Call with (dict "text" TEXT "units" MAP). */}}
{{- define "anthropic-work-exporter.size" -}}
{{- if regexMatch "^[0-9]+(\\.[0-9]+)?$" .text }}
{{- .text }}
{{- else if regexMatch "^([0-9]+(ms|[ywdhms]))+$" .text }}
{{- $units := .units }}
{{- $sum := 0.0 }}
{{- range regexFindAll "[0-9]+(ms|[ywdhms])" .text -1 }}
{{- $amount := regexFind "^[0-9]+" . }}
{{- $sum = addf $sum (mulf (float64 $amount) (get $units (trimPrefix $amount .))) }}
{{- end }}
{{- printf "%.0f" $sum }}
{{- end }}
{{- end }}
