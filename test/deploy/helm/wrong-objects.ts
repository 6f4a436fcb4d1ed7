import { container, SPREAD } from './written-values.ts';

type Row = readonly [what: string, values: Readonly<Record<string, unknown>>, told: RegExp];

const peer = (one: object) => ({ networkPolicy: { enabled: true, ingressFrom: [one] } });
const variable = (valueFrom: object) => ({ extraEnv: [{ name: 'A', valueFrom }] });
const volume = (source: object) => ({ extraVolumes: [{ name: 'a', ...source }] });
const mount = (more: object) => ({
  extraVolumes: [{ name: 'a', emptyDir: {} }],
  extraVolumeMounts: [{ name: 'a', mountPath: '/a', ...more }],
});
const requirement = (one: object) => peer({ podSelector: { matchExpressions: [{ key: 'a', ...one }] } });
const nodes = (one: object) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [one] }] },
    },
  },
});
const apart = (...terms: readonly object[]) => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const preferred = (weight: number) => ({
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, preference: {} }] } },
});
const spread = (more: object) => ({
  topologySpreadConstraints: [{ ...SPREAD, whenUnsatisfiable: 'ScheduleAnyway', ...more }],
});
const relabeled = (rule: object) => ({ serviceMonitor: { enabled: true, relabelings: [rule] } });
const at = (name: string) => ({ secret: { name, key: 'b' } });
const encrypted = (tlsConfig: object) => ({ serviceMonitor: { tlsConfig } });
const login = (basicAuth: object) => ({ serviceMonitor: { basicAuth } });
const SECRET = { secretKeyRef: { name: 'a', key: 'b' } };

/** Objects that the API server refuses: test/deploy/api-server.test.ts asks it. */
export const REFUSED_BY_KUBERNETES: readonly Row[] = [
  ['a peer of nothing', peer({}), /ingressFrom\/0'.*a peer with podSelector/],
  ['a peer of nulls', peer({ podSelector: null }), /ingressFrom\/0'.*a peer with podSelector/],
  [
    'a peer of both kinds',
    peer({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
    /ingressFrom\/0'.*with ipBlock alone/,
  ],
  ['a network of 33 bits', peer({ ipBlock: { cidr: '10.0.0.0/33' } }), /cidr'.*10\.0\.0\.0\/8/],
  ['a byte of 256', peer({ ipBlock: { cidr: '10.0.0.256/32' } }), /cidr'.*10\.0\.0\.0\/8/],
  ['three bytes', peer({ ipBlock: { cidr: '10.0.0/24' } }), /cidr'.*10\.0\.0\.0\/8/],
  ['a network of 129 bits', peer({ ipBlock: { cidr: 'fd00::/129' } }), /cidr'.*10\.0\.0\.0\/8/],
  ['a choice among nothing', requirement({ operator: 'In' }), /matchExpressions\/0'.*with values/],
  ['one among an empty list', requirement({ operator: 'NotIn', values: [] }), /matchExpressions\/0'.*with values/],
  ['a key that has values', requirement({ operator: 'Exists', values: ['a'] }), /matchExpressions\/0'.*without values/],
  ['more than two numbers', nodes({ key: 'a', operator: 'Gt', values: ['1', '2'] }), /matchExpressions\/0'.*one value/],
  ['a weight of 0', preferred(0), /weight from 1 to 100/],
  ['a weight of 101', preferred(101), /weight from 1 to 100/],
  [
    'nodes of no term',
    { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    /at least one of nodeSelectorTerms/,
  ],
  ['a place without its name', apart({ topologyKey: '', labelSelector: {} }), /Execution\/0'.*with topologyKey/],
  ['a skew of 0', spread({ maxSkew: 0 }), /maxSkew of 1 or more/],
  ['a least number for a wish', spread({ minDomains: 2 }), /without minDomains, or with whenUns/],
  ['a negative user', { securityContext: { runAsUser: -1 } }, /runAsUser of 0 or more/],
  ['a negative group of the pod', { podSecurityContext: { fsGroup: -1 } }, /fsGroup of 0 or more/],
  ['all rights, without more', { securityContext: { privileged: true } }, /without privileged, or with allowPriv/],
  [
    'a profile of the node without its file',
    { podSecurityContext: { seccompProfile: { type: 'Localhost' } } },
    /seccompProfile'.*with localhostProfile/,
  ],
  [
    'a file for the profile of the runtime',
    { securityContext: { seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'a' } } },
    /seccompProfile'.*without localhostProfile/,
  ],
  ['a variable from nowhere', variable({}), /valueFrom'.*a source of one kind/],
  ['one from two places', variable({ ...SECRET, fieldRef: { fieldPath: 'metadata.name' } }), /valueFrom'.*of one kind/],
  ['one of a Secret without its name', variable({ secretKeyRef: { key: 'b' } }), /secretKeyRef'.*a map with name/],
  ['variables from nowhere', { extraEnvFrom: [{ prefix: 'A_' }] }, /extraEnvFrom\/0'.*a source of one kind/],
  ['variables of a ConfigMap without its name', { extraEnvFrom: [{ configMapRef: {} }] }, /configMapRef'.*with name/],
  ['a volume of no Secret', volume({ secret: { optional: true } }), /secret'.*a map with secretName/],
  ['one of no ConfigMap', volume({ configMap: { name: '' } }), /configMap'.*a map with name/],
  ['a mode in decimal', volume({ secret: { secretName: 'a', defaultMode: 777 } }), /defaultMode of at most 0777/],
  [
    'the mode of a file in decimal',
    volume({ configMap: { name: 'a', items: [{ key: 'a', path: 'b', mode: 644 }] } }),
    /mode of at most 0777/,
  ],
  [
    'a file at the root',
    volume({ secret: { secretName: 'a', items: [{ key: 'a', path: '/b' }] } }),
    /path below the volume/,
  ],
  [
    'a file above the volume',
    volume({ secret: { secretName: 'a', items: [{ key: 'a', path: 'b/../../c' }] } }),
    /path below the volume/,
  ],
  ['a file of nothing', volume({ downwardAPI: { items: [{ path: 'a' }] } }), /a file of one kind/],
  ['a directory outside of the volume', mount({ subPath: '/b' }), /subPath below the volume/],
  ['two directories of a volume', mount({ subPath: 'b', subPathExpr: 'c' }), /either subPath or subPathExpr/],
  ['a probe of nothing', container({ livenessProbe: { periodSeconds: 5 } }), /livenessProbe'.*a probe of one kind/],
  [
    'a probe of two kinds',
    container({ startupProbe: { exec: { command: ['a'] }, tcpSocket: { port: 1 } } }),
    /startupProbe'.*a probe of one kind/,
  ],
  ['a claim of a device', { resources: { claims: [{ name: 'a' }] } }, /resources'.*a map without claims/],
  ['a handler of nothing', container({ lifecycle: { preStop: {} } }), /preStop'.*a handler of one kind/],
];

/** Objects that Kubernetes takes, and that do nothing; or that the Operator leaves out, with all that it would scrape. */
export const WITHOUT_EFFECT: readonly Row[] = [
  ['pods that are kept apart from none', apart({ topologyKey: 'zone' }), /Execution\/0'.*finds no pod/],
  ['a rule without a label to write', relabeled({ sourceLabels: ['a'] }), /relabelings\/0'.*with targetLabel/],
  [
    'one that says its action in capitals',
    relabeled({ action: 'Replace', sourceLabels: ['a'], targetLabel: '' }),
    /relabelings\/0'.*with targetLabel/,
  ],
  ['one that compares with nothing', relabeled({ action: 'keepequal' }), /relabelings\/0'.*with targetLabel/],
  ['a certificate without its key', encrypted({ cert: at('a') }), /tlsConfig'.*a certificate .* and its key/],
  ['one of a file without it', encrypted({ certFile: '/a', keySecret: null }), /tlsConfig'.*and its key/],
  ['a key without its certificate', encrypted({ keySecret: { name: 'a', key: 'b' } }), /tlsConfig'.*and its key/],
  ['a key for a certificate that is empty', encrypted({ cert: {}, keyFile: '/a' }), /tlsConfig'.*and its key/],
  ['authorities from two places', encrypted({ ca: at('a'), caFile: '/a' }), /tlsConfig'.*ca or caFile, not both/],
  [
    'a certificate from two places',
    encrypted({ cert: at('a'), certFile: '/a', keyFile: '/b' }),
    /tlsConfig'.*cert or certFile, not both/,
  ],
  [
    'a key from two places',
    encrypted({ certFile: '/a', keyFile: '/b', keySecret: { name: 'a', key: 'b' } }),
    /tlsConfig'.*keySecret or keyFile, not both/,
  ],
  [
    'authorities of two objects',
    encrypted({ ca: { ...at('a'), configMap: { name: 'a', key: 'b' } } }),
    /tlsConfig\/ca'.*secret or configMap, not both/,
  ],
  [
    'a certificate of two objects',
    encrypted({ cert: { ...at('a'), configMap: { name: 'a', key: 'b' } }, keyFile: '/a' }),
    /tlsConfig\/cert'.*secret or configMap, not both/,
  ],
  ['authorities of an object without a name', encrypted({ ca: at('') }), /ca\/secret'.*a map with name/],
  ['an oldest version above the newest', encrypted({ minVersion: 'TLS13', maxVersion: 'TLS12' }), /minVersion is not/],
  ['a name without its password', login({ username: { name: 'a', key: 'b' } }), /basicAuth'.*username and password/],
  ['a password without its name', login({ password: { name: 'a', key: 'b' } }), /basicAuth'.*username and password/],
  [
    'a login of an object without a name',
    login({ username: { key: 'a' }, password: { name: 'a', key: 'b' } }),
    /basicAuth\/username'.*a map with name/,
  ],
  ['a hash without its modulus', relabeled({ action: 'HashMod', targetLabel: 'a' }), /relabelings\/0'.*with modulus/],
];
