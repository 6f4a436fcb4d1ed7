import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/domain/environment.ts';
import { LIST_METRICS } from '../../src/metrics/list-metrics.ts';
import type { Look, Sample } from '../../src/metrics/metric.ts';
import { listRead } from '../../src/state/changes.ts';
import { buildEnvironment, buildItem, buildItems, buildState, NOW } from '../support/states.ts';

const MINUTE = 60_000;
const POLL = {
  at: NOW,
  endedAt: NOW,
  endedMonotonic: 0,
  durationSeconds: 0.1,
  requests: 1,
} as const;

/** An environment whose list is read when the test says so. */
class Reads {
  #state;
  #now = NOW;

  constructor(metadata: Environment['metadata']) {
    this.#state = buildState('env_1', { environment: buildEnvironment('env_1', { metadata }), items: null });
  }

  /** `value count` of the queued items, as the next read and the configuration of now show them. */
  see(values: readonly string[], afterMs = MINUTE): string[] {
    this.#now += afterMs;
    const live = values.map((team, index) => buildItem(`w${index}`, { metadata: { team } }));
    this.#state = listRead(this.#state, POLL, buildItems(live, { observedAt: this.#now }));
    const fresh = { stats: true, list: true, sessions: false };
    const look: Look = { state: this.#state, fresh, labelKeys: [], apiNow: this.#now, lead: '' };
    return (LIST_METRICS.anthropic_work_items_by_metadata.measure(look) as readonly Sample[])
      .filter(({ values: [state] }) => state === 'queued')
      .map(({ values: [, , value], value: count }) => `${value} ${count}`);
  }

  reload(metadata: Environment['metadata']): void {
    this.#state = { ...this.#state, environment: buildEnvironment('env_1', { metadata }) };
  }
}

const TEAM = { keys: ['team'], maxValues: 1 };

describe('a value that is shown by name', () => {
  it('keeps its place while an item with it lives, however many others have', () => {
    const reads = new Reads(TEAM);
    expect(reads.see(['a', 'a', 'b'])).toEqual(['a 2', 'other 1']);
    expect(reads.see(['a', 'b', 'b', 'b'])).toEqual(['a 1', 'other 3']);
    expect(reads.see(['a', 'b', 'b', 'b'], 600 * MINUTE)).toEqual(['a 1', 'other 3']);
  });

  it('stays for an hour at 0, and then its place is free for the most frequent one', () => {
    const reads = new Reads(TEAM);
    reads.see(['a']);
    expect(reads.see(['b', 'c', 'c'])).toEqual(['a 0', 'other 3']);
    expect(reads.see(['b', 'c', 'c'], 59 * MINUTE)).toEqual(['a 0', 'other 3']);
    expect(reads.see(['b', 'c', 'c'], 1)).toEqual(['c 2', 'other 1']);
  });

  it('has its hour anew after each item', () => {
    const reads = new Reads(TEAM);
    reads.see(['a']);
    reads.see([], 40 * MINUTE);
    reads.see(['a']);
    expect(reads.see(['b'], 40 * MINUTE)).toEqual(['a 0', 'other 1']);
  });

  it('does not stay longer because the clock was set back', () => {
    const reads = new Reads(TEAM);
    reads.see(['a']);
    reads.see(['b'], -600 * MINUTE);
    expect(reads.see(['b'], 60 * MINUTE)).toEqual(['a 0', 'other 1']);
    expect(reads.see(['b'], 1)).toEqual(['b 1', 'other 0']);
  });
});

describe('the rest', () => {
  it('stays for an hour at 0 as well, and is not shown where there never was one', () => {
    const reads = new Reads(TEAM);
    expect(reads.see(['a'])).toEqual(['a 1']);
    reads.see(['a', 'b']);
    expect(reads.see(['a'])).toEqual(['a 1', 'other 0']);
    expect(reads.see(['a'], 60 * MINUTE)).toEqual(['a 1']);
  });
});

describe('another configuration', () => {
  it('counts at once, and gives places up and away at the next read', () => {
    const reads = new Reads({ keys: ['team'], maxValues: 2 });
    reads.see(['a', 'a', 'b']);
    reads.reload(TEAM);
    expect(reads.see(['a', 'b', 'b'])).toEqual(['b 2', 'other 1']);
    reads.reload({ keys: [], maxValues: 1 });
    expect(reads.see(['a', 'b'])).toEqual([]);
  });
});

it('never shows more values than the limit and the rest, counts every item, and is chosen once a read', () => {
  const names = fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f', 'other');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.array(names), fc.integer({ min: 0, max: 50 })), { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      (reads, maxValues) => {
        const seen = new Reads({ keys: ['team'], maxValues });
        let before: string[] = [];
        for (const [values, minutes] of reads) {
          const shown = seen.see(values, minutes * MINUTE).map((text) => text.split(' '));
          const named = shown.map(([value]) => value!).filter((value) => value !== 'other');
          expect(named.length).toBeLessThanOrEqual(maxValues);
          expect(shown.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(values.length);
          expect(named).toEqual(expect.arrayContaining(before.filter((value) => values.includes(value))));
          before = named;
        }
      },
    ),
  );
});
