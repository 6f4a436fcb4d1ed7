import { expect, it } from 'vitest';
import { sessionsJson } from '../../../src/server/api/sessions-json.ts';
import type { SessionsState } from '../../../src/state/environment-state.ts';
import { buildSessions } from '../../support/sessions.ts';
import { buildEnvironment, buildState, NOW } from '../../support/states.ts';

const CANARY = 'canary-0a1b2c';
const REFUSED: SessionsState['failure'] = {
  reason: 'forbidden',
  httpStatus: 403,
  requestId: 'req_1',
  message: `the API said: ${CANARY}`,
  remedy: CANARY,
  since: NOW - 60_000,
};

function shown(sessions: SessionsState | undefined, enabled = true) {
  const { sessions: settings, ...environment } = buildEnvironment('env_1');
  const state = buildState('env_1', { environment: { ...environment, sessions: { ...settings, enabled } } });
  return sessionsJson({ ...state, ...(sessions === undefined ? {} : { sessions }) });
}

it('is null before the first look', () => {
  expect(shown(undefined)).toBeNull();
});

it.each<[string, SessionsState, boolean]>([
  ['ok', buildSessions({ a: ['running'] }), true],
  ['pending', buildSessions({}, { lastReadAt: null }), true],
  ['not_attempted', buildSessions({}, { attempted: false, failure: REFUSED }), true],
  ['off', buildSessions({}, { attempted: false }), false],
])('%s, without an error', (status, sessions, enabled) => {
  expect(shown(sessions, enabled)).toMatchObject({ status, error: null });
});

it('failing, with what happened and nothing that the API wrote', () => {
  const answer = shown(buildSessions({ a: ['running'], b: ['idle'] }, { failure: REFUSED }));
  expect(answer).toEqual({
    status: 'failing',
    long_runs: 2,
    last_read_at: '2026-11-24T11:59:55.000Z',
    error: { reason: 'forbidden', http_status: 403, request_id: 'req_1', since: '2026-11-24T11:59:00.000Z' },
  });
  expect(JSON.stringify(answer)).not.toContain(CANARY);
});
