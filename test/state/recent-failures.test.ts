import { expect, it } from 'vitest';
import { pollFailed } from '../../src/state/operation-changes.ts';
import { failure } from '../support/api-errors.ts';
import { buildState } from '../support/states.ts';

it('keeps the last twenty polls that failed, the newest first', () => {
  let state = buildState();
  for (let at = 1; at <= 25; at++) {
    state = pollFailed(state, { operation: 'list', at, durationSeconds: 1, requests: 1, failure: failure('timeout') });
    const expected = Array.from({ length: Math.min(at, 20) }, (_, number) => at - number);
    expect(state.recentFailures.map((record) => record.at)).toEqual(expected);
  }
});
