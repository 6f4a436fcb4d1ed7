import { describe, expect, it } from 'vitest';
import { addEvents, NO_TOTALS } from '../../src/lifecycle/lifecycle-totals.ts';
import { encodeHistogram } from '../../src/metrics/exposition/text-encoder.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { buildItem, NOW } from '../support/states.ts';

/** What OpenMetrics says of one wait of an item. */
function waitOf(id: string): string {
  const { item } = buildItem(id, { state: 'active', acknowledgedAt: NOW });
  const { wait } = addEvents(NO_TOTALS, { waitMs: 3000 }, { item, exemplars: true }).totals;
  return `# TYPE x histogram\n# HELP x y\n${encodeHistogram('x', '', wait, true)}# EOF\n`;
}

function exemplarsOf(text: string): (string | null)[] {
  const [family] = parseExposition(text, 'openmetrics');
  return family!.samples.map(({ exemplar }) => exemplar).filter((exemplar) => exemplar !== null);
}

describe('the exemplar of a wait', () => {
  it.each([
    ['sesn_1', 'sesn_1'],
    ['a}b{c,d="e"', 'a}b{c,d=\\"e\\"'],
    ['a # {b="c"} 1', 'a # {b=\\"c\\"} 1'],
    ['a\\', 'a\\\\'],
  ])('names the item %s', (id, written) => {
    expect(exemplarsOf(waitOf(id))).toEqual([`{work_id="${written}"} 3 ${NOW / 1000}`]);
  });

  it.each(['a\0b', 'a\nb', 'a\rb', '\u0001', 'a\u007f', '\u0085'])('is left out where the id is %j', (id) => {
    expect(exemplarsOf(waitOf(id))).toEqual([]);
  });

  it('would not be read with a NUL in it', () => {
    expect(() => exemplarsOf(waitOf('a_b').replace('a_b', 'a\0b'))).toThrow('more than a value');
  });
});
