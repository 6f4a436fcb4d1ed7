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

  it.each([
    [121, 1],
    [122, 0],
  ])('is left out where its label is longer than 128 characters: an id of %i', (length, exemplars) => {
    expect(exemplarsOf(waitOf('w'.repeat(length)))).toHaveLength(exemplars);
  });

  it('would not be read with a NUL in it', () => {
    expect(() => exemplarsOf(waitOf('a_b').replace('a_b', 'a\0b'))).toThrow('more than a value');
  });
});

describe('a duration of more than a year', () => {
  const YEAR = 366 * 86_400_000;
  const { item } = buildItem('a', { state: 'stopped' });
  const totalsOf = (events: Parameters<typeof addEvents>[1]) =>
    addEvents(NO_TOTALS, events, { item, exemplars: false });

  it.each([YEAR + 1, -YEAR - 1, Date.UTC(9999, 11) - NOW, -NOW, Number.MAX_SAFE_INTEGER])('is in no sum: %d', (ms) => {
    const events = { acknowledged: true, stopped: true, waitMs: ms, runMs: ms, stopMs: ms } as const;
    const { totals, clamped } = totalsOf(events);
    const { wait, run, stop } = NO_TOTALS;
    expect(totals).toEqual({ ...NO_TOTALS, acknowledged: 1, stopped: 1, waitUnknown: 1, wait, run, stop });
    expect(clamped).toBe(0);
  });

  it('a year itself may be true', () => {
    const { totals } = totalsOf({ waitMs: YEAR, runMs: YEAR, stopMs: YEAR });
    expect([totals.wait.sum, totals.run.sum, totals.stop.sum]).toEqual([YEAR / 1000, YEAR / 1000, YEAR / 1000]);
  });
});

describe('a negative duration', () => {
  const { item } = buildItem('a', { state: 'stopped' });

  it.each([
    ['a wait', { waitMs: -1 }, 1],
    ['a run', { runMs: -1 }, 1],
    ['a stop', { stopMs: -1 }, 1],
    ['all three', { waitMs: -1, runMs: -1, stopMs: -1 }, 3],
    ['none: they are 0', { waitMs: 0, runMs: 0, stopMs: 0 }, 0],
    ['none: only an event', { stopped: true }, 0],
  ] as const)('is counted as 0 and as clamped: %s', (_, events, clamped) => {
    const added = addEvents(NO_TOTALS, events, { item, exemplars: false });
    expect(added.clamped).toBe(clamped);
    const { wait, run, stop } = added.totals;
    expect([wait.sum, run.sum, stop.sum]).toEqual([0, 0, 0]);
  });
});
