{{/*
What Kubernetes would refuse of an upgrade after a part of it is in force, or what would take away what the release still uses: told before
anything changes. Where Helm does not speak to the cluster, `lookup` finds nothing, and this says nothing.
*/}}
{{- define "anthropic-work-exporter.checkUpgrade" -}}
{{- if .Release.IsUpgrade }}
{{- $kind := include "anthropic-work-exporter.kind" . }}
{{- $name := include "anthropic-work-exporter.fullname" . }}
{{- $delete := printf "Run this first: kubectl delete %s %s --namespace %s" (lower $kind) $name .Release.Namespace }}
{{- with lookup "apps/v1" $kind .Release.Namespace $name }}
{{/* Of one that is not of this release, Helm says so, and nobody may be told to delete it. */}}
{{- if eq (include "anthropic-work-exporter.releaseOf" .) $.Release.Name }}
{{- if ne (toJson .spec.selector.matchLabels) (include "anthropic-work-exporter.selectorLabels" $ | fromYaml | toJson) }}
{{- fail (printf "nameOverride would change by which labels the %s %s finds its pods, and Kubernetes does not allow that. %s" $kind $name $delete) }}
{{- end }}
{{- if and (eq $kind "StatefulSet") (ne (include "anthropic-work-exporter.liveClaim" .) (include "anthropic-work-exporter.wantedClaim" $)) }}
{{- fail (printf "persistence of the StatefulSet %s would change, and Kubernetes does not allow that. %s. The claims of its pods stay as they are, with the counters" $name $delete) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- include "anthropic-work-exporter.checkClaim" . }}
{{- end }}

{{/* The claim that the release makes for one exporter, or made before it was uninstalled. */}}
{{- define "anthropic-work-exporter.checkClaim" -}}
{{- $persistence := .Values.persistence }}
{{- $name := include "anthropic-work-exporter.fullname" . }}
{{- if and $persistence.enabled (le (int .Values.shards) 1) (has $persistence.existingClaim (list nil "" $name)) }}
{{- with lookup "v1" "PersistentVolumeClaim" .Release.Namespace $name }}
{{- $labels := .metadata.labels | default dict }}
{{- $annotations := .metadata.annotations | default dict }}
{{- $isOurs := and (eq (include "anthropic-work-exporter.releaseOf" .) $.Release.Name) (hasPrefix (printf "%s-" $.Chart.Name) (get $labels "helm.sh/chart")) }}
{{- if .metadata.deletionTimestamp }}
{{- fail (printf "the claim %s is being deleted, and the exporter would wait for it in vain. Run this first: kubectl wait --for=delete pvc/%s --namespace %s" $name $name $.Release.Namespace) }}
{{- end }}
{{- $isKept := eq (get $annotations "helm.sh/resource-policy") "keep" }}
{{- if and $persistence.existingClaim $isOurs (not $isKept) }}
{{- fail (printf "persistence.existingClaim is %s, which this release made, and Helm would delete it. Leave existingClaim out" $name) }}
{{- end }}
{{- if and (not $persistence.existingClaim) $isOurs }}
{{- $delete := $isKept | ternary (printf ", delete the claim, which Helm keeps, with kubectl delete pvc/%s --namespace %s, and switch it on again" $name $.Release.Namespace) "" }}
{{- if and $persistence.storageClass .spec.storageClassName (ne $persistence.storageClass .spec.storageClassName) }}
{{- fail (printf "persistence.storageClass is %s, and the claim %s is of %s, which Kubernetes does not change. To begin with a new one, and counters at 0, upgrade with persistence.enabled=false first%s" $persistence.storageClass $name .spec.storageClassName $delete) }}
{{- end }}
{{- $size := .spec.resources.requests.storage }}
{{/* A claim that could not grow may shrink again to more than it has. */}}
{{- $has := get ((.status | default dict).capacity | default dict) "storage" | default $size }}
{{- $wanted := include "anthropic-work-exporter.amount" $persistence.size | float64 }}
{{- if and (lt $wanted (include "anthropic-work-exporter.amount" $size | float64)) (le $wanted (include "anthropic-work-exporter.amount" $has | float64)) }}
{{- fail (printf "persistence.size is %s, and the claim %s is one of %s, which Kubernetes does not make smaller. Set persistence.size to %s or more" $persistence.size $name $size $size) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The claims of the pods of a StatefulSet, as they are and as the values want them, in a form that can be compared. */}}
{{- define "anthropic-work-exporter.liveClaim" -}}
{{- range .spec.volumeClaimTemplates }}
{{- include "anthropic-work-exporter.claimText" (dict "size" .spec.resources.requests.storage "class" .spec.storageClassName "annotations" .metadata.annotations) }}
{{- end }}
{{- end }}

{{- define "anthropic-work-exporter.wantedClaim" -}}
{{- with .Values.persistence }}
{{- if .enabled }}
{{- include "anthropic-work-exporter.claimText" (dict "size" .size "class" .storageClass "annotations" .annotations) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "anthropic-work-exporter.claimText" -}}
{{- list (include "anthropic-work-exporter.amount" .size) (.class | default "") (.annotations | default dict) | toJson }}
{{- end }}

{{/* The release that has an object of the cluster; nothing where Helm did not make it. */}}
{{- define "anthropic-work-exporter.releaseOf" -}}
{{- get (.metadata.annotations | default dict) "meta.helm.sh/release-name" }}
{{- end }}
