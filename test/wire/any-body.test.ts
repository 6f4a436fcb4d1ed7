import fc from 'fast-check';
import { describe, it } from 'vitest';
import {
  parseEnvironmentsPage,
  parseErrorEnvelope,
  parseIdleEvent,
  parseSession,
} from '../../src/wire/other-answers.ts';
import { Drift, WireError } from '../../src/wire/read.ts';
import { parseStats, parseWorkItem, parseWorkPage } from '../../src/wire/work.ts';
import { AT, ENVIRONMENT, STATS, WORK } from './bodies.ts';

const SESSION = { type: 'session', status: 'idle', updated_at: AT };
const IDLE_EVENT = { type: 'session.status_idle', processed_at: AT, stop_reason: { type: 'end_turn' } };
const BODIES = [WORK, STATS, ENVIRONMENT, SESSION, IDLE_EVENT];

describe('any body', () => {
  const drift = new Drift(() => {});
  const parsers = [
    (body: unknown) => parseStats(body, drift),
    (body: unknown) => parseWorkItem(body, drift),
    (body: unknown) => parseWorkPage(body, { paging: 'cursor', drift, environmentId: 'env_1' }),
    (body: unknown) => parseWorkPage(body, { paging: 'cursor-or-last-id', drift, environmentId: 'env_1' }),
    (body: unknown) => parseEnvironmentsPage(body, 'cursor', drift),
    (body: unknown) => parseErrorEnvelope(body),
    (body: unknown) => parseSession(body),
    (body: unknown) => parseIdleEvent(body),
  ];
  const survives = (body: unknown) => {
    for (const parse of parsers) {
      try {
        parse(body);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }
  };

  it('gives every parser a value or a WireError, above all where it is nearly right', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(null, true, 0, '', [], {}));
    const mutated = fc
      .constantFrom<object>(...BODIES)
      .chain((body) => fc.tuple(fc.constant(body), fc.constantFrom(...Object.keys(body)), value))
      .map(([body, key, changed]) => ({ ...body, [key]: changed }));
    const page = fc.record({ data: fc.array(mutated), next_page: fc.jsonValue(), has_more: fc.jsonValue() });
    fc.assert(fc.property(fc.oneof(mutated, page, fc.jsonValue()), survives), { numRuns: 1000 });
  });
});
