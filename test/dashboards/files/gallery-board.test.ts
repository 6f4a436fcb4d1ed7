import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { galleryBoard } from '../../../src/dashboards/files/gallery-board.ts';
import { UID } from '../../../src/dashboards/parts/links.ts';
import { ROOT } from '../../support/processes.ts';

interface Panel {
  readonly type: string;
  readonly panels?: readonly Panel[];
}

const committed = (uid: string) => readFileSync(join(ROOT, `grafana/${uid}.json`), 'utf8');
const flat = (panels: readonly Panel[]): readonly Panel[] =>
  panels.flatMap((panel) => [panel, ...flat(panel.panels ?? [])]);

/** What Grafana does at an import: every mention of an input becomes what the user chose. */
const imported = (text: string) => JSON.parse(text.replaceAll('$' + '{DS_PROMETHEUS}', 'my-prometheus'));

describe.each(Object.values(UID))('%s in the form of grafana.com', (uid) => {
  const text = galleryBoard(committed(uid));
  const board = JSON.parse(text);

  it('asks for one data source, and uses it', () => {
    expect(board.__inputs).toMatchObject([{ name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus' }]);
    const variables = imported(text).templating.list.filter(({ type }: { type: string }) => type === 'datasource');
    expect(variables).toMatchObject([{ current: { value: 'my-prometheus' } }]);
    expect(JSON.stringify(imported(text))).not.toContain('DS_PROMETHEUS}');
  });

  it('requires Grafana, the data source and every type of panel that it has, by its name', () => {
    const used = new Set(flat(board.panels).map(({ type }) => type));
    used.delete('row');
    const requires = board.__requires as { type: string; id: string; name: string }[];
    const panels = requires.filter(({ type }) => type === 'panel');
    expect(new Set(panels.map(({ id }) => id))).toEqual(used);
    expect(panels).toHaveLength(used.size);
    for (const { name } of panels) expect(name).toMatch(/^[A-Z]/);
    expect(requires.filter(({ type }) => type !== 'panel').map(({ id }) => id)).toEqual(['grafana', 'prometheus']);
  });

  it('is the committed board in all else', () => {
    const { __inputs, __requires, __elements, templating, ...rest } = board;
    const { templating: variables, ...original } = JSON.parse(committed(uid));
    expect(rest).toEqual(original);
    expect(templating.list).toHaveLength(variables.list.length);
  });
});
