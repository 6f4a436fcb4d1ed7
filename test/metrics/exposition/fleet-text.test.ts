import { expect, it } from 'vitest';
import { emptyHistogram, observe, STOP_BUCKETS } from '../../../src/domain/histogram.ts';
import { FleetText } from '../../../src/metrics/exposition/fleet-text.ts';
import { HISTOGRAM_SECTIONS, NUMBER_SECTIONS } from '../../../src/metrics/exposition/sections.ts';
import type { ShownEnvironment } from '../../../src/metrics/exposition/written-row.ts';
import { freshness } from '../../../src/metrics/measures/freshness.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { noTransitions } from '../../support/expositions.ts';
import { buildEnvironment, buildState, buildStats, NOW } from '../../support/states.ts';

const LABEL_KEYS: readonly string[] = [];

function shown(states: readonly EnvironmentState[]): ShownEnvironment[] {
  return states.map((state) => ({ state, context: { fresh: freshness(state, NOW), labelKeys: LABEL_KEYS } }));
}

const first = buildState('env_1', { lifecycle: noTransitions() });
const second = buildState('env_2', { lifecycle: noTransitions() });
const { stats, list } = first.operations;
const environment = (change: object) => ({ ...first, environment: buildEnvironment('env_1', change) });

/** What a read left, and which metrics of the environment it makes the next scrape write again. */
const READS: readonly (readonly [string, EnvironmentState, readonly string[]])[] = [
  ['nothing', first, []],
  ['a copy of all that was known', structuredClone(first), []],
  ['the same numbers', { ...first, queue: { observedAt: NOW + 1, stats: { ...first.queue!.stats } } }, []],
  [
    'another depth',
    { ...first, queue: { observedAt: NOW, stats: buildStats({ depth: 8 }) } },
    ['anthropic_work_queue_depth'],
  ],
  [
    'one more request, and when it ended',
    {
      ...first,
      operations: { list, stats: { ...stats, requests: stats.requests + 1, lastSuccessAt: NOW + 15_000 } },
    },
    ['anthropic_work_last_success_timestamp_seconds', 'anthropic_work_api_requests_total'],
  ],
  [
    'a stop of which a histogram tells',
    { ...first, lifecycle: noTransitions({ stopped: 1, stop: observe(emptyHistogram(STOP_BUCKETS), 3) }) },
    ['anthropic_work_items_stopped_total', 'anthropic_work_stop_seconds'],
  ],
  ['an environment as it was', environment({}), []],
];

const SECTIONS = [...NUMBER_SECTIONS, ...HISTOGRAM_SECTIONS];
const NAMES = SECTIONS.flatMap(({ names }) => names);

it.each(READS)('of a read that left %s only what is another number is written again', (_, next, changed) => {
  const fleet = new FleetText(SECTIONS, { exemplars: false });
  fleet.update(0, shown([first, second]));
  const textOf = (name: (typeof NAMES)[number]) => {
    const texts: Buffer[] = [];
    fleet.addTexts(name, texts);
    return texts[0];
  };
  const before = new Map(NAMES.map((name) => [name, textOf(name)]));
  fleet.update(0, shown([next, second]));
  const replaced = NAMES.filter((name) => textOf(name) !== before.get(name));
  expect(replaced.toSorted()).toEqual(changed.toSorted());
});

it('writes lines of the environment that was read, and of no other', () => {
  const fleet = new FleetText(SECTIONS, { exemplars: false });
  const states = Array.from({ length: 100 }, (_, index) => buildState(`env_${index}`, { lifecycle: noTransitions() }));
  fleet.update(0, shown(states));
  const before = fleet.rowsWritten;
  const depth = { observedAt: NOW, stats: buildStats({ depth: 8 }) };
  fleet.update(0, shown(states.with(50, { ...states[50]!, queue: depth })));
  expect(fleet.rowsWritten - before).toBe(1);
});

it('writes a renamed environment again in every metric that it has', () => {
  const fleet = new FleetText(SECTIONS, { exemplars: false });
  fleet.update(0, shown([first, second]));
  const all = fleet.rowsWritten / 2;
  fleet.update(0, shown([environment({ name: 'new' }), second]));
  expect(fleet.rowsWritten - 2 * all).toBe(all);
});

it('writes what it could not measure at the last scrape', () => {
  const fleet = new FleetText(SECTIONS, { exemplars: false });
  fleet.update(0, shown([first, second]));
  let fails = true;
  const queue = {
    observedAt: NOW,
    get stats() {
      if (fails) throw new Error('no stats');
      return buildStats({ depth: 8 });
    },
  };
  const next = shown([{ ...first, queue }, second]);
  expect(() => fleet.update(0, next)).toThrow('no stats');
  fails = false;
  fleet.update(0, next);
  const texts: Buffer[] = [];
  fleet.addTexts('anthropic_work_queue_depth', texts);
  expect(`${texts[0]}`).toMatch(/env_1.* 8\n/);
});
