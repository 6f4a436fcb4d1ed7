import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ALERT_NAMES } from '../../../src/rules/alerts.ts';
import { ROOT } from '../../support/processes.ts';
import { runTool } from '../../support/promtool.ts';
import { type KubernetesObject, ofKind, onlyOf } from '../kubernetes-object.ts';
import { NO_VALUES, sets } from './chart-objects.ts';
import { rendered } from './helm.ts';

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

  it('lie in another namespace where that is said, and still are about the release', () => {
    const namespace = 'prometheus';
    const elsewhere = rendered({
      serviceMonitor: { enabled: true, namespace },
      prometheusRule: { enabled: true, namespace },
    });
    const monitor = onlyOf(elsewhere, 'ServiceMonitor');
    const service = onlyOf(elsewhere, 'Service');
    expect(monitor.metadata.namespace).toBe(namespace);
    expect(onlyOf(elsewhere, 'PrometheusRule').metadata.namespace).toBe(namespace);
    expect(service.metadata.namespace).toBe('monitoring');
    expect(monitor.spec.namespaceSelector.matchNames).toEqual(['monitoring']);
    const job = 'monitoring/work-anthropic-work-exporter';
    expect(monitor.spec.endpoints[0].relabelings[0].replacement).toBe(job);
    expect(JSON.stringify(onlyOf(elsewhere, 'PrometheusRule'))).toContain(`job=\\"${job}\\"`);
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
    expect(left.toSorted()).toEqual(['AnthropicWorkRunsTooShort', 'AnthropicWorkWatchdog']);
    const folder = mkdtempSync(join(tmpdir(), 'rules-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups }));
    const { ok, output } = await runTool('promtool', ['check', 'rules', join(folder, 'rules.yaml')]);
    expect(ok, output).toBe(true);
  });

  it('link to the addresses of the user, and to none where none was given', () => {
    const linked = JSON.stringify(onlyOf(objects, 'PrometheusRule'));
    expect(linked).toContain('"https://wiki.corp.test/runbooks/AnthropicWorkNoWorkers.md?');
    expect(linked).toContain('"https://grafana.corp.test/d/anthropic-work-');
    const unlinked = rendered({ prometheusRule: { enabled: true }, dashboards: { enabled: true } });
    const plain = JSON.stringify([...ofKind(unlinked, 'PrometheusRule'), ...ofKind(unlinked, 'ConfigMap')]);
    expect(plain).not.toMatch(/https?:|_BASE_URL|RUNBOOK_LINK|dashboard_url|runbook_url/);
  });
});

it.each(sets)('no object is too large for a plain `kubectl apply`, or for Argo CD: %s', (_, values) => {
  const all = { prometheusRule: { enabled: true }, dashboards: { enabled: true } };
  const sizes = rendered(values === NO_VALUES ? all : values).map((object) => JSON.stringify(object).length);
  // An annotation holds 256 KiB, and theirs holds the object.
  expect(Math.max(...sizes)).toBeLessThan(256 * 1024 - 1024);
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
