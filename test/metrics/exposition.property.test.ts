import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CATALOGUE, METRIC_NAMES, type MetricName } from '../../src/metrics/catalogue/catalogue.ts';
import { FORMATS } from '../../src/metrics/exposition/format.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { arbitraryFleet } from '../support/arbitrary-states.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { expositionOf } from '../support/expositions.ts';
import { NOW } from '../support/states.ts';

function definitionOf(family: string) {
  const name = METRIC_NAMES.find((known) => known === family || known === `${family}_total`);
  expect(name, family).toBeDefined();
  return { name: name as MetricName, ...CATALOGUE[name as MetricName] };
}

it('never writes a series twice, a label that is not declared, or a family in two places, whatever the states are', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryFleet, fc.constantFrom(...FORMATS), async (states, format) => {
      const keys = [...new Set(states.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
      // The parser throws on duplicates, on samples outside their family and on samples before HELP and TYPE.
      for (const family of parseExposition(await expositionOf(states, { format }), format)) {
        const { type, help, labels, labelPrefix } = definitionOf(family.name);
        expect(family).toMatchObject({ type, help });
        const own = labelPrefix === undefined ? [] : keys.map((key) => labelPrefix + key);
        for (const sample of family.samples) {
          const le = sample.series.endsWith('_bucket') ? ['le'] : [];
          expect(Object.keys(sample.labels)).toEqual([...labels, ...own, ...le]);
        }
      }
    }),
    { numRuns: 150 },
  );
});

it('writes from kept text what it would write anew', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryFleet, { minLength: 2, maxLength: 4 }),
      fc.constantFrom(...FORMATS),
      async (fleets, format) => {
        const states = new MemoryStateStore();
        const deps = { states, self: { write: async () => [] }, clock: { now: () => NOW }, skewMs: () => 0 };
        const kept = createExposition(deps);
        for (const next of fleets) {
          states.replaceAll(next);
          const anew = createExposition(deps);
          const [one, other] = [await kept.render(format), await anew.render(format)];
          expect(Buffer.concat(one).toString()).toBe(Buffer.concat(other).toString());
        }
      },
    ),
    { numRuns: 50 },
  );
});
