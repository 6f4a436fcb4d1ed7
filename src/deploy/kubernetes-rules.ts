import type { JsonSchema } from '../config/load/configuration-schema.ts';
import type members from './kubernetes-members.json';

type Rule = readonly [schema: JsonSchema, wanted: string];

/** A member that is set: for Kubernetes, one that is null is not. */
const given = (name: string): JsonSchema => ({
  required: [name],
  properties: { [name]: { not: { type: 'null' } } },
});
const none = (...names: readonly string[]): JsonSchema => ({ not: { anyOf: names.map(given) } });
const says = (name: string, ...words: readonly unknown[]): JsonSchema => ({
  required: [name],
  properties: { [name]: { enum: words } },
});
const has = (name: string, schema: JsonSchema): JsonSchema => ({ properties: { [name]: schema } });
const where = (condition: JsonSchema, schema: JsonSchema): JsonSchema => ({ anyOf: [{ not: condition }, schema] });
const SOME_TEXT: JsonSchema = { type: 'string', minLength: 1 };
const text = (name: string): JsonSchema => ({ required: [name], ...has(name, SOME_TEXT) });

const exactlyOne = (what: string, ...names: readonly string[]): Rule => [
  { oneOf: names.map(given) },
  `${what} of one kind: one of ${names.join(', ')}`,
];
const named = (name = 'name'): Rule => [text(name), `a map with ${name}: an object of Kubernetes that exists`];
const within = (name: string, minimum: number, maximum: number, example: string): Rule => [
  has(name, { minimum, maximum }),
  `a map with ${name} ${example}`,
];
const mode = (name: string): Rule =>
  within(name, 0, 0o777, 'of at most 0777, which is 511: without a 0 in front, a number is decimal');
const user = (name: string): Rule => within(name, 0, 2 ** 31 - 1, 'of 0 or more');
const localhost = (what: string): readonly Rule[] => [
  [
    where(says('type', 'Localhost'), text('localhostProfile')),
    `${what} with localhostProfile, as its type is Localhost`,
  ],
  [
    where(given('localhostProfile'), says('type', 'Localhost')),
    `${what} without localhostProfile, or of type Localhost`,
  ],
];
const requirement = (...single: readonly string[]): readonly Rule[] => [
  [
    where(says('operator', 'In', 'NotIn'), { required: ['values'], ...has('values', { minItems: 1 }) }),
    'a condition with values, as its operator compares with them',
  ],
  [
    where(says('operator', 'Exists', 'DoesNotExist'), has('values', { maxItems: 0 })),
    'a condition without values, as its operator asks only for the key',
  ],
  [
    where(says('operator', ...single), { required: ['values'], ...has('values', { minItems: 1, maxItems: 1 }) }),
    'a condition with one value, as its operator compares with a number',
  ],
];
const WEIGHT = within('weight', 1, 100, 'from 1 to 100');

/** The actions that need a label to write or to compare with, in any case. A rule without an action replaces. */
const TARGETED: JsonSchema = has('action', {
  type: ['string', 'null'],
  pattern: '^(?i:replace|hashmod|lowercase|uppercase|keepequal|dropequal)?$',
});

/** A subdirectory of a volume: Kubernetes lets no path leave it. */
const INSIDE: JsonSchema = { not: { type: 'string', pattern: '^/|(^|/)\\.\\.(/|$)' } };
const inside = (name: string): Rule => [
  has(name, INSIDE),
  `a map with ${name} below the volume: neither / in front nor ..`,
];

/**
 * What Kubernetes, or the Prometheus Operator, requires of several members together, or of the value of one, beyond the
 * types in kubernetes-members.json. Kubernetes rejects the object otherwise; the operator leaves the whole
 * ServiceMonitor out and scrapes nothing; and a selector that is missing selects nothing.
 */
export const KIND_RULES: Readonly<Partial<Record<keyof typeof members, readonly Rule[]>>> = {
  AppArmorProfile: localhost('a profile'),
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
  SeccompProfile: localhost('a profile'),
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
};
