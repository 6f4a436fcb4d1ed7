import { describe, expect, it } from 'vitest';
import { CATALOGUE, type MetricName } from '../../src/metrics/catalogue.ts';
import { pageOf } from './pages.ts';

/** One line of the tables in docs/official-guide.md. */
interface Row {
  readonly shownBy: string;
  readonly alert: string;
  readonly remedy: string;
}

const lines = (pageOf('docs/official-guide.md').text.match(/^\| .* \|$/gm) ?? [])
  .map((line) => line.slice(2, -2).split(' | '))
  .filter(([first]) => first !== 'sign' && first !== '---');
const rows = lines.map(([, shownBy, alert, remedy]) => ({ shownBy, alert, remedy }) as Row);

/** Whether each label of the selector exists, and its value too where the metric lists its values. */
function isSelector(selector: string): boolean {
  const [, name, matchers = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(selector)!;
  const labels: Readonly<Record<string, unknown>> = CATALOGUE[name as MetricName]?.labels ?? {};
  return [...matchers.matchAll(/(\w+)="(\w+)"/g)].every(([, label, value]) => {
    const values = labels[label!];
    return values !== undefined && (!Array.isArray(values) || values.includes(value));
  });
}

// That the metrics, the alerts and the targets of the links exist is shown with all pages, in names.test.ts.
describe('docs/official-guide.md', () => {
  it('has four answers for each sign', () => {
    expect(lines.length).toBeGreaterThan(25);
    expect(lines.filter((cells) => cells.length !== 4 || cells.some((cell) => cell.trim() === ''))).toEqual([]);
  });

  it('links each alert that it names to the runbook of that alert, or says that there is none', () => {
    const links = rows.flatMap(({ alert }) => [...alert.matchAll(/\[(\w+)\]\((\S+)\)/g)]);
    expect(links.filter(([, name, path]) => path !== `../alerts/runbooks/AnthropicWork${name}.md`)).toEqual([]);
    expect(rows.filter(({ alert }) => !/\[\w+\]\(|^none\b/.test(alert))).toEqual([]);
  });

  it('says why nothing is seen where nothing is', () => {
    const isUnseen = ({ shownBy, alert }: Row) => shownBy.startsWith('nothing') && alert.startsWith('none');
    expect(rows.filter((row) => isUnseen(row) && !row.remedy.includes('cannot be seen'))).toEqual([]);
  });

  it('selects series by labels that they have', () => {
    const selectors = rows.flatMap(({ shownBy }) => shownBy.match(/anthropic_work_[^`]+/g) ?? []);
    expect(selectors.filter((selector) => !isSelector(selector))).toEqual([]);
    expect(isSelector('anthropic_work_items{state="lost"}')).toBe(false);
  });
});
