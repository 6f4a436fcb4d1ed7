import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configMap, kustomization } from '../../../src/dashboards/files/config-map.ts';
import { provisioningFiles } from '../../../src/dashboards/files/provisioning.ts';
import { UID } from '../../../src/dashboards/parts/links.ts';
import { ROOT } from '../../support/processes.ts';

/** What an object of Kubernetes may have, less some for its own. */
const MOST_OF_ANNOTATIONS = 256 * 1024 - 1024;

const file = (part: string) => parse(provisioningFiles().find(({ path }) => path.includes(part))!.text);

describe('the provisioning files', () => {
  it('give Grafana a Prometheus data source whose address comes from the environment', () => {
    expect(file('datasources')).toEqual({
      apiVersion: 1,
      datasources: [
        expect.objectContaining({ type: 'prometheus', url: '$PROMETHEUS_URL', isDefault: true, access: 'proxy' }),
      ],
    });
  });

  it('load the boards from a folder, read-only, and look for new ones', () => {
    const [provider] = file('provisioning/dashboards').providers;
    expect(provider).toMatchObject({ type: 'file', allowUiUpdates: false, folder: 'Work queues' });
    expect(provider.options.path).toBe('/var/lib/grafana/dashboards/anthropic-work-exporter');
  });
});

describe('the Kubernetes form', () => {
  const json = '{\n  "title": "a \\"board\\" with $variables and: colons"\n}\n';

  it('is one labelled ConfigMap a board, with the JSON on one line', () => {
    const manifest = parse(configMap('some-uid', json));
    expect(manifest).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'some-uid',
        labels: { grafana_dashboard: '1' },
        annotations: { grafana_folder: 'Work queues' },
      },
    });
    expect(manifest.data).toEqual({ 'some-uid.json': '{"title":"a \\"board\\" with $variables and: colons"}\n' });
  });

  it.each(Object.values(UID))('leaves room for the copy that a plain `kubectl apply` keeps: %s', (uid) => {
    const text = readFileSync(join(ROOT, `grafana/${uid}.json`), 'utf8');
    expect(JSON.stringify(parse(configMap(uid, text))).length).toBeLessThan(MOST_OF_ANNOTATIONS);
  });

  it('comes as a kustomization with every board', () => {
    const { configMapGenerator, generatorOptions } = parse(kustomization(Object.values(UID)).text);
    expect(configMapGenerator).toEqual(Object.values(UID).map((uid) => ({ name: uid, files: [`${uid}.json`] })));
    expect(generatorOptions).toMatchObject({ disableNameSuffixHash: true, labels: { grafana_dashboard: '1' } });
  });
});
