import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/processes.ts';
import { ENVIRONMENT } from './chart-objects.ts';
import { RIGHT_OBJECTS } from './right-objects.ts';
import {
  connected,
  environment,
  KEY,
  listening,
  mounted,
  PERSISTENT,
  READ_ONLY_INSIDE,
  SPREAD,
  scraped,
  stateFile,
  WRITABLE,
  watching,
} from './written-values.ts';

const topAges = (warning: string, critical: string) => ({ thresholds: { queue_age: { warning, critical } } });
const FROM_POD = { valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } };
const LIST = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'y' } }] };

/** What every container of the image has. */
const imageVariables = (): readonly string[] => {
  const [, written = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')) ?? [];
  return [...written.matchAll(/(?<!\S)(\w+)=/g)].map(([, name]) => name!);
};

/** Right values that look like wrong ones, by what they are. */
const RIGHT: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  'a connection that there is': [
    connected({ id: 'env_1', connection: 'a' }),
    { ...connected({ id: 'env_1', connection: `\${CONNECTION}` }), extraEnv: [{ name: 'CONNECTION', value: 'a' }] },
    { config: { ...connected({ id: 'env_1' }).config, api: { api_key_file: KEY } } },
    { config: { environments: [{ id: 'env_1', environment_key_file: KEY }] } },
  ],
  'an address to listen on': [':10', '0.0.0.0:9900', '[::]:9877', 'localhost.example:1270'].map(listening),
  'an interval of scrapes': [
    ...[{ interval: '60s' }, { interval: '1m', scrapeTimeout: '1m' }, { interval: '10000ms' }].map(scraped),
    // Nobody uses it.
    { serviceMonitor: { interval: '2m' } },
    { serviceMonitor: { tlsConfig: { insecureSkipVerify: true } } },
  ],
  'an amount': [
    { limits: { memory: 1e9 } },
    { limits: { memory: '0.25Gi', cpu: '0.5' } },
    { limits: { memory: '1e9' } },
    { limits: { memory: '134217728', 'nvidia.com/gpu': 1, 'hugepages-2Mi': '4Mi', 'ephemeral-storage': '1G' } },
    { limits: { memory: null, cpu: '50000u' } },
    { requests: { cpu: '.5' }, limits: { cpu: '+.5' } },
    { requests: { cpu: '9m' }, limits: { cpu: 0.009 } },
    { requests: { cpu: 0 }, limits: { cpu: '100m' } },
    { requests: { memory: 134_217_728 }, limits: { memory: '128Mi' } },
    { requests: { memory: '256Mi' } },
    { requests: null },
  ].map((resources) => ({ resources })),
  'a variable that the chart cannot see': [
    { extraEnv: [{ name: 'TEAM', value: 'a' }] },
    { extraEnvFrom: [{ secretRef: { name: 'team' } }] },
    { podAnnotations: { 'injector.test/inject': 'true' } },
    { podLabels: { 'injector.test/use': 'true' } },
    { commonLabels: { 'injector.test/use': 'true' } },
    { serviceAccount: { annotations: { 'injector.test/role': 'a' } } },
    { serviceAccount: { create: false, name: 'of-an-injector' } },
  ].map((more) => ({ ...environment({ name: `\${TEAM}` }), ...more })),
  'a budget that is enough for the shards': [
    { shards: 10, ...connected({ id: 'env_1', connection: 'a' }, { requests_per_minute: 10 }) },
    {
      shards: 10,
      ...connected({ id: 'env_1', connection: 'a' }, { requests_per_minute: `\${BUDGET}` }),
      extraEnv: [{ name: 'BUDGET', value: '9' }],
    },
  ],
  'a text with signs that make no variable': ['$TEAM', `$\{a-b}`, '{HOME}', '$'].map((name) => environment({ name })),
  'a variable that the container has anyway': [...imageVariables(), 'KUBERNETES_SERVICE_HOST', 'AWS_REGION'].map(
    (name) => environment({ name: `\${${name}}` }),
  ),
  'a rule for labels that leaves the job alone': [
    scraped({ relabelings: [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: 'job' }] }),
    scraped({ metricRelabelings: [{ action: 'labeldrop', regex: 'pod' }] }),
    scraped({ relabelings: [{ sourceLabels: ['a'], targetLabel: 'node' }] }),
    { serviceMonitor: { relabelings: [{ targetLabel: 'job', replacement: 'x' }] } },
  ],
  'options that fit each other': [
    { thresholds: { queue_age: { warning: '15m' } } },
    { thresholds: { queue_age: { warning: '14m59s999ms', critical: '900s' } } },
    { thresholds: { queue_age: { warning: 'never' }, queue_depth: { critical: 5 } } },
    { thresholds: { queue_age: { critical: 'never', warning: '1d' } }, scaling: null },
    { poll: { stats_interval: '5m', list_interval: '20m' } },
    { environments: [{ ...ENVIRONMENT, thresholds: { queue_age: { critical: '30m' } } }], ...topAges('20m', '25m') },
    { environments: [{ ...ENVIRONMENT, thresholds: null, scaling: { min_workers: 3 } }] },
    {
      environments: [],
      connections: { q: { provider: 'qoder', api_key_file: KEY }, b: { api_key_file: KEY } },
      discovery: { enabled: true },
    },
    { api: { api_key_file: KEY }, discovery: { enabled: true, exclude: ['*-dev', 'tmp*'] } },
    { api: { api_key_file: KEY }, discovery: { enabled: false, exclude: ['*'] } },
    { api: { api_key_file: KEY }, discovery: { enabled: false, include: ['a'], exclude: ['a'] } },
    { api: { api_key_file: KEY }, discovery: { enabled: true, include: ['a', 'b'], exclude: ['b'] } },
    { api: { api_key_file: KEY }, discovery: { enabled: true, include: ['a'], exclude: ['A', 'aa'] } },
    { api: { base_url: 'https://gw.test/v1/anthropic', api_key_file: KEY } },
    { api: { provider: 'qoder', base_url: 'https://gw.test/v1', api_key_file: KEY }, environments: [{ id: 'env_1' }] },
  ].map(watching),
  'variables that stand for options, whatever they hold': [
    {
      ...watching({
        api: { provider: `\${A}`, base_url: `\${B}`, api_key_file: KEY },
        thresholds: { queue_age: { warning: `\${C}` } },
      }),
      extraEnv: ['A', 'B', 'C'].map((name) => ({ name, value: 'x' })),
    },
  ],
  'a state file in the volume of persistence': [{ ...stateFile('/var/lib/anthropic-work-exporter/x'), ...PERSISTENT }],
  'one in a volume of the user': [{ ...stateFile('/data/state/x'), ...mounted({ mountPath: '/data/' }) }],
  'one beside a read-only volume inside it': [{ ...stateFile('/data/x'), ...mounted(WRITABLE, READ_ONLY_INSIDE) }],
  'one in a writable volume inside a read-only one': [
    { ...stateFile('/data/a/x'), ...mounted({ mountPath: '/data/a' }, { ...WRITABLE, readOnly: true }) },
  ],
  'one in the root of a volume at /': [{ ...stateFile('/x'), ...mounted({ mountPath: '/' }) }],
  'one named by a variable': [{ ...stateFile(`\${STATE_FILE}`), extraEnv: [{ name: 'STATE_FILE', value: '/x' }] }],
  'one in a pod that may write anywhere': [
    { ...stateFile('/tmp/x'), securityContext: { readOnlyRootFilesystem: false } },
  ],
  'objects of Kubernetes near wrong ones': RIGHT_OBJECTS,
  'a place for anchors of YAML': [{ 'x-common': { a: 1 }, podLabels: { a: 'b' } }],
  'a part of a gibibyte': ['0.5Gi', '.5Gi', '0.05Ti'].map((size) => ({ persistence: { enabled: true, size } })),
  'much that is only unusual': [
    {
      tolerations: [
        { operator: 'Exists', effect: '' },
        { operator: 'Exists', effect: null },
        { key: 'a', operator: 'Exists', value: '', tolerationSeconds: null },
        { key: 'a', operator: 'Equal', value: '' },
        { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
      ],
      extraObjects: ['# nothing', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }, LIST],
      networkPolicy: { egressTo: [{ ipBlock: { cidr: 'fd00::/8', except: ['fd00:1::/32'] } }] },
      topologySpreadConstraints: [{ ...SPREAD, whenUnsatisfiable: 'ScheduleAnyway', minDomains: null }],
      image: { repository: '[fd00::1]:5000/team/some__exporter' },
      persistence: { enabled: true, size: '1.5Gi', storageClass: '' },
      podLabels: { 'corp.test/Team_a.b': '', a: '0o14' },
      podAnnotations: { 'sidecar.istio.io/inject': '{"a": [1]}\n' },
      extraEnv: [
        { name: 'a.b-c', value: null },
        { name: 'EMPTY', value: '', ...FROM_POD },
        { name: 'NONE', value: null, ...FROM_POD },
        { name: 'VALUE', value: 'a', valueFrom: null },
      ],
      extraVolumes: [{ name: 'own', emptyDir: {}, configMap: null }, { name: 'default' }],
      extraVolumeMounts: ['/own', '/also'].map((mountPath) => ({ name: 'own', mountPath })),
    },
  ],
};

/** Each of them, with what it is. */
export const RIGHT_ROWS = Object.entries(RIGHT).flatMap(([what, all]) => all.map((values) => [what, values] as const));
