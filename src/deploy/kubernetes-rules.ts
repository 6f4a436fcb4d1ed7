import type { JsonSchema } from '../config/load/configuration-schema.ts';
import {
  exactlyOne,
  given,
  has,
  inside,
  type KindRule,
  LOCALHOST_PROFILE,
  mode,
  named,
  none,
  requirement,
  says,
  text,
  together,
  user,
  where,
  within,
} from './kind-rules.ts';
import type members from './kubernetes-members.json';
import { TLS_RULES } from './tls-rules.ts';

const WEIGHT = within('weight', 1, 100, 'from 1 to 100');

/** The actions that need a label to write or to compare with, in any case. A rule without an action replaces. */
const TARGETED: JsonSchema = has('action', {
  type: ['string', 'null'],
  pattern: '^(?i:replace|hashmod|lowercase|uppercase|keepequal|dropequal)?$',
});

/**
 * What Kubernetes, or the Prometheus Operator, requires of several members together, or of the value of one, beyond the
 * types in kubernetes-members.json. Kubernetes rejects the object otherwise; the operator leaves the whole
 * ServiceMonitor out and scrapes nothing; and a selector that is missing selects nothing.
 */
export const KIND_RULES: Readonly<Partial<Record<keyof typeof members, readonly KindRule[]>>> = {
  AppArmorProfile: LOCALHOST_PROFILE,
  ConfigMapEnvSource: [named()],
  ConfigMapKeySelector: [named()],
  ConfigMapProjection: [named()],
  ConfigMapVolumeSource: [named(), mode('defaultMode')],
  DownwardAPIVolumeFile: [exactlyOne('a file', 'fieldRef', 'resourceFieldRef'), mode('mode')],
  DownwardAPIVolumeSource: [mode('defaultMode')],
  EnvFromSource: [exactlyOne('a source', 'configMapRef', 'secretRef')],
  EnvVarSource: [
    exactlyOne('a source', 'configMapKeyRef', 'fieldRef', 'fileKeyRef', 'resourceFieldRef', 'secretKeyRef'),
  ],
  KeyToPath: [inside('path'), mode('mode')],
  LabelSelectorRequirement: requirement(),
  LifecycleHandler: [exactlyOne('a handler', 'exec', 'httpGet', 'sleep', 'tcpSocket')],
  NetworkPolicyPeer: [
    [
      { anyOf: ['ipBlock', 'namespaceSelector', 'podSelector'].map(given) },
      'a peer with podSelector, namespaceSelector or both, or with ipBlock; {} as a selector selects all',
    ],
    [
      where(given('ipBlock'), none('namespaceSelector', 'podSelector')),
      'a peer with ipBlock alone: selectors are another peer',
    ],
  ],
  NodeSelector: [[has('nodeSelectorTerms', { minItems: 1 }), 'a map with at least one of nodeSelectorTerms']],
  NodeSelectorRequirement: requirement('Gt', 'Lt'),
  PodAffinityTerm: [
    [text('topologyKey'), 'a term with topologyKey; for example kubernetes.io/hostname'],
    [given('labelSelector'), 'a term with labelSelector: without it, Kubernetes finds no pod and does nothing'],
  ],
  PodSecurityContext: [user('runAsUser'), user('runAsGroup'), user('fsGroup')],
  PreferredSchedulingTerm: [WEIGHT],
  Probe: [exactlyOne('a probe', 'exec', 'grpc', 'httpGet', 'tcpSocket')],
  ProjectedVolumeSource: [mode('defaultMode')],
  ResourceRequirements: [[has('claims', { maxItems: 0 }), 'a map without claims: the pod has no resourceClaims']],
  SeccompProfile: LOCALHOST_PROFILE,
  SecretEnvSource: [named()],
  SecretKeySelector: [named()],
  SecretProjection: [named()],
  SecretVolumeSource: [named('secretName'), mode('defaultMode')],
  SecurityContext: [
    user('runAsUser'),
    user('runAsGroup'),
    [
      where(says('privileged', true), { not: says('allowPrivilegeEscalation', false) }),
      'a map without privileged, or with allowPrivilegeEscalation: true',
    ],
  ],
  Toleration: [
    [
      { anyOf: [text('key'), says('operator', 'Exists')] },
      'a toleration with a key, or with operator: Exists, which tolerates every taint',
    ],
    [
      where(says('operator', 'Exists'), has('value', { enum: ['', null] })),
      'a toleration without a value, as its operator is Exists',
    ],
    [
      where(given('tolerationSeconds'), says('effect', 'NoExecute')),
      'a toleration with effect: NoExecute, as it has tolerationSeconds',
    ],
  ],
  TopologySpreadConstraint: [
    within('maxSkew', 1, 2 ** 31 - 1, 'of 1 or more'),
    [text('topologyKey'), 'a constraint with topologyKey; for example topology.kubernetes.io/zone'],
    [
      where(given('minDomains'), says('whenUnsatisfiable', 'DoNotSchedule')),
      'a constraint without minDomains, or with whenUnsatisfiable: DoNotSchedule',
    ],
  ],
  VolumeMount: [
    inside('subPath'),
    [
      { anyOf: [has('subPath', { enum: ['', null] }), has('subPathExpr', { enum: ['', null] })] },
      'a mount with either subPath or subPathExpr, not both',
    ],
  ],
  WeightedPodAffinityTerm: [WEIGHT],
  basicAuth: [[together(given('username'), given('password')), 'a login with both username and password']],
  'basicAuth.password': [named()],
  'basicAuth.username': [named()],
  relabelings: [
    [where(TARGETED, text('targetLabel')), 'a rule with targetLabel, which its action, replace if it has none, needs'],
    [
      where(
        { required: ['action'], ...has('action', { type: 'string', pattern: '^(?i:hashmod)$' }) },
        { required: ['modulus'], ...has('modulus', { minimum: 1 }) },
      ),
      'a rule with modulus of 1 or more, which hashmod needs',
    ],
  ],
  ...TLS_RULES,
};
