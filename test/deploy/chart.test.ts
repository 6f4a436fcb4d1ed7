import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { TestFolder } from '../cli/files.ts';
import { json, startServer } from '../client/test-server.ts';
import { configOf } from '../config/support.ts';
import { runProgram } from '../support/processes.ts';
import { ALERT_NAMES } from '../support/rule-texts.ts';
import { runTool } from '../support/tools.ts';
import {
  CHART,
  configText,
  container,
  helm,
  keyFiles,
  ofKind,
  onlyOf,
  pods,
  rendered,
  template,
  VALUE_SETS,
  VERSION,
  workload,
} from './objects.ts';

/** One that a configuration may have by itself: it needs no other key. */
const ENVIRONMENT = { id: 'env_1', environment_key_file: '/keys/env_1' };
const configured = (more: object) => ({ config: { environments: [ENVIRONMENT], ...more } });

it('the chart is packed without the values it is tried with, and installs from the package', () => {
  using folder = new TestFolder();
  const { status, stdout, stderr } = helm(['package', CHART, '--destination', folder.path]);
  expect(status, stderr).toBe(0);
  const file = stdout.trim().split(': ').at(-1)!;
  // A release, which holds it, has at most 1 MiB.
  expect(readFileSync(file).length).toBeLessThan(200_000);
  expect(helm(['template', 'work', file]).stdout).toContain(`image: "anthropic-work-exporter:${VERSION}"`);
});

describe.each(VALUE_SETS)('the chart with %s', (_, values) => {
  const objects = rendered(values);

  it('passes the strictest lint', () => {
    const { status, stdout, stderr } = helm(['lint', '--strict', CHART], values);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).not.toMatch(/WARNING|ERROR/);
  });

  it('gives a configuration that the exporter takes, without a key, with its key files mounted', async () => {
    const text = configText(objects);
    const config = await configOf(text, { files: keyFiles(text), env: { SPARE_API_KEY: 'a-key' } });
    expect(config.environments.length > 0 || config.discovery.enabled).toBe(true);
    for (const [, value] of text.matchAll(/\b(?:api_key|environment_key): (.*)/g)) expect(value).toMatch(/^\$\{\w+\}$/);
    const paths = [...text.matchAll(/(?:_file|_dir): (\/\S+)/g)].map(([, path]) => path!);
    const mounts = container(objects).volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths)
      expect(mounts.filter((mount: string) => `${path}/`.startsWith(`${mount}/`))).not.toEqual([]);
    // A single file would never change.
    expect(JSON.stringify(objects)).not.toContain('subPath');
  });

  it('has nothing to write but its state, and no token; its parts find each other', () => {
    // What else a restricted pod may not do, the API server says.
    expect(pods(objects).spec.automountServiceAccountToken).toBe(false);
    const { securityContext, volumeMounts, ports, livenessProbe, readinessProbe } = container(objects);
    expect(securityContext.readOnlyRootFilesystem).toBe(true);
    const writable = volumeMounts.filter(({ readOnly }: { readOnly?: boolean }) => readOnly !== true);
    expect(writable.filter(({ name }: { name: string }) => name !== 'state')).toEqual([]);
    for (const selector of [
      workload(objects).spec.selector.matchLabels,
      onlyOf(objects, 'Service').spec.selector,
      ...ofKind(objects, 'NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
    ]) {
      expect(Object.keys(selector)).not.toEqual([]);
      expect(pods(objects).metadata.labels).toMatchObject(selector);
    }
    const { listen = ':9877' } = parse(configText(objects)).server ?? {};
    expect(ports).toEqual([{ name: 'http', protocol: 'TCP', containerPort: Number(listen.split(':').at(-1)) }]);
    expect(livenessProbe.httpGet).toMatchObject({ path: '/-/healthy', port: 'http' });
    expect(readinessProbe.httpGet).toMatchObject({ path: '/-/ready', port: 'http' });
  });
});

describe('values', () => {
  it('the scheme is that of the probes and of the scrape', () => {
    const objects = rendered('locked-down-values.yaml');
    expect(container(objects).livenessProbe.httpGet.scheme).toBe('HTTPS');
    expect(onlyOf(objects, 'ServiceMonitor').spec.endpoints[0]).toMatchObject({
      scheme: 'https',
      tlsConfig: { serverName: 'exporter' },
      basicAuth: { username: { key: 'user' } },
    });
  });

  it('null takes away a default, as OpenShift needs it', () => {
    const nobody = { runAsUser: null, runAsGroup: null, fsGroup: null };
    const { spec } = pods(rendered({ podSecurityContext: nobody }));
    expect(spec.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    const { secret } = spec.volumes.find((volume: { secret?: object }) => volume.secret !== undefined);
    // The process can read its keys only if all can.
    expect(String(secret.defaultMode)).toBe('444');
  });

  it('the state file goes to the claim, unless the user says where', () => {
    const objects = rendered({ persistence: { enabled: true } });
    expect(parse(configText(objects)).state_file).toBe('/var/lib/anthropic-work-exporter/state.json');
    const claim = { name: 'state', mountPath: '/var/lib/anthropic-work-exporter' };
    expect(container(objects).volumeMounts).toContainEqual(claim);
    const own = rendered({ persistence: { enabled: true }, ...configured({ state_file: '/elsewhere/state' }) });
    expect(parse(configText(own)).state_file).toBe('/elsewhere/state');
  });

  it.each([
    [{ log: { level: 'debug' } }, true],
    [{ server: { listen: '[::]:9877' } }, true],
    [{ poll: { stats_interval: '20s' } }, false],
  ])('a change to %j replaces the pod only where a reload would not do', (more, isReplaced) => {
    const annotations = (values: object) => pods(rendered(configured(values))).metadata.annotations;
    expect(annotations(more) !== undefined).toBe(isReplaced);
    expect(annotations({})).toBeUndefined();
  });

  it('the network policy lets in the scrape and lets out DNS and the API', () => {
    const { spec } = onlyOf(rendered('locked-down-values.yaml'), 'NetworkPolicy');
    expect(spec.ingress).toMatchObject([{ ports: [{ port: 'http' }], from: [{ podSelector: {} }] }]);
    expect(spec.egress[1]).toMatchObject({ ports: [{ port: 443 }, { port: 3128 }], to: [{}] });
  });

  it('shards are the pods of a StatefulSet, each with its part and a claim of its own', async () => {
    const objects = rendered('shards-values.yaml');
    const { metadata, spec } = onlyOf(objects, 'StatefulSet');
    const text = configText(objects);
    const [shard] = container(objects).args.slice(-1);
    const options = { files: keyFiles(text), flags: { shard: shard.replace('--shard=', '') } };
    const config = await configOf(text, { ...options, hostName: `${metadata.name}-2` });
    expect(config.shard).toEqual({ index: 2, count: 3 });
    expect(spec.volumeClaimTemplates).toHaveLength(1);
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Delete' });
    expect(rendered({ shards: 1 })).toEqual(rendered({}));
  });

  const KEY = `sk-ant-${'a1B2'.repeat(8)}`;
  it.each<readonly [values: Readonly<Record<string, unknown>>, problem: string]>([
    [{ config: { api: { api_key: 'plain-key' } } }, 'config.api.api_key is a key, which would end up in a ConfigMap'],
    [configured({ discovery: { include: [KEY] } }), 'config.discovery.include[0] has a key in it'],
    [{ extraEnv: [{ name: 'A', value: KEY }] }, 'extraEnv[0].value has a key in it'],
    [{ links: { runbookBaseUrl: KEY } }, 'links.runbookBaseUrl has a key in it'],
    [{ links: { dashboardBaseUrl: 'https://user@grafana.test' } }, 'links.dashboardBaseUrl is no address'],
    [{ job: 'a"b' }, 'job stands between quotes'],
    [{ config: { poll: {} } }, 'this one has nothing to watch'],
    [{ existingSecrets: [] }, 'nothing to watch: set config, or name the Secret'],
    [{ replicas: 2, persistence: { enabled: true } }, 'a state file has one writer'],
    [{ shards: 3, replicas: 2 }, 'replicas is for a fleet that is not divided'],
    [{ shards: 3, persistence: { enabled: true, existingClaim: 'disk' } }, 'each shard needs its own'],
    [{ shards: 2, fullnameOverride: 'a'.repeat(53) }, 'at most 52 characters'],
    [configured({ shard: '0/3' }), 'config.shard would make every pod the same shard'],
    [configured({ state_file: '/nowhere/state' }), 'config.state_file needs a volume'],
    [configured({ server: { listen: 'localhost:9877' } }), 'neither Prometheus nor the probes of the pod reach it'],
    [{ scheme: 'HTTPS' }, 'the exporter would speak HTTP'],
    [{ extraEnv: [{ name: 'ANTHROPIC_WORK_EXPORTER_LISTEN', value: ':1' }] }, 'Set config.server.listen instead'],
    [{ serviceMonitor: { enabled: true, interval: '5s' } }, 'serviceMonitor.scrapeTimeout is 10s'],
    [{ serviceMonitor: { enabled: true, interval: '5m' } }, '/serviceMonitor/interval'],
    [{ serviceMonitor: { enabled: true, relabelings: [{ targetLabel: 'job' }] } }, 'writes the label job'],
    [{ prometheusRule: { enabled: true, disabledAlerts: ['NoWorkers'] } }, 'there is no such alert'],
    [{ replicaCount: 2 }, 'replicaCount'],
  ])('are refused that show a key, start nothing, or would do nothing: %j', (values, problem) => {
    const { status, stdout, stderr } = template(values);
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr.replaceAll("'", '')).toContain(problem);
    expect(stderr).not.toMatch(/sk-ant-a1|plain-key/);
  });
});

describe('the objects of the Prometheus Operator', () => {
  const objects = rendered('monitoring-values.yaml');

  it.each([
    ['as the values say', objects, 'work-queues'],
    [
      'after the namespace',
      rendered({ serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } }),
      'monitoring/work-anthropic-work-exporter',
    ],
  ])('agree about the job, %s', (_, all, job) => {
    const [first] = onlyOf(all, 'ServiceMonitor').spec.endpoints[0].relabelings;
    expect(first).toEqual({ action: 'replace', targetLabel: 'job', replacement: job });
    expect(JSON.stringify(onlyOf(all, 'PrometheusRule'))).toContain(`job=\\"${job}\\"`);
  });

  it('are found by their Prometheus, and find the Service', () => {
    for (const kind of ['ServiceMonitor', 'PrometheusRule'])
      expect(onlyOf(objects, kind).metadata.labels).toMatchObject({ release: 'kube-prometheus-stack' });
    const { selector, namespaceSelector } = onlyOf(objects, 'ServiceMonitor').spec;
    const { labels, namespace } = onlyOf(objects, 'Service').metadata;
    expect(labels).toMatchObject(selector.matchLabels);
    expect(namespaceSelector.matchNames).toEqual([namespace]);
  });

  it('hold the rules of the repository, but for those that were left out', async () => {
    const { groups } = onlyOf(objects, 'PrometheusRule').spec;
    const alerts = groups.flatMap(({ rules }: { rules: { alert?: string }[] }) => rules.map(({ alert }) => alert));
    const left = ALERT_NAMES.filter((name) => !alerts.includes(name));
    expect(left.toSorted()).toEqual(['AnthropicWorkRunsTooShort', 'AnthropicWorkWatchdog']);
    using folder = new TestFolder();
    const { ok, output } = await runTool('promtool', ['check', 'rules', folder.write('rules.yaml', { groups })]);
    expect(ok, output).toBe(true);
  });

  it('and the boards link to the addresses of the user, and to none where none was given', () => {
    const linked = JSON.stringify(objects);
    expect(linked).toContain('"https://wiki.corp.test/runbooks/AnthropicWorkNoWorkers.md?');
    expect(linked).toContain('"https://grafana.corp.test/d/anthropic-work-');
    expect(linked).toContain(`https://wiki.corp.test/runbooks/$${'{__value.text}'}.md`);
    const unlinked = rendered({ prometheusRule: { enabled: true }, dashboards: { enabled: true } });
    // A process leads to its own page, by the address that Prometheus has of it.
    const all = JSON.stringify([...ofKind(unlinked, 'PrometheusRule'), ...ofKind(unlinked, 'ConfigMap')]);
    const plain = all.replace(`http://$${'{__value.raw}'}/`, '');
    expect(plain).not.toMatch(/https?:|_BASE_URL|dashboard_url|runbook_url/);
  });
});

/** What the pod of `helm test` runs, with the address of this server in the place of the Service. */
async function tested(url: string) {
  const [program, option, script] = onlyOf(rendered({}), 'Pod').spec.containers[0].command;
  expect([program, option]).toEqual(['node', '--eval']);
  const own = script.replaceAll('http://work-anthropic-work-exporter:9877', url);
  expect(own).not.toBe(script);
  return await runProgram(process.execPath, [option, own]);
}

it('`helm test` passes where the exporter is ready, and fails with the reason elsewhere', async () => {
  const server = await startServer((_, response, count) => json(response, count === 1 ? 200 : 503, { ready: false }));
  expect(await tested(server.url)).toMatchObject({ code: 0 });
  expect(await tested(server.url)).toMatchObject({ code: 1, stdout: '{"ready":false}' });
  await server.close();
  expect(await tested(server.url)).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
});
