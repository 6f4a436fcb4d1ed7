import type { JsonSchema } from '../config/load/configuration-schema.ts';

/**
 * The members of the objects of Kubernetes and of the Prometheus Operator that values hold: both drop one that they do
 * not know without a word, and a pod with a misspelt `readOnlyRootFilesystem` would be writable.
 */
export const KUBERNETES_FIELDS = {
  PodSecurityContext: [
    'appArmorProfile',
    'fsGroup',
    'fsGroupChangePolicy',
    'runAsGroup',
    'runAsNonRoot',
    'runAsUser',
    'seLinuxChangePolicy',
    'seLinuxOptions',
    'seccompProfile',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'sysctls',
    'windowsOptions',
  ],
  SecurityContext: [
    'allowPrivilegeEscalation',
    'appArmorProfile',
    'capabilities',
    'privileged',
    'procMount',
    'readOnlyRootFilesystem',
    'runAsGroup',
    'runAsNonRoot',
    'runAsUser',
    'seLinuxOptions',
    'seccompProfile',
    'windowsOptions',
  ],
  Toleration: ['effect', 'key', 'operator', 'tolerationSeconds', 'value'],
  TopologySpreadConstraint: [
    'labelSelector',
    'matchLabelKeys',
    'maxSkew',
    'minDomains',
    'nodeAffinityPolicy',
    'nodeTaintsPolicy',
    'topologyKey',
    'whenUnsatisfiable',
  ],
  Affinity: ['nodeAffinity', 'podAffinity', 'podAntiAffinity'],
  EnvVar: ['name', 'value', 'valueFrom'],
  EnvFromSource: ['configMapRef', 'prefix', 'secretRef'],
  VolumeMount: ['mountPath', 'mountPropagation', 'name', 'readOnly', 'recursiveReadOnly', 'subPath', 'subPathExpr'],
  NetworkPolicyPeer: ['ipBlock', 'namespaceSelector', 'podSelector'],
  tlsConfig: [
    'ca',
    'caFile',
    'cert',
    'certFile',
    'insecureSkipVerify',
    'keyFile',
    'keySecret',
    'maxVersion',
    'minVersion',
    'serverName',
  ],
  basicAuth: ['password', 'username'],
  relabelings: ['action', 'modulus', 'regex', 'replacement', 'separator', 'sourceLabels', 'targetLabel'],
} as const;

/** An object of this kind with no other members than it has; of their values, Kubernetes itself says what is wrong. */
export function objectOf(kind: keyof typeof KUBERNETES_FIELDS, properties: JsonSchema = {}): JsonSchema {
  const all = Object.fromEntries(KUBERNETES_FIELDS[kind].map((name) => [name, properties[name] ?? {}]));
  return { type: 'object', properties: all, required: Object.keys(properties), additionalProperties: false };
}
