import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { runCli } from '../cli/run-cli.ts';
import { configOf } from '../config/support.ts';
import { cachedRunSync } from '../support/cached-run.ts';
import { FRUGAL_GO } from '../support/frugal-go.ts';
import { ROOT } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';
import { rendered, template, VALUE_SETS, type Values } from './helm.ts';
import { type KubernetesObject, ofKind, onlyOf } from './kubernetes-object.ts';
import { kustomized } from './kustomize.ts';
import { type Schemas, writeSchemas } from './schemas.ts';

const KUSTOMIZE = join(ROOT, 'deploy/kustomize');
/** What can be built by itself: a component is part of something else. */
const OVERLAYS = readdirSync(KUSTOMIZE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'sidecar')
  .map(({ name }) => name);

const env = { ...process.env, ...FRUGAL_GO };

const objectsOf = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
const overlay = (name: string) => objectsOf(kustomized(join(KUSTOMIZE, name)));

let schemas: Schemas;
beforeAll(() => {
  schemas = writeSchemas();
});
afterAll(() => schemas[Symbol.dispose]());

/** What kubeconform has to say about some objects, and how many it looked at. */
function judged(yaml: string) {
  const args = ['-strict', '-summary', '-output', 'json', '-schema-location', schemas.location, '-'];
  const { stdout, stderr } = cachedRunSync(
    { program: toolPath('kubeconform'), args: [...args, yaml], folder: dirname(schemas.location) },
    () => {
      const { stdout, stderr } = spawnSync(toolPath('kubeconform'), args, { input: yaml, encoding: 'utf8', env });
      return { stdout, stderr };
    },
    ({ stdout, stderr }) => stdout.includes('"summary"') && stderr === '',
  );
  if (stdout === '') throw new Error(stderr);
  const { resources, summary } = JSON.parse(stdout) as {
    resources: { kind: string; name: string; msg: string }[];
    summary: { valid: number; skipped: number };
  };
  return { faults: resources.map(({ kind, name, msg }) => `${kind} ${name}: ${msg}`), ...summary };
}

describe('every object that we ship fits the schema of its kind, strictly', () => {
  it.each(OVERLAYS)('kustomize: %s', (name) => {
    const text = kustomized(join(KUSTOMIZE, name));
    expect(judged(text)).toMatchObject({ faults: [], valid: objectsOf(text).length, skipped: 0 });
  });

  it.each<readonly [string, Values]>([['no values', {}], ...VALUE_SETS.map((set) => [set, set] as const)])(
    'the chart with %s',
    (_, values) => {
      const { stdout, stderr } = template(values);
      expect(judged(stdout), stderr).toMatchObject({ faults: [], valid: rendered(values).length, skipped: 0 });
    },
  );

  it.each(['alerts', 'grafana'])('kubectl apply -k %s', (folder) => {
    const text = kustomized(join(ROOT, folder));
    expect(judged(text)).toMatchObject({ faults: [], valid: objectsOf(text).length, skipped: 0 });
  });

  it.each([
    ['rules', '--format', 'kubernetes'],
    ['dashboards', '--format', 'configmap'],
  ])('the command %s %s %s', async (...args) => {
    const { stdout } = await runCli(args);
    expect(judged(stdout)).toMatchObject({ faults: [], valid: objectsOf(stdout).length, skipped: 0 });
  });

  it.each(['keda-metrics-api.yaml', 'keda-prometheus.yaml', 'hpa.yaml'])('deploy/autoscaling/%s is valid', (name) => {
    const text = readFileSync(join(ROOT, 'deploy/autoscaling', name), 'utf8');
    expect(judged(text)).toMatchObject({ faults: [], valid: 1, skipped: 0 });
  });

  it.each<readonly [string, (object: KubernetesObject) => unknown, RegExp]>([
    ['a misspelt field', (object) => ({ ...object, spec: { ...object.spec, replica: 1 } }), /replica/],
    ['a wrong type', (object) => ({ ...object, spec: { ...object.spec, replicas: 'one' } }), /replicas/],
    ['a missing field', ({ spec: _, ...object }) => ({ ...object, spec: {} }), /selector/],
    ['a kind that does not exist', (object) => ({ ...object, kind: 'Deploymant' }), /could not find schema/],
  ])('finds %s: the tests above can fail', (_, spoil, message) => {
    const { faults } = judged(stringify(spoil(onlyOf(overlay('base'), 'Deployment'))));
    expect(faults).toEqual([expect.stringMatching(message)]);
  });

  it('finds a misspelt field of a resource of the Prometheus Operator and of KEDA', () => {
    const monitor = onlyOf(overlay('standalone'), 'PodMonitor');
    const spoilt = { ...monitor, spec: { ...monitor.spec, podMetricEndpoints: [] } };
    expect(judged(stringify(spoilt)).faults).toEqual([expect.stringContaining('podMetricEndpoints')]);
    const keda = readFileSync(join(ROOT, 'deploy/autoscaling/keda-prometheus.yaml'), 'utf8');
    expect(judged(keda.replace('failureThreshold', 'failuresThreshold')).faults).toEqual([
      expect.stringContaining('failuresThreshold'),
    ]);
  });
});

describe('the overlays', () => {
  const config = (objects: readonly KubernetesObject[]) =>
    ofKind(objects, 'ConfigMap').find(({ data }) => 'exporter.yaml' in data)!.data['exporter.yaml'] as string;

  it.each(OVERLAYS)('%s gives a configuration that the exporter takes', async (name) => {
    const text = config(overlay(name));
    const files = Object.fromEntries([...text.matchAll(/_file: (\S+)/g)].map(([, path]) => [path!, 'a-key']));
    await configOf(text, { files, env: { ANTHROPIC_ENVIRONMENT_ID: 'env_1' } });
  });

  it.each(['standalone', 'scrape-config'])('%s scrapes under the job of the rules', (name) => {
    const objects = overlay(name);
    const rules = JSON.stringify(onlyOf(objects, 'PrometheusRule'));
    const job = /job=\\"([^"\\]+)\\"/.exec(rules)?.[1];
    const monitor = name === 'standalone' ? onlyOf(objects, 'PodMonitor') : onlyOf(objects, 'ScrapeConfig');
    const scraped = monitor.spec.jobName ?? monitor.spec.podMetricsEndpoints[0].relabelings[0].replacement;
    expect(scraped).toBe(job);
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['monitoring']));
  });

  it('the PodMonitor selects the pod and its port', () => {
    const objects = overlay('standalone');
    const { template } = onlyOf(objects, 'Deployment').spec;
    const { selector, podMetricsEndpoints } = onlyOf(objects, 'PodMonitor').spec;
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(template.spec.containers[0].ports[0].name).toBe(podMetricsEndpoints[0].port);
  });

  it('the ScrapeConfig names the Service', () => {
    const objects = overlay('scrape-config');
    const { metadata, spec } = onlyOf(objects, 'Service');
    const [{ targets }] = onlyOf(objects, 'ScrapeConfig').spec.staticConfigs;
    expect(targets).toEqual([`${metadata.name}.${metadata.namespace}.svc:${spec.ports[0].port}`]);
  });

  it('have the image of this version', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    for (const name of OVERLAYS)
      expect(JSON.stringify(overlay(name))).toContain(`"image":"anthropic-work-exporter:${version}"`);
  });

  it('have the pod of the chart', () => {
    const pod = (objects: readonly KubernetesObject[]) => onlyOf(objects, 'Deployment').spec.template.spec;
    const [own, chart] = [pod(overlay('base')), pod(rendered({}))];
    expect(own.securityContext).toEqual(chart.securityContext);
    for (const part of ['args', 'securityContext', 'resources', 'livenessProbe', 'readinessProbe'])
      expect(chart.containers[0][part], part).toMatchObject(own.containers[0][part]);
    expect(chart.containers[0].ports).toMatchObject(own.containers[0].ports);
  });
});

describe('the sharded overlay', () => {
  const [objects, standalone] = [overlay('sharded'), overlay('standalone')];

  it('runs the pod of the base in a StatefulSet, and tells each how many there are', () => {
    expect(ofKind(objects, 'Deployment')).toEqual([]);
    const { spec } = onlyOf(objects, 'StatefulSet');
    const [container] = spec.template.spec.containers;
    const [base] = onlyOf(standalone, 'Deployment').spec.template.spec.containers;
    expect(container).toEqual({ ...base, args: [...base.args, `--shard=auto/${spec.replicas}`] });
    expect(spec).toMatchObject({ replicas: 3, podManagementPolicy: 'Parallel' });
    expect(spec.serviceName).toBe(onlyOf(objects, 'Service').metadata.name);
  });
});

describe('the sidecar', () => {
  const objects = overlay('sidecar-example');
  const { spec } = onlyOf(objects, 'Deployment').spec.template;
  const [sidecar] = spec.initContainers;

  it('is native: it starts before the worker, ends after it, and never stops it from being ready', () => {
    expect(sidecar).toMatchObject({ name: 'work-exporter', restartPolicy: 'Always' });
    expect(sidecar).not.toHaveProperty('readinessProbe');
    expect(sidecar).not.toHaveProperty('startupProbe');
    expect(sidecar.livenessProbe.httpGet).toEqual({ path: '/-/healthy', port: 'work-metrics' });
  });

  it('has the environment key and no other', async () => {
    const text = ofKind(objects, 'ConfigMap')[0]!.data['exporter.yaml'];
    const files = { '/run/secrets/worker/environment-key': 'a-key' };
    const { connections, environments } = await configOf(text, { files, env: { ANTHROPIC_ENVIRONMENT_ID: 'env_1' } });
    expect(connections).toMatchObject([{ apiKey: null }]);
    expect(environments).toMatchObject([{ environment: { id: 'env_1' }, environmentKey: {} }]);
    expect(JSON.stringify(sidecar)).not.toMatch(/API_KEY|api-key/);
    expect(sidecar.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)).toContain(
      '/run/secrets/worker',
    );
    const { secret } = spec.volumes.find(({ name }: { name: string }) => name === 'work-exporter-key');
    expect(secret.items).toEqual([{ key: 'environment-key', path: 'environment-key' }]);
  });

  it('leaves the worker as it is, which runs once', () => {
    const plain = objectsOf(readFileSync(join(KUSTOMIZE, 'sidecar-example/worker.yaml'), 'utf8'))[0]!;
    expect(spec.containers).toEqual(plain.spec.template.spec.containers);
    expect(onlyOf(objects, 'Deployment').spec.replicas).toBe(1);
  });
});
