import { expect, it } from 'vitest';
import { samplesOf } from '../support/expositions.ts';
import { buildSessions, longRun } from '../support/sessions.ts';
import { buildItems, buildState, NOW } from '../support/states.ts';

const SECONDS = NOW / 1000;

it.each<[string, Parameters<typeof buildSessions>[0], readonly string[], readonly string[]]>([
  ['no session is known', {}, [], []],
  ['one that runs', { one: ['running'] }, [], []],
  ['an idle one whose reason is not known', { one: ['idle'] }, [], []],
  [
    'one that waits',
    { one: ['idle', 'requires_action', NOW - 60_000] },
    ['requires_action 1'],
    [`requires_action ${SECONDS - 60}`],
  ],
  ['one that waits since nobody knows when', { one: ['idle', 'requires_action', null] }, ['requires_action 1'], []],
  [
    'one of two waits since nobody knows when',
    { one: ['idle', 'end_turn', null], two: ['idle', 'end_turn', NOW - 60_000] },
    ['end_turn 2'],
    [`end_turn ${SECONDS - 60}`],
  ],
  [
    'the second of two has waited for longer',
    { one: ['idle', 'end_turn', NOW - 60_000], two: ['idle', 'end_turn', NOW - 90_000] },
    ['end_turn 2'],
    [`end_turn ${SECONDS - 90}`],
  ],
  [
    'each reason by itself',
    { one: ['idle', 'retries_exhausted', NOW - 60_000], two: ['idle', 'other', NOW - 90_000] },
    ['retries_exhausted 1', 'other 1'],
    [`retries_exhausted ${SECONDS - 60}`, `other ${SECONDS - 90}`],
  ],
])('how many sessions wait, and since when: %s', async (_situation, sessions, counts, stamps) => {
  const items = buildItems(Object.keys(sessions).map((id) => longRun(id)));
  const state = buildState('env_1', { items, sessions: buildSessions(sessions) });
  const said = async (name: string) =>
    (await samplesOf(name, [state])).map(({ labels, value }) => `${labels.reason} ${value}`);
  const counted = await said('anthropic_work_session_waiting_items');
  expect(counted.filter((line) => !line.endsWith(' 0'))).toEqual(counts);
  expect(await said('anthropic_work_session_oldest_wait_timestamp_seconds')).toEqual(stamps);
});
