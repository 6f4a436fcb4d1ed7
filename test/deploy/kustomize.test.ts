import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { TestFolder } from '../cli/files.ts';
import { configOf } from '../config/support.ts';
import { ROOT } from '../support/processes.ts';
import {
  configText,
  KUSTOMIZE,
  keyFiles,
  kustomized,
  OVERLAYS,
  ofKind,
  onlyOf,
  pods,
  rendered,
  VERSION,
} from './objects.ts';

const overlays = new Map(OVERLAYS.map((name) => [name, kustomized(join(KUSTOMIZE, name))]));
const overlay = (name: string) => overlays.get(name)!;

it.each(OVERLAYS)('%s gives a configuration that the exporter takes, and the image of this version', async (name) => {
  const text = configText(overlay(name));
  await configOf(text, { files: keyFiles(text), env: { ANTHROPIC_ENVIRONMENT_ID: 'env_1' } });
  expect(JSON.stringify(overlay(name))).toContain(`"image":"anthropic-work-exporter:${VERSION}"`);
});

it.each(['standalone', 'scrape-config'])('%s scrapes under the job of the rules, in one namespace', (name) => {
  const objects = overlay(name);
  const job = /job=\\"([^"\\]+)\\"/.exec(JSON.stringify(onlyOf(objects, 'PrometheusRule')))?.[1];
  const { spec } = onlyOf(objects, name === 'standalone' ? 'PodMonitor' : 'ScrapeConfig');
  expect(spec.jobName ?? spec.podMetricsEndpoints[0].relabelings[0].replacement).toBe(job);
  expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['monitoring']));
});

it('the PodMonitor selects the pod and its port, and the ScrapeConfig names the Service', () => {
  const { template } = onlyOf(overlay('standalone'), 'Deployment').spec;
  const { selector, podMetricsEndpoints } = onlyOf(overlay('standalone'), 'PodMonitor').spec;
  expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  expect(template.spec.containers[0].ports[0].name).toBe(podMetricsEndpoints[0].port);
  const { metadata, spec } = onlyOf(overlay('scrape-config'), 'Service');
  const [{ targets }] = onlyOf(overlay('scrape-config'), 'ScrapeConfig').spec.staticConfigs;
  expect(targets).toEqual([`${metadata.name}.${metadata.namespace}.svc:${spec.ports[0].port}`]);
});

it('the pod is that of the chart', () => {
  const [own, chart] = [pods(overlay('base')).spec, pods(rendered({})).spec];
  expect(own.securityContext).toEqual(chart.securityContext);
  for (const part of ['args', 'securityContext', 'resources', 'livenessProbe', 'readinessProbe', 'ports'])
    expect(chart.containers[0][part], part).toMatchObject(own.containers[0][part]);
});

it('the sharded overlay runs the pod of the base in a StatefulSet, and tells each how many there are', () => {
  const objects = overlay('sharded');
  expect(ofKind(objects, 'Deployment')).toEqual([]);
  const { spec } = onlyOf(objects, 'StatefulSet');
  const [base] = pods(overlay('standalone')).spec.containers;
  expect(spec.template.spec.containers[0]).toEqual({ ...base, args: [...base.args, `--shard=auto/${spec.replicas}`] });
  expect(spec).toMatchObject({ replicas: 3, podManagementPolicy: 'Parallel' });
  expect(spec.serviceName).toBe(onlyOf(objects, 'Service').metadata.name);
});

describe('the sidecar', () => {
  const objects = overlay('sidecar-example');
  const { spec } = pods(objects);
  const [sidecar] = spec.initContainers;

  it('is native: it starts before the worker, ends after it, and never stops it from being ready', () => {
    expect(sidecar).toMatchObject({ name: 'work-exporter', restartPolicy: 'Always' });
    expect(sidecar).not.toHaveProperty('readinessProbe');
    expect(sidecar).not.toHaveProperty('startupProbe');
    expect(sidecar.livenessProbe.httpGet).toEqual({ path: '/-/healthy', port: 'work-metrics' });
    const plain = parse(readFileSync(join(KUSTOMIZE, 'sidecar-example/worker.yaml'), 'utf8'));
    expect(spec.containers).toEqual(plain.spec.template.spec.containers);
    expect(onlyOf(objects, 'Deployment').spec.replicas).toBe(1);
  });

  it('has the environment key and no other', async () => {
    const text = configText(objects);
    const config = await configOf(text, { files: keyFiles(text), env: { ANTHROPIC_ENVIRONMENT_ID: 'env_1' } });
    expect(config.connections).toMatchObject([{ apiKey: null }]);
    expect(config.environments).toMatchObject([{ environment: { id: 'env_1' }, environmentKey: {} }]);
    expect(JSON.stringify(sidecar)).not.toMatch(/API_KEY|api-key/);
    const { secret } = spec.volumes.find(({ name }: { name: string }) => name === 'work-exporter-key');
    expect(secret.items).toEqual([{ key: 'environment-key', path: 'environment-key' }]);
  });
});

describe('the page', () => {
  const text = readFileSync(join(KUSTOMIZE, 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/^ {3}```(\w+)\n([\s\S]*?)^ {3}```$/gm)].map(([, language, block]) => ({
    language,
    text: block!.replaceAll(/^ {3}/gm, ''),
  }));

  /** An overlay of a user, beside the repository's. */
  function built(own: string, configuration = '') {
    using folder = new TestFolder();
    for (const part of ['alerts', 'deploy/kustomize', 'grafana'])
      cpSync(join(ROOT, part), join(folder.path, part), { recursive: true });
    mkdirSync(join(folder.path, 'mine'));
    folder.write('mine/kustomization.yaml', own);
    folder.write('mine/exporter.yaml', configuration);
    return kustomized(join(folder.path, 'mine'));
  }

  it('has an overlay that changes the image, the configuration and the labels, and nothing that selects', () => {
    const overlayOfPage = blocks.find(({ language }) => language === 'yaml')!.text;
    expect(configText(built(overlayOfPage))).toBe(readFileSync(join(KUSTOMIZE, 'base/exporter.yaml'), 'utf8'));
    // With what the page says to uncomment.
    const whole = overlayOfPage.replace(/^# (?=configMapGenerator)[\s\S]*/m, (rest) => rest.replaceAll(/^# /gm, ''));
    const objects = built(whole, 'discovery: { enabled: true }\n');
    expect(configText(objects)).toBe('discovery: { enabled: true }\n');
    const { spec } = onlyOf(objects, 'Deployment');
    expect(spec.template.spec.containers[0].image).toMatch(/^REGISTRY\/anthropic-work-exporter:\d/);
    for (const kind of ['PodMonitor', 'PrometheusRule'])
      expect(onlyOf(objects, kind).metadata.labels).toMatchObject({ release: 'kube-prometheus-stack' });
    expect(spec.selector.matchLabels).not.toHaveProperty('release');
  });

  it('makes the Secret that the configuration of the base reads', () => {
    const command = blocks.find((block) => block.text.includes('create secret'))!.text;
    const [, name, entry] = /secret generic (\S+) [\s\S]*--from-file=([\w-]+)=\.\/api-key/.exec(command)!;
    expect(configText(overlay('base'))).toContain(`/run/secrets/${name}/${entry}\n`);
    const secrets = pods(overlay('base')).spec.volumes.flatMap(({ secret }: { secret?: object }) => secret ?? []);
    expect(secrets).toMatchObject([{ secretName: name }]);
  });

  it('has a patch for another namespace that gives the ScrapeConfig the address of the Service there', () => {
    const [, patches = ''] = /```yaml\n(patches:[\s\S]*?)^```$/m.exec(text)!;
    const own = `namespace: queues\nresources: [../deploy/kustomize/scrape-config]\n${patches.replace('NAMESPACE', 'queues')}`;
    const objects = built(own);
    const { name, namespace } = onlyOf(objects, 'Service').metadata;
    const [{ targets }] = onlyOf(objects, 'ScrapeConfig').spec.staticConfigs;
    expect(targets).toEqual([`${name}.${namespace}.svc:9877`]);
  });
});
