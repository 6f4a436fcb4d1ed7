import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runbookLink } from '../../src/dashboards/board.ts';
import { boardFiles, configMap, galleryBoard, generateDashboardFiles } from '../../src/dashboards/files.ts';
import { ROOT } from '../support/processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const plain = boardFiles(null);

it('the committed boards are those that are built, in grafana/ and in the chart, and there are no others', () => {
  for (const { path, text } of generateDashboardFiles()) expect(read(path), path).toBe(text);
  for (const folder of ['grafana', 'deploy/helm/anthropic-work-exporter/files/dashboards'])
    expect(
      readdirSync(join(ROOT, folder))
        .filter((name) => name.endsWith('.json'))
        .toSorted(),
    ).toEqual(plain.map(({ uid }) => `${uid}.json`).toSorted());
});

it('a condition leads to its runbook where somebody said where they are, and nothing else changes', () => {
  const linked = boardFiles('https://wiki.test/a "b"');
  const link = JSON.stringify(runbookLink('https://wiki.test/a "b"'));
  const counts = plain.map(({ json }, index) => {
    expect(linked[index]!.json.replaceAll(`{"id":"links","value":[${link}]}`, '{"id":"links","value":[]}')).toBe(json);
    return json.split('{"id":"links","value":[]}').length - 1;
  });
  expect(counts).toEqual([1, 1, 0, 0]);
});

describe.each(plain)('$uid', (file) => {
  it('is one labelled ConfigMap, with the JSON on one line', () => {
    const { uid, json } = file;
    expect(parse(configMap(file))).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: uid, labels: { grafana_dashboard: '1' }, annotations: { grafana_folder: 'Work queues' } },
      data: { [`${uid}.json`]: json },
    });
    expect(json.trim().split('\n')).toHaveLength(1);
  });

  it('in the form of grafana.com asks for one data source, uses it, and requires each type of panel that it has', () => {
    const text = galleryBoard(file);
    // What Grafana does at an import: every mention of an input becomes what the user chose.
    const { __inputs, __requires, __elements, templating, ...rest } = JSON.parse(
      text.replaceAll(`$${'{DS_PROMETHEUS}'}`, 'mine'),
    );
    expect(__inputs).toMatchObject([{ name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus' }]);
    expect(templating.list[0]).toMatchObject({ type: 'datasource', current: { value: 'mine' } });
    const { templating: _, ...original } = JSON.parse(file.json);
    expect(rest).toEqual(original);
    const required = (__requires as { type: string; id: string }[]).filter(({ type }) => type === 'panel');
    const types = new Set(original.panels.map(({ type }: { type: string }) => type));
    types.delete('row');
    expect(new Set(required.map(({ id }) => id))).toEqual(types);
  });
});

it('the kustomization has every board, and the provisioning loads them read-only from where they are put', () => {
  const { configMapGenerator, generatorOptions } = parse(read('grafana/kustomization.yaml'));
  expect(configMapGenerator).toEqual(plain.map(({ uid }) => ({ name: uid, files: [`${uid}.json`] })));
  expect(generatorOptions).toMatchObject({ disableNameSuffixHash: true, labels: { grafana_dashboard: '1' } });
  const { providers } = parse(read('grafana/provisioning/dashboards/anthropic-work-exporter.yaml'));
  expect(providers).toMatchObject([{ type: 'file', allowUiUpdates: false, folder: 'Work queues' }]);
  expect(read('deploy/compose/compose.yaml')).toContain(providers[0].options.path);
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yaml'));
  expect(datasources).toMatchObject([{ type: 'prometheus', url: '$PROMETHEUS_URL', isDefault: true }]);
});
