import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema } from '../../../src/config/load/configuration-schema.ts';
import { DURATION_PATTERN } from '../../../src/config/options/duration.ts';
import { ENVIRONMENT_ID } from '../../../src/config/options/environment-options.ts';
import { chartSchema } from '../../../src/deploy/chart-schema.ts';
import { re2Pattern, UnknownLookaroundError } from '../../../src/deploy/re2-pattern.ts';
import { VALUES_ELSEWHERE } from '../../../src/deploy/values-elsewhere.ts';
import { ROOT } from '../../support/processes.ts';
import { ENVIRONMENT } from './chart-objects.ts';
import { CHART, helmWith, template } from './helm.ts';

const environment = (more: object) => ({ config: { environments: [{ ...ENVIRONMENT, ...more }] } });

const SPREAD = { maxSkew: 1, topologyKey: 'zone' };
const MOUNT = { name: 'a', mountPath: '/a' };
const preferred = (term: object) => ({
  affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term] } },
});
const fromSecret = (secretKeyRef: object) => ({ extraEnv: [{ name: 'A', valueFrom: { secretKeyRef } }] });
const volume = (source: object) => ({ extraVolumes: [{ name: 'a', ...source }] });
const container = (more: object) => ({ extraContainers: [{ name: 'x', image: 'x', ...more }] });

/** Values that a user may write by mistake, and a part of what Helm then says. */
const WRONG: readonly (readonly [string, object, RegExp])[] = [
  ['an unknown value', { hostNetwork: true }, /hostNetwork/],
  ['a value of other charts', { replicaCount: 2 }, /at '\/replicaCount'.*left out: here it is replicas'/],
  ['a key as a value', { apiKey: 'sk-ant-api03-x' }, /at '\/apiKey'.*belongs in a Secret, which existingSecrets/],
  [
    'labels as others have them',
    { serviceMonitor: { additionalLabels: { a: 'b' } } },
    /additionalLabels'.*labels, beside/,
  ],
  ['an unknown value below', { image: { name: 'x' } }, /image.*\n?.*name/],
  ['a tag that is a number', { image: { tag: 1.2 } }, /image.*tag/],
  ['a digest without its algorithm', { image: { digest: 'abc' } }, /image.*digest/],
  ['an unknown pull policy', { image: { pullPolicy: 'always' } }, /pullPolicy/],
  ['a repository in capitals', { image: { repository: 'Registry/X' } }, /repository/],
  ['a repository with its tag', { image: { repository: 'registry.test/exporter:1' } }, /repository/],
  ['a repository with nothing between two slashes', { image: { repository: 'registry.test//exporter' } }, /repository/],
  ['pull secrets as plain names', { imagePullSecrets: ['registry'] }, /imagePullSecrets/],
  ['a Secret that is no name', { existingSecrets: ['My_Secret'] }, /existingSecrets/],
  ['a name with a dot, which no Service has', { fullnameOverride: 'prod.queue' }, /fullnameOverride/],
  ['a name that begins with a digit, which no Service has', { fullnameOverride: '2nd' }, /fullnameOverride/],
  ['a part of a name with a dot', { nameOverride: 'prod.queue' }, /nameOverride/],
  ['a Secret twice', { existingSecrets: ['a', 'a'] }, /existingSecrets/],
  ['Secrets as one text', { existingSecrets: 'a' }, /existingSecrets/],
  ['replicas as text', { replicas: '1' }, /replicas/],
  ['replicas below 0', { replicas: -1 }, /replicas/],
  ['a job that ends a quoted string', { job: 'a"} or vector(1) #' }, /job/],
  ['a size in words', { persistence: { size: 'large' } }, /persistence.*size/],
  ['a port that is none', { service: { port: 70_000 } }, /service.*port/],
  ['a type of Service that is none', { service: { type: 'Ingress' } }, /service.*type/],
  ['an interval without its unit', { serviceMonitor: { interval: 30 } }, /serviceMonitor.*interval/],
  ['an interval of nothing', { serviceMonitor: { interval: '0s' } }, /serviceMonitor.*interval/],
  ['a switch as text', { serviceMonitor: { enabled: 'sometimes' } }, /serviceMonitor.*enabled/],
  ['labels as a list', { serviceMonitor: { labels: ['a'] } }, /serviceMonitor.*labels/],
  ['an alert that does not exist', { prometheusRule: { disabledAlerts: ['AnthropicWorkNothing'] } }, /disabledAlerts/],
  ['an address without its scheme', { links: { runbookBaseUrl: 'wiki.test' } }, /runbookBaseUrl/],
  ['an address with a password', { links: { dashboardBaseUrl: 'https://u:p@g.test' } }, /dashboardBaseUrl/],
  ['an address that is a template', { links: { dashboardBaseUrl: 'https://{{ x }}' } }, /dashboardBaseUrl/],
  ['an egress port by name', { networkPolicy: { egressPorts: ['https'] } }, /egressPorts/],
  ['a label that is a number', { podLabels: { tier: 1 } }, /podLabels/],
  ['a probe with an unknown member', { livenessProbe: { interval: 5 } }, /livenessProbe/],
  ['a probe that never waits', { readinessProbe: { periodSeconds: 0 } }, /readinessProbe/],
  ['resources at the top', { resources: { memory: '64Mi' } }, /resources/],
  [
    'a misspelt protection of the container',
    { securityContext: { readOnlyRootFileSystem: true } },
    /securityContext.*FileSystem/,
  ],
  ['a misspelt user of the pod', { podSecurityContext: { runAsUsr: 5 } }, /podSecurityContext.*runAsUsr/],
  ['a misspelt toleration', { tolerations: [{ kye: 'a' }] }, /tolerations.*kye/],
  ['a misspelt peer', { networkPolicy: { ingressFrom: [{ podSelectors: {} }] } }, /ingressFrom.*podSelectors/],
  ['a misspelt TLS option', { serviceMonitor: { tlsConfig: { insecureSkipVerfy: true } } }, /tlsConfig.*SkipVerfy/],
  ['a misspelt mount', { extraVolumeMounts: [{ name: 'a', mountPath: '/a', readonly: true }] }, /Mounts.*readonly/],
  [
    'a misspelt member of a member',
    { securityContext: { capabilities: { drpo: ['ALL'] } } },
    /securityContext\/capabilities.*drpo/,
  ],
  [
    'one far below',
    {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologykey: 'zone' } }],
        },
      },
    },
    /podAffinityTerm.*topologykey/,
  ],
  [
    'one of a further container',
    { extraContainers: [{ name: 'a', image: 'b', securityContext: { readOnlyRootFilesytem: true } }] },
    /extraContainers.*Filesytem/,
  ],
  [
    'one of where a variable comes from',
    { extraEnv: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'a', ky: 'b' } } }] },
    /secretKeyRef.*ky/,
  ],
  [
    'a misspelt kind of volume',
    { extraVolumes: [{ name: 'a', secrets: { secretName: 'b' } }] },
    /extraVolumes.*secrets/,
  ],
  ['variables as a map', { extraEnv: { A: 'b' } }, /extraEnv/],
  ['an unknown option', { config: { interval: '15s' } }, /config.*\n?.*interval/],
  ['an unknown option below', { config: { poll: { stat_interval: '15s' } } }, /poll.*\n?.*stat_interval/],
  ['a duration without its unit', { config: { poll: { stats_interval: 15 } } }, /stats_interval/],
  ['a duration that is too short', { config: { poll: { stats_interval: '1s' } } }, /stats_interval/],
  ['an empty duration', { config: { poll: { stats_interval: '' } } }, /stats_interval/],
  ['an unknown provider', { config: { api: { provider: 'azure' } } }, /provider/],
  ['a budget of nothing', { config: { api: { requests_per_minute: 0 } } }, /requests_per_minute/],
  ['a key in the configuration', { config: { api: { api_key: 'sk-ant-api03-x' } } }, /api_key/],
  ['an environment key in the configuration', environment({ environment_key: 'sk-ant-oat01-x' }), /environment_key/],
  ['a key and its file', { config: { api: { api_key: `\${A}`, api_key_file: '/a' } } }, /api/],
  ['an environment without its id', { config: { environments: [{ name: 'prod' }] } }, /environments.*\n?.*id/],
  ['a name that turns the direction of what follows', environment({ name: 'prod\u202e' }), /environments.*name/],
  ['a name with an invisible character', environment({ name: 'prod\u200b' }), /environments.*name/],
  ['a name of two lines', environment({ name: 'a\nb' }), /environments.*name/],
  ['a key as an id', { config: { environments: [{ id: 'sk-ant-oat01-x' }] } }, /environments.*id/],
  ['the id that would claim work', { config: { environments: [{ id: 'poll' }] } }, /environments.*id/],
  ['a label that Prometheus keeps for itself', environment({ labels: { __name: 'x' } }), /environments.*labels/],
  ['`api` beside the connection of the same name', { config: { api: {}, connections: { default: {} } } }, /config/],
  ['a port to listen on that is none', { config: { server: { listen: ':65536' } } }, /listen/],
  ['a variable without its name', { extraEnv: [{ value: 'x' }] }, /extraEnv.*name/],
  ['a mount without its place', { extraVolumeMounts: [{ name: 'x' }] }, /extraVolumeMounts.*mountPath/],
  ['a Secret with a part of nothing', { existingSecrets: ['a..b'] }, /existingSecrets/],
  ['a size of nothing', { persistence: { size: '0' } }, /persistence.*size/],
  ['a class of disks that is no name', { persistence: { storageClass: 'Fast' } }, /storageClass/],
  ['a class of priority that is no name', { priorityClassName: 'high priority' }, /priorityClassName/],
  ['a namespace with a dot', { dashboards: { namespace: 'a.b' } }, /dashboards.*namespace/],
  ['a namespace in capitals', { serviceMonitor: { namespace: 'Prometheus' } }, /serviceMonitor.*namespace/],
  ['a label of two words', { podLabels: { team: 'a b' } }, /podLabels.*team.*a value of a label/],
  ['a label of 64 characters', { commonLabels: { team: 'b'.repeat(64) } }, /commonLabels.*team/],
  ['a label with a key of two words', { serviceMonitor: { labels: { 'a b': 'c' } } }, /serviceMonitor.*labels.*keys/],
  ['an annotation without its name', { podAnnotations: { 'corp.test/': 'x' } }, /podAnnotations.*keys/],
  ['a node by a label of two words', { nodeSelector: { zone: 'a b' } }, /nodeSelector.*zone/],
  ['a liveness that has to be seen twice', { livenessProbe: { successThreshold: 2 } }, /successThreshold/],
  [
    'a delay beyond what Kubernetes counts',
    { readinessProbe: { initialDelaySeconds: 2 ** 31 } },
    /initialDelaySeconds/,
  ],
  ['a variable of a number', { extraEnv: [{ name: 'A', value: 1 }] }, /extraEnv.*value.*got number/],
  ['a variable with an equals sign', { extraEnv: [{ name: 'A=B', value: '' }] }, /extraEnv.*name/],
  ['a size of a volume that is misspelt', volume({ emptyDir: { sizelimit: '1Gi' } }), /emptyDir.*sizelimit/],
  ['one in a unit of elsewhere', volume({ emptyDir: { sizeLimit: '1GB' } }), /sizeLimit.*a quantity/],
  ['a claim without its name', volume({ persistentVolumeClaim: {} }), /'claimName'/],
  ['a volume that is no name', { extraVolumes: [{ name: 'A_b' }] }, /extraVolumes.*name/],
  ['a container without its image', { extraContainers: [{ name: 'x' }] }, /extraContainers.*image/],
  ['a key as the value of a variable', { extraEnv: [{ name: 'A', value: 'sk-ant-api03-x' }] }, /extraEnv.*valueFrom/],
  ['a limit in words', { resources: { limits: { memory: 'lots' } } }, /limits\/memory.*256Mi of memory/],
  ['a limit in a unit of elsewhere', { resources: { limits: { memory: '256MB' } } }, /limits\/memory.*a quantity/],
  ['a negative request', { resources: { requests: { cpu: -1 } } }, /requests\/cpu.*100m of a CPU/],
  ['a request with a space', { resources: { requests: { cpu: '50 m' } } }, /requests\/cpu.*a quantity/],
  ['a resource that is none', { resources: { limits: { mem: '1Gi' } } }, /limits'.*cpu, memory/],
  ['a user as text', { podSecurityContext: { runAsUser: '1000' } }, /runAsUser.*got string/],
  ['a switch of the container as text', { securityContext: { privileged: 'off switch' } }, /privileged.*got string/],
  [
    'a profile of old',
    { podSecurityContext: { seccompProfile: { type: 'runtime/default' } } },
    /one of Localhost, Run/,
  ],
  ['a toleration of a word that is none', { tolerations: [{ effect: 'NoSched' }] }, /effect.*one of NoSchedule, Pref/],
  ['a toleration of a truth', { tolerations: [{ key: 'a', value: true }] }, /tolerations\/0\/value.*got boolean/],
  [
    'a toleration of an effect alone',
    { tolerations: [{ effect: 'NoSchedule' }] },
    /tolerations\/0.*with a key, or with op/,
  ],
  ['one of no key', { tolerations: [{ key: '', operator: 'Equal', value: 'x' }] }, /tolerations\/0.*with a key, or/],
  ['one of nothing', { tolerations: [{}] }, /tolerations\/0.*with a key, or/],
  [
    'one that exists and has a value',
    { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
    /tolerations\/0.*without a value, as its operator is Exists/,
  ],
  [
    'one that ends without an eviction',
    { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 5 }] },
    /tolerations\/0.*with effect: NoExecute/,
  ],
  [
    'an address with a login',
    { config: { api: { base_url: 'https://u:p@gw.test' } } },
    /base_url.*without login, query/,
  ],
  [
    'an address with a query',
    { config: { api: { base_url: 'https://gw.test/?a=b' } } },
    /base_url.*without login, query/,
  ],
  [
    'an address of one request',
    { config: { api: { base_url: 'https://gw.test/v1/environments' } } },
    /base_url.*without \/v1 and/,
  ],
  [
    'the address of the Console',
    { config: { api: { base_url: 'https://console.anthropic.com' } } },
    /base_url.*the API without/,
  ],
  ['a spread without its consequence', { topologySpreadConstraints: [SPREAD] }, /whenUnsatisfiable/],
  [
    'a spread with another one',
    { topologySpreadConstraints: [{ ...SPREAD, whenUnsatisfiable: 'No' }] },
    /DoNotSchedule/,
  ],
  ['a preference without its weight', preferred({ podAffinityTerm: { topologyKey: 'zone' } }), /'weight'/],
  ['a preference without its term', preferred({ weight: 1 }), /'podAffinityTerm'/],
  [
    'a rule for labels that is none',
    { serviceMonitor: { relabelings: [{ action: 'dropp' }] } },
    /one of replace, keep/,
  ],
  [
    'a network without the length of its prefix',
    { networkPolicy: { egressTo: [{ ipBlock: { cidr: '10.0.0.0' } }] } },
    /10.0.0.0\/8/,
  ],
  ['a variable with two values', { extraEnv: [{ name: 'A', value: 'a', valueFrom: {} }] }, /either value or valueFrom/],
  ['a peer without its network', { networkPolicy: { egressTo: [{ ipBlock: {} }] } }, /'cidr'/],
  ['a variable of a Secret without its entry', fromSecret({ name: 'a' }), /secretKeyRef.*'key'/],
  [
    'a path below a mount that is a truth',
    { extraVolumeMounts: [{ ...MOUNT, subPath: true }] },
    /subPath.*got boolean/,
  ],
  ['a port of a container by its name', container({ ports: [{ containerPort: 'http' }] }), /containerPort.*got string/],
  ['a policy of another container', container({ imagePullPolicy: 'always' }), /imagePullPolicy.*one of Always/],
  ['an object of no kind', { extraObjects: [{ metadata: { name: 'x' } }] }, /extraObjects.*apiVersion, kind/],
  ['an address to listen on without its port', { config: { server: { listen: 'localhost' } } }, /listen/],
];

const stateFile = (path: string) => ({ config: { environments: [ENVIRONMENT], state_file: path } });
const listening = (listen: string) => ({ config: { environments: [ENVIRONMENT], server: { listen } } });
const mounted = (...mounts: readonly object[]) => ({
  extraVolumes: mounts.map((_, index) => ({ name: `data-${index}`, emptyDir: {} })),
  extraVolumeMounts: mounts.map((mount, index) => ({ name: `data-${index}`, ...mount })),
});
const WRITABLE = { mountPath: '/data' };
const READ_ONLY_INSIDE = { mountPath: '/data/state/', readOnly: true };
const scraped = (monitor: object) => ({ serviceMonitor: { enabled: true, ...monitor } });
const NOWHERE = 'where the pod has no volume that it can write to';
const PERSISTENT = { persistence: { enabled: true } };

const FROM_POD = { valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } };
const LIST = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'y' } }] };

/** What every container of the image has. */
const imageVariables = (): readonly string[] => {
  const [, written = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')) ?? [];
  return [...written.matchAll(/(?<!\S)(\w+)=/g)].map(([, name]) => name!);
};

const KEY = '/run/secrets/anthropic-work-exporter/api-key';

/** One connection, `a`, and this environment. */
const connected = (one: object, more: object = {}) => ({
  config: { connections: { a: { api_key_file: KEY, ...more } }, environments: [one] },
});

const topAges = (warning: string, critical: string) => ({ thresholds: { queue_age: { warning, critical } } });
const watching = (more: object) => ({ config: { environments: [ENVIRONMENT], ...more } });

describe('a wrong value', () => {
  it.each(WRONG)('is refused by its name: %s', (_, values, message) => {
    const { status, stdout, stderr } = template(values as Record<string, unknown>);
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/sk-ant-(api03|oat01)-x/);
    // Words of the schema's own language, which say nothing to somebody who writes values.
    expect(stderr).not.toMatch(/'(not|anyOf|oneOf)' failed|does not match pattern|\[object/);
  });

  it.each([
    ['serviceMonitor/interval', { serviceMonitor: { interval: '1.5m' } }, 'a duration in one unit, ms, s or m'],
    [
      'config/poll/stats_interval',
      { config: { poll: { stats_interval: '1s' } } },
      'a duration of at least 5s, with a unit; for example 15s',
    ],
    [
      'config/environments/0/thresholds/queue_age/warning',
      environment({ thresholds: { queue_age: { warning: 5 } } }),
      'a duration of at least 1s, with a unit, or never; for example 5m',
    ],
    [
      'config/connections/second/api_key',
      { config: { connections: { second: { api_key: 'sk-ant-api03-x' } } } },
      `\${NAME}, as a key would end up in a ConfigMap: put it into a Secret and name its file in api_key_file`,
    ],
    [
      'config/api',
      { config: { api: { provider: 'google', api_key_file: KEY } } },
      'a connection with base_url, which provider google needs; as in https://claude.googleapis.com/',
    ],
    [
      'config/api/base_url',
      { config: { api: { base_url: 'https://gw.test/v1/', api_key_file: KEY } } },
      'the address of the API without /v1 and what follows it; for example https://api.anthropic.com',
    ],
    [
      'config/connections/a/base_url',
      { config: { connections: { a: { provider: 'qoder', base_url: 'https://gw.test/api/v1/cloud' } } } },
      'the address of the API without /api/v1/cloud and what follows it; for example https://api.qoder.com',
    ],
    [
      'config/connections/a',
      {
        config: {
          connections: {
            a: { provider: 'aws', workspace_id: 'w', base_url: 'https://aws-external-anthropic.REGION.api.aws' },
          },
        },
      },
      'a connection with base_url, which provider aws needs; as in https://aws-external-anthropic.REGION.api.aws, filled in',
    ],
    [
      'config/api',
      { config: { api: { provider: 'aws', base_url: 'https://aws.test', workspace_id: null } } },
      'a connection with workspace_id, which provider aws needs',
    ],
    ['config/api', { config: { api: { api_key: `\${A}`, api_key_file: '/a' } } }, 'either with api_key or with'],
  ])('is told what it must be: %s', (place, values, wanted) => {
    expect(template(values).stderr).toContain(`at '/${place}': value must be '${wanted}`);
  });

  it.each([
    ['what only a chart around it understands', { enabled: false }, 'enabled is for a chart that contains this one'],
    ['nothing to watch', { existingSecrets: [] }, 'set config, or name the Secret'],
    ['one state file for two', { replicas: 2, persistence: { enabled: true } }, 'a state file has one writer'],
    [
      'an id twice',
      { config: { environments: [{ id: 'env_1' }, { id: 'env_2' }, { id: 'env_1' }] } },
      'id env_1 twice',
    ],
    [
      'a connection that there is not',
      connected({ id: 'env_1', connection: 'b' }),
      'config.environments[0].connection is b, and config has no such connection. Name one of: a',
    ],
    ['none, where the connections have other names', connected({ id: 'env_1' }), 'connection is default, and config'],
    ['a port that only the pod knows', listening(`\${LISTEN}`), 'does not say the port of the pod'],
    ['any free port', listening(':0'), 'does not say the port of the pod'],
    ['an address of the pod alone', listening('127.0.0.1:9877'), 'Leave the host out'],
    ['the same by its name', listening('localhost:9877'), 'Leave the host out'],
    ['the same in IPv6', listening('[::1]:9877'), 'Leave the host out'],
    [
      'an address to listen on past the configuration',
      { extraEnv: [{ name: 'ANTHROPIC_WORK_EXPORTER_LISTEN', value: ':80' }] },
      'Set config.server.listen instead',
    ],
    [
      'a shard for every pod',
      { extraEnv: [{ name: 'ANTHROPIC_WORK_EXPORTER_SHARD', value: '0/2' }] },
      'Set shards instead',
    ],
    [
      'a configuration beside that of the chart',
      { extraEnv: [{ name: 'ANTHROPIC_WORK_EXPORTER_CONFIG', value: '/x' }] },
      'Set config instead',
    ],
    ['the loopback address written out', listening('[0:0:0:0:0:0:0:1]:9877'), 'Leave the host out'],
    ['its name in capitals', listening('LOCALHOST:9877'), 'Leave the host out'],
    ['a configuration of nothing but its log', { config: { log: { level: 'debug' } } }, 'has nothing to watch'],
    ['a discovery without a key', { config: { discovery: { enabled: true } } }, 'this one names no key'],
    ['an environment without a key', { config: { environments: [{ id: 'env_1' }] } }, 'this one names no key'],
    [
      'a key of the web server alone',
      {
        config: { environments: [{ id: 'env_1' }], server: { web_config_file: '/run/secrets/mine/web' } },
        existingSecrets: ['mine'],
      },
      'Secret mine, add api.api_key_file: /run/secrets/mine/api-key',
    ],
    [
      'a variable that the container does not have',
      { config: { environments: [{ ...ENVIRONMENT, name: `\${TEAM}` }] } },
      'config names the variable TEAM, which the container does not have. Add it to extraEnv',
    ],
    [
      'a request above the limit',
      { resources: { requests: { cpu: '1.5' }, limits: { cpu: 1 } } },
      'resources.requests.cpu is 1.5 and resources.limits.cpu is 1, and',
    ],
    [
      "a limit below the chart's own request",
      { resources: { limits: { memory: '64Mi' } } },
      'resources.requests.memory is 128Mi and resources.limits.memory is 64Mi',
    ],
    [
      'amounts in bytes',
      { resources: { requests: { memory: 268_435_456 }, limits: { memory: 134_217_728 } } },
      'resources.requests.memory is 268435456 and resources.limits.memory is 134217728',
    ],
    ['a limit in thousandths of a byte', { resources: { limits: { memory: '256m' } } }, 'limits.memory is 256m'],
    [
      'another job by a rule for labels',
      scraped({ relabelings: [{ targetLabel: 'job', replacement: 'x' }] }),
      'serviceMonitor.relabelings writes the label job',
    ],
    [
      'the same after the scrape',
      scraped({ metricRelabelings: [{ action: 'Lowercase', sourceLabels: ['a'], targetLabel: 'job' }] }),
      'serviceMonitor.metricRelabelings writes the label job',
    ],
    [
      'a mount of another container without its volume',
      container({ volumeMounts: [MOUNT] }),
      'extraContainers mounts the volume a in x, and the pod does not have it',
    ],
    ['probes by HTTPS of a server without a certificate', { scheme: 'HTTPS' }, 'would speak HTTP'],
    ['a variable twice', { extraEnv: [{ name: 'A' }, { name: 'A' }] }, 'extraEnv has A, which the pod has already'],
    [
      'a second container of the same name',
      { extraContainers: [{ name: 'exporter', image: 'x' }] },
      'extraContainers has',
    ],
    [
      'a volume called like one of the chart',
      { extraVolumes: [{ name: 'secret-0', emptyDir: {} }] },
      'extraVolumes has',
    ],
    [
      'a second volume for the state',
      { ...PERSISTENT, extraVolumes: [{ name: 'state', emptyDir: {} }] },
      'extraVolumes has state',
    ],
    [
      'a volume over the configuration',
      mounted({ mountPath: '/etc/anthropic-work-exporter/' }),
      'extraVolumeMounts has /etc/anthropic-work-exporter,',
    ],
    [
      'a mount without its volume',
      { extraVolumeMounts: [{ name: 'x', mountPath: '/x' }] },
      'mounts the volume x, which the pod does not have',
    ],
    [
      'a volume with two sources',
      { extraVolumes: [{ name: 'a', emptyDir: {}, configMap: { name: 'b' } }] },
      'extraVolumes has the volume a with configMap and emptyDir, and a volume has one source',
    ],
    [
      'a warning above the critical threshold by default',
      watching({ thresholds: { queue_age: { warning: '20m' } } }),
      'config: thresholds.queue_age.warning is 20m, above thresholds.queue_age.critical, which is 15m',
    ],
    [
      'one above it by a millisecond',
      watching({ thresholds: { queue_age: { warning: '1h1ms', critical: '60m' } } }),
      'thresholds.queue_age.warning is 1h1ms, above',
    ],
    [
      'a number above the other',
      watching({ thresholds: { queue_depth: { warning: 5_000_000, critical: 4_999_999 } } }),
      'thresholds.queue_depth.warning is 5000000, above thresholds.queue_depth.critical, which is 4999999',
    ],
    [
      'thresholds of an environment that do not fit those at the top',
      watching({
        environments: [ENVIRONMENT, { ...ENVIRONMENT, id: 'env_2', thresholds: { queue_age: { critical: '10m' } } }],
        thresholds: { queue_age: { warning: '12m' } },
      }),
      'config.environments[1]: thresholds.queue_age.warning is 12m, above thresholds.queue_age.critical, which is 10m',
    ],
    [
      'an interval above its written maximum',
      watching({ poll: { list_interval: '20m', full_list_interval: '10m' } }),
      'config: poll.list_interval is 20m, above poll.full_list_interval, which is 10m',
    ],
    [
      'an environment key for a provider without them',
      connected({ id: 'env_1', connection: 'a', environment_key_file: KEY }, { provider: 'qoder' }),
      'config.environments[0].environment_key_file: provider qoder has no environment keys',
    ],
    [
      'a discovery that the provider does not offer',
      { config: { api: { provider: 'qoder', api_key_file: KEY }, discovery: { enabled: true } } },
      'no connection has an API key of a provider that lists environments',
    ],
    [
      'a discovery with environment keys alone',
      { config: { environments: [{ id: 'env_1', environment_key_file: KEY }], discovery: { enabled: true } } },
      'no connection has an API key of a provider that lists environments',
    ],
    [
      'a discovery of nothing',
      { config: { api: { api_key_file: KEY }, discovery: { enabled: true, exclude: ['a', '**'] } } },
      'config.discovery.exclude has **, which leaves out everything',
    ],
    ['a state file without a volume', stateFile('/x'), `config.state_file is /x, ${NOWHERE}`],
    ['one beside the volume', { ...stateFile('/var/lib/other'), ...PERSISTENT }, 'persistence.enabled, which puts'],
    ['one beside its configuration', stateFile('state.json'), NOWHERE],
    ['one that leaves the volume', { ...stateFile('/data/../x'), ...mounted({ mountPath: '/data' }) }, NOWHERE],
    ['one in a similar volume', { ...stateFile('/data2/x'), ...mounted({ mountPath: '/data' }) }, NOWHERE],
    [
      'one in a read-only volume',
      { ...stateFile('/data/x'), ...mounted({ mountPath: '/data', readOnly: true }) },
      NOWHERE,
    ],
    [
      'one in a read-only volume inside it',
      { ...stateFile('/data/state/x'), ...mounted(WRITABLE, READ_ONLY_INSIDE) },
      NOWHERE,
    ],
    ['the same, named first', { ...stateFile('/data/state/x'), ...mounted(READ_ONLY_INSIDE, WRITABLE) }, NOWHERE],
    [
      'one among the keys',
      { ...stateFile('/run/secrets/keys/x'), ...mounted({ mountPath: '/run' }), existingSecrets: ['keys'] },
      NOWHERE,
    ],
    [
      'one that is a mount in a volume',
      { ...stateFile('/data/x'), ...mounted({ mountPath: '/data/x' }, WRITABLE) },
      NOWHERE,
    ],
    ['a scrape every two minutes', scraped({ interval: '2m' }), 'the rules need a scrape at least once a minute'],
    ['the same in seconds', scraped({ interval: '61s' }), 'serviceMonitor.interval is 61s'],
    [
      'a scrape that may last longer than the interval',
      scraped({ interval: '5s' }),
      'serviceMonitor.scrapeTimeout is 10s',
    ],
    ['the same in milliseconds', scraped({ scrapeTimeout: '30001ms' }), 'the Prometheus Operator ignores'],
    ['one that is a mount itself', { ...stateFile('/data/x'), ...mounted({ mountPath: '/data/x' }) }, NOWHERE],
  ])('that no schema can see is told, too: %s', (_, values, message) => {
    const { status, stderr } = template(values);
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it.each([
    connected({ id: 'env_1', connection: 'a' }),
    { ...connected({ id: 'env_1', connection: `\${CONNECTION}` }), extraEnv: [{ name: 'CONNECTION', value: 'a' }] },
    { config: { ...connected({ id: 'env_1' }).config, api: { api_key_file: KEY } } },
    { config: { environments: [{ id: 'env_1', environment_key_file: KEY }] } },
  ])('is no connection that there is: %j', (values) => {
    expect(template(values).stderr).toBe('');
  });

  it.each([':10', '0.0.0.0:9900', '[::]:9877', 'localhost.example:1270'])('is not to listen on %s', (listen) => {
    expect(template(listening(listen)).stderr).toBe('');
  });

  it.each([{ interval: '60s' }, { interval: '1m', scrapeTimeout: '1m' }, { interval: '10000ms' }])(
    'is no interval: %o',
    (monitor) => {
      expect(template(scraped(monitor)).stderr).toBe('');
    },
  );

  it.each<object>([
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
  ])('is no amount: %j', (resources) => {
    expect(template({ resources }).stderr).toBe('');
  });

  it.each<object>([
    { extraEnv: [{ name: 'TEAM', value: 'a' }] },
    { extraEnvFrom: [{ secretRef: { name: 'team' } }] },
    { podAnnotations: { 'injector.test/inject': 'true' } },
    { podLabels: { 'injector.test/use': 'true' } },
    { commonLabels: { 'injector.test/use': 'true' } },
    { serviceAccount: { annotations: { 'injector.test/role': 'a' } } },
    { serviceAccount: { create: false, name: 'of-an-injector' } },
  ])('is no variable that the container has: %j', (more) => {
    const config = { environments: [{ ...ENVIRONMENT, name: `\${TEAM}` }] };
    expect(template({ config, ...more }).stderr).toBe('');
  });

  it.each([...imageVariables(), 'KUBERNETES_SERVICE_HOST', 'AWS_REGION'])('is no variable of its own: %s', (name) => {
    const config = { environments: [{ ...ENVIRONMENT, name: `\${${name}}` }] };
    expect(template({ config }).stderr).toBe('');
  });

  it.each([
    scraped({ relabelings: [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: 'job' }] }),
    scraped({ metricRelabelings: [{ action: 'labeldrop', regex: 'pod' }] }),
    scraped({ relabelings: [{ sourceLabels: ['a'], targetLabel: 'node' }] }),
    { serviceMonitor: { relabelings: [{ targetLabel: 'job', replacement: 'x' }] } },
  ])('is no rule that writes the job: %j', (values) => {
    expect(template(values).stderr).toBe('');
  });

  it.each<object>([
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
    { api: { base_url: 'https://gw.test/v1/anthropic', api_key_file: KEY } },
    { api: { provider: 'qoder', base_url: 'https://gw.test/v1', api_key_file: KEY }, environments: [{ id: 'env_1' }] },
  ])('is no pair of options that fit: %j', (more) => {
    expect(template(watching(more)).stderr).toBe('');
  });

  it('is no variable that stands for an option, whatever it holds', () => {
    const extraEnv = ['A', 'B', 'C'].map((name) => ({ name, value: 'x' }));
    const api = { provider: `\${A}`, base_url: `\${B}`, api_key_file: KEY };
    const config = { api, environments: [ENVIRONMENT], thresholds: { queue_age: { warning: `\${C}` } } };
    expect(template({ config, extraEnv }).stderr).toBe('');
  });

  it('is none that is only unusual', () => {
    const unusual = {
      global: null,
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
    };
    expect(template(unusual).stderr).toBe('');
  });

  it('is no interval that nobody uses', () => {
    expect(template({ serviceMonitor: { interval: '2m' } }).stderr).toBe('');
  });

  it.each([
    ['in the volume of persistence', { ...stateFile('/var/lib/anthropic-work-exporter/x'), ...PERSISTENT }],
    ['in a volume of the user', { ...stateFile('/data/state/x'), ...mounted({ mountPath: '/data/' }) }],
    ['beside a read-only volume inside it', { ...stateFile('/data/x'), ...mounted(WRITABLE, READ_ONLY_INSIDE) }],
    [
      'in a writable volume inside a read-only one',
      { ...stateFile('/data/a/x'), ...mounted({ mountPath: '/data/a' }, { ...WRITABLE, readOnly: true }) },
    ],
    ['in the root of a volume at /', { ...stateFile('/x'), ...mounted({ mountPath: '/' }) }],
    ['named by a variable', { ...stateFile(`\${STATE_FILE}`), extraEnv: [{ name: 'STATE_FILE', value: '/x' }] }],
    [
      'in a pod that may write anywhere',
      { ...stateFile('/tmp/x'), securityContext: { readOnlyRootFilesystem: false } },
    ],
  ])('is no state file %s', (_, values) => {
    expect(template(values).stderr).toBe('');
  });
});

it.each(['2nd', 'a.b'])('a release whose name no Service has, such as %s, is told what to set', (release) => {
  const { status, stderr } = helmWith(['template', release, CHART], {});
  expect(status).not.toBe(0);
  expect(stderr).toContain(`the Service would be called ${release}-anthropic-work-exporter`);
  expect(helmWith(['template', release, CHART], { fullnameOverride: 'queue' }).stderr).toBe('');
});

describe('the schema of the values', () => {
  const schema = chartSchema();

  it('knows every value of values.yaml, and no other', () => {
    const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
    const others = ['global', 'enabled', ...Object.keys(VALUES_ELSEWHERE)];
    const known = Object.keys(schema.properties as object).filter((key) => !others.includes(key));
    expect(Object.keys(values).toSorted()).toEqual(known.toSorted());
  });

  it('names a value of values.yaml for each that other charts have', () => {
    const values = Object.keys(parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')));
    const { stderr } = template(Object.fromEntries(Object.keys(VALUES_ELSEWHERE).map((name) => [name, { a: 1 }])));
    for (const name of Object.keys(VALUES_ELSEWHERE)) {
      const [, instead] = new RegExp(`at '/${name}': value must be 'left out: (.*)'`).exec(stderr) ?? [];
      expect(
        values.filter((value) => instead?.split(/[ ,]/).includes(value)),
        name,
      ).toHaveLength(1);
    }
  });

  it('has no pattern that Go cannot read', () => {
    const patterns: string[] = [];
    JSON.stringify(schema, (key, value) => {
      if (key === 'pattern') patterns.push(value);
      return value;
    });
    expect(patterns.length).toBeGreaterThan(30);
    expect(patterns.filter((pattern) => /\(\?<?[=!]|\\u|\\p\{[A-Za-z_]{3,}/.test(pattern))).toEqual([]);
  });

  it.each([
    [`^${DURATION_PATTERN}$`, ['', '5', '5m', '5ms', '1m5s', '1h30m', 's', '5m5ms', '5s5m', '-5s', '1y1w1d1h1m1s1ms']],
    [`^(?:never|${DURATION_PATTERN})$`, ['', 'never', 'never5s', '5s', '5ms', 'm']],
    [ENVIRONMENT_ID.source, ['env_1', 'poll', 'polls', 'stats', 'sk-ant-x', 'xsk-ant-', '', 'a'.repeat(129)]],
    ['^(?!__)[a-z_][a-z0-9_]*$', ['a', '_a', '__a', '', '1a']],
    ['^(?=.{1,5}$)a+$', ['', 'a', 'aaaaa', 'aaaaaa']],
    ['^(?=.{1,5}$)(?!ab)a[b-d]*$', ['a', 'ab', 'ac', 'acccc', 'accccc']],
  ])('takes the same strings as the pattern %s', (pattern, texts) => {
    const ajv = new Ajv2020({ strict: false });
    const check = ajv.compile({ type: 'string', ...re2Pattern(pattern) });
    const taken = texts.filter((one) => check(one));
    expect(taken).toEqual(texts.filter((one) => new RegExp(pattern, 'u').test(one)));
    expect(taken.length).toBeGreaterThan(0);
  });

  it('stops at a pattern that it cannot rewrite', () => {
    expect(() => re2Pattern('^a(?!b)')).toThrow(UnknownLookaroundError);
    expect(() => re2Pattern('^(?=a(?=b))a')).toThrow(UnknownLookaroundError);
  });

  it("takes every option that the exporter's own schema takes", () => {
    const own = Object.keys(configurationSchema().properties as object);
    const { config } = schema.properties as { config: { properties: object } };
    expect(Object.keys(config.properties)).toEqual(own);
  });
});
