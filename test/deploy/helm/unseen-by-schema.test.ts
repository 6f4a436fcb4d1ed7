import { describe, expect, it } from 'vitest';
import { ENVIRONMENT } from './chart-objects.ts';
import { template, type Values } from './helm.ts';
import {
  connected,
  container,
  discovering,
  environment,
  KEY,
  listening,
  MOUNT,
  mounted,
  PERSISTENT,
  READ_ONLY_INSIDE,
  scraped,
  stateFile,
  WRITABLE,
  watching,
} from './written-values.ts';

const NOWHERE = 'where the pod has no volume that it can write to';

describe('a wrong value', () => {
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
      'a variable as a part of a text',
      environment({ name: `prod-\${HOSTNAME}` }),
      `config.environments[0].name has a \${HOSTNAME} with text beside it, and the exporter takes \${NAME} only as the whole value`,
    ],
    [
      'two variables in one text',
      environment({ labels: { team: `\${HOME}\${HOSTNAME}` } }),
      `config.environments[0].labels.team has a \${HOME} with text beside it`,
    ],
    [
      'a budget of fewer requests than shards',
      { shards: 10, config: { api: { api_key_file: KEY, requests_per_minute: 9 }, environments: [{ id: 'env_1' }] } },
      'config.api.requests_per_minute is 9, which cannot be divided among 10 shards. Set it to 10 or more',
    ],
    [
      'the same of one connection of several',
      { shards: 10, ...connected({ id: 'env_1', connection: 'a' }, { requests_per_minute: 9 }) },
      'config.connections.a.requests_per_minute is 9',
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
      'a rule for labels whose expression does not end',
      scraped({ metricRelabelings: [{ action: 'drop', sourceLabels: ['a'], regex: '(a|b' }] }),
      'serviceMonitor.metricRelabelings has the regex (a|b, which is no regular expression of Prometheus',
    ],
    [
      'root in a pod that must not have it',
      { podSecurityContext: { runAsUser: 0 } },
      'podSecurityContext.runAsUser is 0 and podSecurityContext.runAsNonRoot is true',
    ],
    [
      'root in its container alone',
      { securityContext: { runAsUser: 0 } },
      'securityContext.runAsUser is 0 and podSecurityContext.runAsNonRoot is true',
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
    [
      'a discovery of what it leaves out',
      discovering({ include: ['a-*', 'b'], exclude: ['b', 'c', 'a-*'] }),
      'config.discovery.exclude leaves out all of config.discovery.include, which is a-*, b.',
    ],
    [
      'TLS for a scrape by HTTP',
      scraped({ tlsConfig: { ca: { secret: { name: 'a', key: 'b' } } } }),
      'serviceMonitor.tlsConfig is set, and the scrape would speak HTTP, as scheme says',
    ],
    [
      'peers without a port',
      { networkPolicy: { enabled: true, egressPorts: [], egressTo: [{ ipBlock: { cidr: '10.0.0.0/8' } }] } },
      'networkPolicy.egressTo says where the exporter may go, and networkPolicy.egressPorts on no port',
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

  it.each<readonly [string, Values]>([
    ['a name', environment({ name: 'sk-ant-oat01-x' })],
    ['a label', environment({ labels: { team: 'prod sk-ant-oat01-x' } })],
    ['the name of a file', { config: { api: { api_key_file: 'sk-ant-api03-x' } } }],
    ['a pattern', discovering({ include: ['a', 'sk-ant-api03-x'] })],
    ['an id beside keys', connected({ id: 'env_1', connection: 'a' }, { workspace_id: 'sk-ant-api03-x' })],
  ])('that is a key, as %s, is told without the key', (_, values) => {
    const { status, stdout, stderr } = template(values);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/config\.\S+ has a key in it, which would end up in a ConfigMap/);
    expect(stdout + stderr).not.toMatch(/sk-ant-(api03|oat01)-x/);
  });
});
