import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/domain/environment.ts';
import { LIST_METRICS } from '../../src/metrics/list-metrics.ts';
import type { Look, Sample } from '../../src/metrics/metric.ts';
import { listRead } from '../../src/state/changes.ts';
import { buildEnvironment, buildItem, buildItems, buildState, NOW } from '../support/states.ts';

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

  constructor(metadata: Environment['metadata']) {
    this.#state = buildState('env_1', { environment: buildEnvironment('env_1', { metadata }), items: null });
  }

  /** `value count` of the queued items, as the next read and the configuration of now show them. */
  see(values: readonly string[]): string[] {
    const live = values.map((team, index) => buildItem(`w${index}`, { metadata: { team } }));
    this.#state = listRead(this.#state, POLL, buildItems(live, { observedAt: NOW }));
    const fresh = { stats: true, list: true, sessions: false };
    const look: Look = { state: this.#state, fresh, labelKeys: [], apiNow: NOW, pausedUntil: null, lead: '' };
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
  });

  it('leaves its place to the most frequent one when its last item has ended', () => {
    const reads = new Reads(TEAM);
    reads.see(['a', 'a', 'b']);
    expect(reads.see(['b', 'c', 'c'])).toEqual(['c 2', 'other 1']);
    expect(reads.see(['c'])).toEqual(['c 1']);
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
    fc.property(fc.array(fc.array(names), { maxLength: 20 }), fc.integer({ min: 1, max: 4 }), (reads, maxValues) => {
      const seen = new Reads({ keys: ['team'], maxValues });
      let before: string[] = [];
      for (const values of reads) {
        const shown = seen.see(values).map((text) => text.split(' '));
        const named = shown.map(([value]) => value!).filter((value) => value !== 'other');
        expect(named.length).toBeLessThanOrEqual(maxValues);
        expect(shown.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(values.length);
        expect(named).toEqual(expect.arrayContaining(before.filter((value) => values.includes(value))));
        before = named;
      }
    }),
  );
});
