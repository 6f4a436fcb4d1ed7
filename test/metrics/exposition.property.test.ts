import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CATALOGUE, METRIC_NAMES, type MetricName } from '../../src/metrics/catalogue.ts';
import { FORMATS } from '../../src/metrics/format.ts';
import { ANY } from '../../src/metrics/metric.ts';
import { arbitraryFleet } from '../support/arbitrary-states.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { expositionOf } from '../support/expositions.ts';

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
          expect(Object.keys(sample.labels)).toEqual([...Object.keys(labels), ...own, ...le]);
          for (const [label, values] of Object.entries(labels))
            if (values !== ANY) expect(values).toContain(sample.labels[label]);
        }
      }
    }),
    { numRuns: 150 },
  );
});
