import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { emptyHistogram, observe, STOP_BUCKETS } from '../../src/domain/histogram.ts';
import { LIVE_STATES, SESSION_STATUSES, WAIT_REASONS, WORK_TYPES } from '../../src/domain/work.ts';
import { CATALOGUE, METRIC_NAMES, type MetricName } from '../../src/metrics/catalogue.ts';
import { FORMATS } from '../../src/metrics/format.ts';
import { ANY } from '../../src/metrics/metric.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { countedTotals, expositionOf } from '../support/expositions.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildSessions,
  buildState,
  failingOperation,
  LONG_AGO,
  NOW,
} from '../support/states.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'b', 'other', 'constructor', '"\\\n'));
const moment = fc.option(fc.integer({ min: NOW - 10_000_000, max: NOW + 100_000 }), { nil: null });
const count = fc.nat({ max: 1000 });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const operation = fc
  .tuple(orNull(fc.constantFrom(...FAILURE_REASONS)), fc.record({ attempted: fc.boolean(), lastSuccessAt: moment }))
  .map(([reason, change]) => (reason === null ? buildOperation(change) : failingOperation(reason, change)));

const item = fc
  .record({
    state: fc.constantFrom(...LIVE_STATES),
    type: fc.constantFrom(...WORK_TYPES),
    metadata: fc.dictionary(fc.constantFrom('team', 'constructor'), text),
    createdAt: moment,
    acknowledgedAt: fc.oneof(moment, fc.constant(LONG_AGO)),
    latestHeartbeatAt: moment,
    stopRequestedAt: moment,
    said: fc.tuple(fc.constantFrom(...SESSION_STATUSES), fc.constantFrom(null, ...WAIT_REASONS), moment),
  })
  .chain(({ said, ...change }) => fc.uuid().map((id) => ({ said, observed: buildItem(id, change) })));

const stopped = (seconds: number) =>
  observe(emptyHistogram(STOP_BUCKETS), seconds, { labels: { work_id: 'w' }, value: seconds, timestampSeconds: 1 });

const state = (id: string) =>
  fc
    .record({
      name: text,
      labels: fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/), text, { maxKeys: 3 }),
      metadata: fc.record({ keys: fc.subarray(['team', 'constructor']), maxValues: fc.nat({ max: 3 }) }),
      exemplars: fc.boolean(),
      operations: fc.record({ stats: operation, list: operation }),
      stats: orNull(fc.record({ depth: count, pending: count, oldestQueuedAt: moment, workersPolling: orNull(count) })),
      items: orNull(fc.array(item, { maxLength: 8 })),
      totals: orNull(fc.record({ created: count, lapsed: count, stop: fc.double({ min: 0, max: 2e5, noNaN: true }) })),
    })
    .map(({ name, labels, metadata, exemplars, operations, stats, items, totals }) =>
      buildState(id, {
        environment: buildEnvironment(id, { name, labels, metadata, exemplars }),
        operations,
        queue: stats === null ? null : { observedAt: NOW - 5000, stats },
        items: items === null ? null : buildItems(items.map(({ observed }) => observed)),
        ledger: totals === null ? null : countedTotals({ ...totals, stop: stopped(totals.stop) }),
        sessions: buildSessions(
          Object.fromEntries((items ?? []).map(({ observed, said }) => [observed.item.id, said])),
        ),
      }),
    );

/** A fleet of up to four environments in any condition, trouble and hostile text included. */
const fleet = fc
  .nat({ max: 4 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => state(`env_${index}`))));

function definitionOf(family: string) {
  const name = METRIC_NAMES.find((known) => known === family || known === `${family}_total`);
  expect(name, family).toBeDefined();
  return { name: name as MetricName, ...CATALOGUE[name as MetricName] };
}

it('never writes a series twice, a label that is not declared, or a family in two places, whatever the states are', async () => {
  await fc.assert(
    fc.asyncProperty(fleet, fc.constantFrom(...FORMATS), async (states, format) => {
      const keys = [...new Set(states.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
      // The parser throws on duplicates, on samples outside their family and on samples before HELP and TYPE.
      for (const family of parseExposition(await expositionOf(states, { format }), format)) {
        const { type, help, labels, labelPrefix } = definitionOf(family.name);
        expect(family).toMatchObject({ type, help });
        const own = labelPrefix === undefined ? [] : keys.map((key) => labelPrefix + key);
        for (const sample of family.samples) {
          const le = sample.series.endsWith('_bucket') ? ['le'] : [];
          expect(Object.keys(sample.labels)).toEqual([...Object.keys(labels), ...own, ...le]);
          for (const [label, values] of Object.entries(labels))
            if (values !== ANY) expect(values).toContain(sample.labels[label]);
        }
      }
    }),
    { numRuns: 150 },
  );
});
