import { container, SPREAD, scraped } from './written-values.ts';

const FILE = { secretName: 'a', items: [{ key: 'a', path: 'b/..c', mode: 0o400 }], defaultMode: 0o777 };
const PART = { name: 'a', key: 'b' };
const WITH_TLS = {
  scheme: 'HTTPS',
  existingSecrets: ['web'],
  config: {
    environments: [{ id: 'env_1', environment_key_file: '/run/secrets/web/key' }],
    server: { web_config_file: '/run/secrets/web/web.yml' },
  },
};
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
  { networkPolicy: { enabled: true, egressPorts: [] } },
  { networkPolicy: { enabled: true, egressPorts: [], dnsPorts: [], egressTo: [] } },
  { networkPolicy: { egressPorts: [], egressTo: [{ podSelector: {} }] } },
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
  ...[
    { insecureSkipVerify: true },
    { ca: { secret: PART }, cert: { secret: PART }, keySecret: PART, serverName: 'a' },
    { ca: { configMap: PART, secret: null }, certFile: '/a', cert: {}, keyFile: '/b' },
    { caFile: '/a', ca: {}, cert: { configMap: PART }, keyFile: '/b', keySecret: null },
    { certFile: '', keyFile: '', cert: null, minVersion: 'TLS12', maxVersion: 'TLS12' },
    { minVersion: 'TLS10', maxVersion: 'TLS13' },
    { minVersion: 'TLS13' },
  ].map((tlsConfig) => ({ ...WITH_TLS, ...scraped({ tlsConfig }) })),
  scraped({ basicAuth: { username: PART, password: { ...PART, optional: false } } }),
  scraped({ basicAuth: { username: null, password: null } }),
  scraped({
    relabelings: [
      { action: 'labelmap', regex: '__meta_(.+)' },
      { action: 'Drop', sourceLabels: ['a'], regex: '(?i)a|b{2}|' },
      { action: 'keep', sourceLabels: ['a'], regex: '\\Qa.b' },
      { action: 'HashMod', sourceLabels: ['a'], targetLabel: 'b', modulus: 1 },
      { sourceLabels: ['a'], targetLabel: 'b' },
      { action: null, sourceLabels: ['a'], targetLabel: 'b', regex: null, modulus: null },
    ],
    metricRelabelings: null,
  }),
];
