import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { configOf } from '../../config/support.ts';
import { ROOT } from '../../support/processes.ts';
import { type KubernetesObject, ofKind, onlyOf } from '../kubernetes-object.ts';
import { configText, container, keyFiles, namesIn, pods, sets, workload } from './chart-objects.ts';
import { CHART, helm, helmWith, rendered, VALUE_SETS, VERSION } from './helm.ts';

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
    const { name } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))).toMatchObject({
      name,
      version: VERSION,
      appVersion: VERSION,
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

  it('is the same each time, so that tools that compare find nothing to change', () => {
    expect(rendered(values)).toEqual(objects);
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

  it('never runs one more than it should while it changes, and of two not less than one', () => {
    const { kind, spec } = workload(objects);
    const oneByOne = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    const ofDeployment = spec.replicas > 1 ? oneByOne : { type: 'Recreate' };
    // A StatefulSet has one pod of each number, whatever happens.
    expect(spec.strategy).toEqual(kind === 'StatefulSet' ? undefined : ofDeployment);
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
        'app.kubernetes.io/version': VERSION,
      });
      expect(metadata.namespace).toMatch(/^(monitoring|grafana)$/);
    }
  });
});
