import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CATALOGUE, METRIC_NAMES, type MetricName } from '../../src/metrics/catalogue/catalogue.ts';
import { FORMATS } from '../../src/metrics/exposition/format.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
import { type EnvironmentState, MemoryStateStore } from '../../src/state/environment-state.ts';
import { arbitraryFleet } from '../support/arbitrary-states.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { expositionOf } from '../support/expositions.ts';
import { referenceExposition } from '../support/reference-exposition.ts';
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

/** What may happen between two scrapes. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('fleet' as const), fleet: arbitraryFleet, copies: fc.constantFrom(1, 1, 70) }),
  fc.record({ kind: fc.constant('read' as const), fleet: arbitraryFleet, every: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('nothing' as const), fleet: fc.constant([]) }),
);
const scrapes = fc.array(
  fc.record({ change, format: fc.constantFrom(...FORMATS), later: fc.constantFrom(0, 1000, 200_000) }),
  { minLength: 2, maxLength: 5 },
);

/** The environments so many times, under ids of their own: more than one slice of an exposition takes. */
function multiplied(fleet: readonly EnvironmentState[], copies: number): EnvironmentState[] {
  return Array.from({ length: copies }, (_, copy) =>
    fleet.map((state) => {
      const id = copy === 0 ? state.environment.id : `${state.environment.id}_${copy}`;
      return { ...state, environment: { ...state.environment, id } };
    }),
  ).flat();
}

it('writes from kept text, byte for byte, what the slow way writes anew', async () => {
  await fc.assert(
    fc.asyncProperty(scrapes, async (steps) => {
      const states = new MemoryStateStore();
      let now = NOW;
      const deps = { states, self: { write: async () => [] }, clock: { now: () => now }, skewMs: () => 250 };
      const kept = createExposition(deps);
      for (const { change, format, later } of steps) {
        now += later;
        if (change.kind === 'fleet') states.replaceAll(multiplied(change.fleet, change.copies));
        for (const [index, { environment }] of states.all().entries()) {
          if (change.kind !== 'read' || change.fleet.length === 0 || index % change.every !== 0) continue;
          const read = change.fleet[index % change.fleet.length]!;
          states.update(environment.id, () => ({ ...read, environment }));
        }
        const text = Buffer.concat(await kept.render(format)).toString();
        expect(text).toBe(referenceExposition(states.all(), { format, now, skewMs: 250 }));
      }
    }),
    { numRuns: 60 },
  );
});
