import { container, SPREAD, scraped } from './written-values.ts';

const FILE = { secretName: 'a', items: [{ key: 'a', path: 'b/..c', mode: 0o400 }], defaultMode: 0o777 };
const TERM = { topologyKey: 'zone', labelSelector: {} };
const required = (terms: object) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });

/** Objects that Kubernetes takes: test/deploy/api-server.test.ts asks it. Each is near one that it refuses. */
export const RIGHT_OBJECTS: readonly Readonly<Record<string, unknown>>[] = [
  {
    networkPolicy: {
      enabled: true,
      ingressFrom: [
        { podSelector: {}, namespaceSelector: null, ipBlock: null },
        { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'DoesNotExist', values: [] }] } },
        { podSelector: { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['', 'b'] }] } },
        { ipBlock: { cidr: '0.0.0.0/0', except: ['255.255.255.255/32', '10.0.0.0/8'] } },
        ...['::/0', 'fd00::/128', '2001:DB8::/99'].map((cidr) => ({ ipBlock: { cidr } })),
      ],
    },
  },
  {
    affinity: {
      nodeAffinity: {
        ...required({ nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] }] }),
        preferredDuringSchedulingIgnoredDuringExecution: [1, 100].map((weight) => ({ weight, preference: {} })),
      },
      podAffinity: required([TERM]),
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: TERM }] },
    },
    topologySpreadConstraints: [
      { ...SPREAD, whenUnsatisfiable: 'DoNotSchedule', minDomains: 2, matchLabelKeys: ['pod-template-hash'] },
    ],
    podSecurityContext: { runAsNonRoot: false, runAsUser: 0, fsGroup: 1_000_680_000, seccompProfile: null },
    securityContext: {
      privileged: true,
      allowPrivilegeEscalation: null,
      capabilities: null,
      seccompProfile: { type: 'Localhost', localhostProfile: 'a' },
    },
  },
  // The container has a user of its own.
  { podSecurityContext: { runAsUser: 0 }, securityContext: { runAsUser: 1 } },
  { podSecurityContext: { runAsUser: 0 }, securityContext: { runAsNonRoot: false } },
  {
    extraVolumes: [
      { name: 'a', secret: FILE },
      { name: 'b', projected: { defaultMode: 0, sources: [{ secret: { name: 'a' } }, { downwardAPI: {} }] } },
    ],
    extraVolumeMounts: [
      { name: 'a', mountPath: '/a', subPath: 'b..c', subPathExpr: '' },
      { name: 'b', mountPath: '/b', subPath: null, subPathExpr: '$(A)' },
    ],
    extraEnv: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: null } }],
    extraEnvFrom: [{ configMapRef: { name: 'a' }, secretRef: null }],
  },
  container({
    livenessProbe: { exec: { command: ['a'] }, httpGet: null },
    startupProbe: { grpc: { port: 1 } },
    lifecycle: { preStop: { sleep: { seconds: 1 } } },
  }),
  scraped({
    relabelings: [
      { action: 'labelmap', regex: '__meta_(.+)' },
      { action: 'Drop', sourceLabels: ['a'], regex: '(?i)a|b{2}|' },
      { action: 'keep', sourceLabels: ['a'], regex: '\\Qa.b' },
      { action: 'HashMod', sourceLabels: ['a'], targetLabel: 'b', modulus: 1 },
      { sourceLabels: ['a'], targetLabel: 'b' },
    ],
  }),
];
