import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ALERT_NAMES } from '../../../src/rules/alert-names.ts';
import { configOf } from '../../config/support.ts';
import { runTool } from '../../rules/support/promtool.ts';
import { ROOT } from '../../support/processes.ts';
import { type KubernetesObject, ofKind, onlyOf } from '../kubernetes-object.ts';
import { CHART, helm, helmWith, rendered, VALUE_SETS, type Values } from './helm.ts';

const NO_VALUES = {};
const sets: readonly (readonly [string, Values])[] = [
  ['no values', NO_VALUES],
  ...VALUE_SETS.map((name) => [name, name] as const),
];
const workload = (objects: readonly KubernetesObject[]) => {
  const [first, ...more] = [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'StatefulSet')];
  expect(more).toEqual([]);
  return first!;
};
const pods = (objects: readonly KubernetesObject[]) => workload(objects).spec.template;
const container = (objects: readonly KubernetesObject[]) => pods(objects).spec.containers[0];
const configText = (objects: readonly KubernetesObject[]): string =>
  ofKind(objects, 'ConfigMap').find(({ data }) => 'exporter.yaml' in data)!.data['exporter.yaml'];

/** Every key that a configuration names as a file. */
const keyFiles = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)_file: (\/run\/\S+)/g)].map(([, of, path]) => [
      path!,
      of === 'web_config' ? '{}' : 'a-key',
    ]),
  );

/** Every name, namespace and label in an object. */
function* namesIn(value: unknown, key = ''): Generator<unknown> {
  if (Array.isArray(value)) for (const one of value) yield* namesIn(one, key);
  else if (typeof value === 'object' && value !== null) {
    const all = key === 'labels' || key === 'matchLabels' || key === 'selector';
    for (const [own, one] of Object.entries(value)) yield* namesIn(one, all ? 'name' : own);
  } else if (/name$|namespace$|Names$/i.test(key)) yield value;
}

describe('the chart', () => {
  it('has names that stay text, whatever YAML takes their words for', () => {
    const words = { fullnameOverride: 'true', existingSecrets: ['1e3'], priorityClassName: 'false', shards: 2 };
    const volumes = { persistence: { enabled: true, storageClass: '77' }, networkPolicy: { enabled: true } };
    const operator = {
      serviceMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      dashboards: { enabled: true },
    };
    const values = { ...words, ...volumes, ...operator, serviceAccount: { name: 'null' } };
    const { stdout, stderr } = helmWith(['template', '123', CHART, '--namespace', '0123'], values);
    expect(stderr).toBe('');
    const names = [...namesIn(parseAllDocuments(stdout, { version: '1.1' }).map((document) => document.toJS()))];
    expect(new Set(names)).toEqual(new Set(names.map(String)));
    for (const word of ['true', '1e3', 'false', '77', 'null', '123', '0123']) expect(names).toContain(word);
  });

  it('has the version and the name of the package', () => {
    const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))).toMatchObject({
      name,
      version,
      appVersion: version,
    });
  });

  it('is packed without the values it is tried with, and stays far from the 1 MiB of a release', () => {
    const folder = mkdtempSync(join(tmpdir(), 'chart-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { status, stdout, stderr } = helm(['package', CHART, '--destination', folder]);
    expect(status, stderr).toBe(0);
    const file = stdout.trim().split(': ').at(-1)!;
    expect(readFileSync(file).length).toBeLessThan(200_000);
    const shown = helm(['template', 'work', file]);
    expect(shown.stdout).toContain('kind: Deployment');
  });

  it('is tried with at least six sets of values', () => {
    expect(VALUE_SETS.length).toBeGreaterThanOrEqual(6);
  });
});

describe.each(sets)('with %s', (_, values) => {
  const objects = rendered(values);

  it('passes the strictest lint', () => {
    const { status, stdout, stderr } = helmWith(['lint', '--strict', CHART], values);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).not.toMatch(/WARNING|ERROR/);
  });

  it('gives a configuration that the exporter takes, and that holds no key', async () => {
    const text = configText(objects);
    const config = await configOf(text, { files: keyFiles(text), env: { SPARE_API_KEY: 'a-key' } });
    expect(config.environments.length > 0 || config.discovery.enabled).toBe(true);
    for (const [, value] of text.matchAll(/\b(?:api_key|environment_key): (.*)/g)) expect(value).toMatch(/^\$\{\w+\}$/);
  });

  it('mounts every key that the configuration names', () => {
    const paths = [...configText(objects).matchAll(/(?:_file|_dir): (\/\S+)/g)].map(([, path]) => path!);
    const mounts = container(objects).volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths)
      expect(
        mounts.some((mount: string) => `${path}/`.startsWith(`${mount}/`)),
        path,
      ).toBe(true);
  });

  it('mounts whole volumes, as a single file would never change', () => {
    expect(JSON.stringify(objects)).not.toContain('subPath');
    const claims = workload(objects).spec.volumeClaimTemplates ?? [];
    const names = [...pods(objects).spec.volumes, ...claims.map(({ metadata }: KubernetesObject) => metadata)].map(
      ({ name }: { name: string }) => name,
    );
    for (const { name } of container(objects).volumeMounts) expect(names).toContain(name);
  });

  it('runs as no one, with nothing to write but its state, and without a token', () => {
    const { spec } = pods(objects);
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container(objects).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const writable = container(objects).volumeMounts.filter(
      ({ readOnly }: { readOnly?: boolean }) => readOnly !== true,
    );
    expect(writable.map(({ name }: { name: string }) => name).filter((name: string) => name !== 'state')).toEqual([]);
    for (const account of ofKind(objects, 'ServiceAccount')) expect(account.automountServiceAccountToken).toBe(false);
  });

  it('never runs two at once while it changes', () => {
    const { kind, spec } = workload(objects);
    // A StatefulSet has one pod of each number, whatever happens.
    expect(spec.strategy).toEqual(kind === 'StatefulSet' ? undefined : { type: 'Recreate' });
  });

  it('selects its pod, listens where it says and asks for its health there', () => {
    const { labels } = pods(objects).metadata;
    const selectors = [
      workload(objects).spec.selector.matchLabels,
      onlyOf(objects, 'Service').spec.selector,
      ...ofKind(objects, 'NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
    ];
    for (const selector of selectors) {
      expect(Object.keys(selector)).not.toEqual([]);
      expect(labels).toMatchObject(selector);
    }
    const { listen } = parse(configText(objects)).server ?? {};
    expect(container(objects).ports).toEqual([
      { name: 'http', protocol: 'TCP', containerPort: Number((listen ?? ':9877').split(':').at(-1)) },
    ]);
    expect(onlyOf(objects, 'Service').spec.ports[0].targetPort).toBe('http');
    const scheme = container(objects).livenessProbe.httpGet.scheme;
    expect(container(objects).livenessProbe.httpGet).toEqual({ path: '/-/healthy', port: 'http', scheme });
    expect(container(objects).readinessProbe.httpGet).toEqual({ path: '/-/ready', port: 'http', scheme });
  });

  it('gives every object of its own the common labels and the namespace', () => {
    const own = objects.filter(({ metadata }) => metadata.labels?.['helm.sh/chart'] !== undefined);
    expect(own.length).toBeGreaterThan(2);
    for (const { metadata } of own) {
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/instance': 'work',
        'app.kubernetes.io/managed-by': 'Helm',
        'app.kubernetes.io/version': '0.1.0',
      });
      expect(metadata.namespace).toMatch(/^(monitoring|grafana)$/);
    }
  });
});

describe('the objects of the Prometheus Operator', () => {
  const objects = rendered('monitoring-values.yaml');

  it('agree about the job', () => {
    const [first, ...users] = onlyOf(objects, 'ServiceMonitor').spec.endpoints[0].relabelings;
    expect(first).toEqual({ action: 'replace', targetLabel: 'job', replacement: 'work-queues' });
    expect(users).toHaveLength(1);
    const text = JSON.stringify(onlyOf(objects, 'PrometheusRule'));
    expect(text).toContain('job=\\"work-queues\\"');
    expect(text).not.toContain('SCRAPE_JOB');
  });

  it('name the job after the namespace, where nothing else is said, as two releases may have one name', () => {
    const plain = rendered({ serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } });
    expect(onlyOf(plain, 'ServiceMonitor').spec.endpoints[0].relabelings[0].replacement).toBe(
      'monitoring/work-anthropic-work-exporter',
    );
    expect(JSON.stringify(onlyOf(plain, 'PrometheusRule'))).toContain(
      'job=\\"monitoring/work-anthropic-work-exporter\\"',
    );
  });

  it('select the Service', () => {
    const { selector, namespaceSelector } = onlyOf(objects, 'ServiceMonitor').spec;
    const service = onlyOf(objects, 'Service');
    expect(service.metadata.labels).toMatchObject(selector.matchLabels);
    expect(namespaceSelector.matchNames).toEqual([service.metadata.namespace]);
  });

  it('have the labels that a Prometheus selects by', () => {
    for (const kind of ['ServiceMonitor', 'PrometheusRule'])
      expect(onlyOf(objects, kind).metadata.labels).toMatchObject({ release: 'kube-prometheus-stack' });
  });

  it('hold the rules of the repository, but for those that were left out', async () => {
    const { groups } = onlyOf(objects, 'PrometheusRule').spec;
    const alerts = groups.flatMap(({ rules }: { rules: { alert?: string }[] }) =>
      rules.flatMap(({ alert }) => alert ?? []),
    );
    const left = ALERT_NAMES.filter((name) => !alerts.includes(name));
    expect(left.toSorted()).toEqual(['AnthropicWorkWatchdog', 'AnthropicWorkWorkersUnknown']);
    const folder = mkdtempSync(join(tmpdir(), 'rules-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups }));
    const { ok, output } = await runTool('promtool', ['check', 'rules', join(folder, 'rules.yaml')]);
    expect(ok, output).toBe(true);
  });

  it('link to the addresses of the user, and to none where none was given', () => {
    const linked = JSON.stringify(onlyOf(objects, 'PrometheusRule'));
    expect(linked).toContain('"https://wiki.corp.test/runbooks/AnthropicWorkNoWorkers.md"');
    expect(linked).toContain('"https://grafana.corp.test/d/anthropic-work-');
    const plain = JSON.stringify(rendered({ prometheusRule: { enabled: true }, dashboards: { enabled: true } }));
    expect(plain).not.toMatch(/https?:|_BASE_URL|RUNBOOK_LINK|dashboard_url|runbook_url/);
  });
});

describe('the boards', () => {
  const board = (objects: readonly KubernetesObject[], uid: string) =>
    ofKind(objects, 'ConfigMap').find(({ data }) => `${uid}.json` in data)!.data[`${uid}.json`];
  const committed = (uid: string) => readFileSync(join(ROOT, `grafana/${uid}.json`), 'utf8');

  it.each(['overview', 'environment', 'slo', 'exporter'])('are those of the repository: %s', (name) => {
    const uid = `anthropic-work-${name}`;
    const plain = rendered({ dashboards: { enabled: true } });
    expect(JSON.parse(board(plain, uid))).toEqual(JSON.parse(committed(uid)));
  });

  it('link to the runbooks of the user', () => {
    const overview = board(rendered('monitoring-values.yaml'), 'anthropic-work-overview');
    expect(overview).toContain('"https://wiki.corp.test/runbooks/$' + '{__data.fields.Name}.md"');
    JSON.parse(overview);
  });

  it("are found by the sidecar of Grafana's chart, in its namespace", () => {
    const maps = ofKind(rendered('monitoring-values.yaml'), 'ConfigMap').filter(
      ({ metadata }) => metadata.labels?.grafana_dashboard,
    );
    expect(maps).toHaveLength(4);
    for (const { metadata } of maps) {
      expect(metadata.namespace).toBe('grafana');
      expect(metadata.annotations).toEqual({ grafana_folder: 'Work queues' });
    }
  });
});

describe('shards', () => {
  it('are the pods of a StatefulSet, each told how many there are', () => {
    const objects = rendered('shards-values.yaml');
    const { spec } = onlyOf(objects, 'StatefulSet');
    expect(spec).toMatchObject({ replicas: 3, podManagementPolicy: 'Parallel' });
    expect(container(objects).args).toEqual([
      'serve',
      '--config=/etc/anthropic-work-exporter/exporter.yaml',
      '--shard=auto/3',
    ]);
    expect(spec.serviceName).toBe(onlyOf(objects, 'Service').metadata.name);
  });

  it.each([0, 1, 2])('pod %i takes the configuration and its part of it', async (index) => {
    const objects = rendered('shards-values.yaml');
    const text = configText(objects);
    const [flag] = container(objects).args.slice(-1);
    const config = await configOf(text, {
      files: keyFiles(text),
      flags: { shard: flag.replace('--shard=', '') },
      hostName: `${onlyOf(objects, 'StatefulSet').metadata.name}-${index}`,
    });
    expect(config.shard).toEqual({ index, count: 3 });
    expect(config.connections[0]!.requestsPerMinute).toBe(1000);
    expect(config.stateFile).toBe(`/var/lib/anthropic-work-exporter/state.json.${index}`);
  });

  it('have a claim each for their counters', () => {
    const objects = rendered('shards-values.yaml');
    expect(ofKind(objects, 'PersistentVolumeClaim')).toEqual([]);
    const [claim, ...more] = onlyOf(objects, 'StatefulSet').spec.volumeClaimTemplates;
    expect(more).toEqual([]);
    const alone = onlyOf(rendered({ persistence: { enabled: true } }), 'PersistentVolumeClaim');
    expect(claim.spec).toEqual(alone.spec);
    expect(claim.metadata.name).toBe('state');
  });

  it('leave a Deployment alone: one shard is none', () => {
    expect(rendered({ shards: 1 })).toEqual(rendered(NO_VALUES));
    expect(container(rendered(NO_VALUES)).args).not.toContainEqual(expect.stringContaining('shard'));
  });

  it.each<readonly [string, Values, string]>([
    ['replicas', { shards: 3, replicas: 2 }, 'replicas is for a fleet that is not divided'],
    [
      'one claim',
      { shards: 3, persistence: { enabled: true, existingClaim: 'disk' } },
      'persistence.existingClaim is one claim',
    ],
    ['a shard of the configuration', { config: { shard: '0/3' } }, 'config.shard would make every pod the same shard'],
    ['a long name', { shards: 2, fullnameOverride: 'a'.repeat(53) }, 'at most 52 characters'],
  ])('do not go with %s', (_, values, problem) => {
    const { status, stderr } = helmWith(['template', 'work', CHART], values);
    expect(status).not.toBe(0);
    expect(stderr).toContain(problem);
  });

  it('are in the notes', () => {
    const { stdout } = helmWith(['install', 'work', CHART, '--dry-run=client', '--namespace', 'monitoring'], {
      shards: 3,
    });
    expect(stdout).toMatch(/exec .* work-anthropic-work-exporter-0 .* check --live .* --shard=auto\/3\n/);
  });
});

describe('single values', () => {
  it('the scheme is that of the probes and of the scrape', () => {
    const objects = rendered('locked-down-values.yaml');
    const [endpoint] = onlyOf(objects, 'ServiceMonitor').spec.endpoints;
    expect(container(objects).livenessProbe.httpGet.scheme).toBe('HTTPS');
    expect(endpoint).toMatchObject({
      scheme: 'https',
      tlsConfig: { serverName: 'exporter' },
      basicAuth: { username: { key: 'user' } },
    });
    const plain = rendered({ serviceMonitor: { enabled: true } });
    expect(onlyOf(plain, 'ServiceMonitor').spec.endpoints[0]).toMatchObject({ scheme: 'http' });
    expect(container(plain).readinessProbe.httpGet.scheme).toBe('HTTP');
  });

  it.each<readonly [string, Values, string]>([
    ['the tag', { image: { tag: '1.2.3' } }, 'anthropic-work-exporter:1.2.3'],
    [
      'the digest, which wins',
      { image: { tag: '1', digest: `sha256:${'a'.repeat(64)}` } },
      `anthropic-work-exporter@sha256:${'a'.repeat(64)}`,
    ],
    ['nothing', NO_VALUES, 'anthropic-work-exporter:0.1.0'],
  ])('the image follows %s', (_, values, image) => {
    expect(container(rendered(values)).image).toBe(image);
  });

  it('the state file goes to the claim, unless the user says where', () => {
    const objects = rendered({ persistence: { enabled: true } });
    const { state_file } = parse(configText(objects));
    expect(state_file).toBe('/var/lib/anthropic-work-exporter/state.json');
    expect(container(objects).volumeMounts).toContainEqual({
      name: 'state',
      mountPath: '/var/lib/anthropic-work-exporter',
    });
    const claim = onlyOf(objects, 'PersistentVolumeClaim').metadata.name;
    expect(pods(objects).spec.volumes).toContainEqual({ name: 'state', persistentVolumeClaim: { claimName: claim } });
    const elsewhere = { extraVolumeMounts: [{ name: 'mine', mountPath: '/elsewhere' }] };
    const own = rendered({ persistence: { enabled: true }, config: { state_file: '/elsewhere/state' }, ...elsewhere });
    expect(parse(configText(own)).state_file).toBe('/elsewhere/state');
  });

  it('the address of Grafana reaches the exporter, unless its configuration has another', () => {
    const address = (values: object) =>
      parse(configText(rendered({ links: { dashboardBaseUrl: 'https://g.test' }, ...values }))).server;
    expect(address({})).toEqual({ dashboard_base_url: 'https://g.test' });
    expect(address({ config: { server: { item_ids: false } } })).toEqual({
      item_ids: false,
      dashboard_base_url: 'https://g.test',
    });
    expect(address({ config: { server: { dashboard_base_url: null } } })).toEqual({ dashboard_base_url: null });
  });

  it('the network policy lets in the scrape and lets out DNS and the API', () => {
    const { spec } = onlyOf(rendered('locked-down-values.yaml'), 'NetworkPolicy');
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.ingress).toMatchObject([{ ports: [{ port: 'http' }], from: [{ podSelector: {} }] }]);
    expect(spec.egress).toMatchObject([
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
      { ports: [{ port: 443 }, { port: 3128 }], to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] },
    ]);
  });

  it('extra objects are templates, as maps and as text', () => {
    const maps = ofKind(rendered('everything-else-values.yaml'), 'ConfigMap');
    expect(maps.find(({ metadata }) => metadata.name === 'work-queues-more')?.data).toEqual({
      namespace: 'monitoring',
    });
    expect(maps.find(({ metadata }) => metadata.name === 'as-text')?.data).toEqual({ job: 'monitoring/work-queues' });
  });

  it('labels of the user are added, and replace none that selects', () => {
    const { labels } = pods(rendered('everything-else-values.yaml')).metadata;
    expect(labels).toMatchObject({ team: 'platform', mesh: 'off', 'app.kubernetes.io/name': 'queues' });
  });

  it('the notes of an install tell the next step', () => {
    const { stdout, stderr } = helmWith(
      ['install', 'work', CHART, '--dry-run=client', '--namespace', 'monitoring'],
      NO_VALUES,
    );
    const notes = stdout.split('NOTES:\n')[1];
    expect(notes, stderr).toContain(
      'kubectl create secret generic anthropic-work-exporter --namespace monitoring --from-file=api-key=./api-key',
    );
    expect(notes).toContain('deploy/work-anthropic-work-exporter -c exporter -- node dist/main.cjs check --live');
    expect(notes).toContain('image.repository');
    expect(notes).toContain('serviceMonitor.enabled=true');
    expect(notes).toContain('prometheusRule.enabled=true');
  });
});
