import { describe, expect, it } from 'vitest';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { samplesOf } from '../support/expositions.ts';
import { buildSessions, longRun } from '../support/sessions.ts';
import { buildItems, buildOperation, buildState, NOW, untriedOperation } from '../support/states.ts';

/** A list that is read again and again, and sessions that are not. */
function state(change: Partial<EnvironmentState> = {}): EnvironmentState {
  return buildState('env_1', {
    items: { ...buildItems([longRun('one')]), observedAt: NOW + 10_000_000 },
    sessions: buildSessions({ one: ['running'] }),
    ...change,
  });
}
const within = { ...buildItems([longRun('one')]), observedAt: NOW };

async function areKnown(value: EnvironmentState, now: number): Promise<boolean> {
  return (await samplesOf('anthropic_work_session_items', [value], { now })).length > 0;
}

/** Three intervals of two minutes, from the read five seconds before `NOW`. */
const LIFE_MS = 360_000 - 5000;

describe('sessions are known', () => {
  it.each<[string, EnvironmentState, number, boolean]>([
    ['just read', state({ items: within }), NOW, true],
    ['never read', state({ items: within, sessions: buildSessions({}, { lastReadAt: null }) }), NOW, false],
    ['nothing planned yet', buildState('env_1', { items: within }), NOW, false],
    [
      'switched off',
      state({ items: within, sessions: buildSessions({ one: ['running'] }, { attempted: false }) }),
      NOW,
      false,
    ],
    ['the list too old', state({ items: within }), NOW + 200_000, false],
    [
      'the list not read any more',
      state({ items: within, operations: { stats: buildOperation(), list: untriedOperation({ attempted: false }) } }),
      NOW,
      false,
    ],
  ])('%s', async (_, value, now, known) => {
    expect(await areKnown(value, now)).toBe(known);
  });

  const listFresh = (at: number) => state({ items: { ...within, observedAt: at } });

  it('until three intervals have passed since the last good read', async () => {
    expect(await areKnown(listFresh(NOW + LIFE_MS), NOW + LIFE_MS)).toBe(true);
    expect(await areKnown(listFresh(NOW + LIFE_MS + 1), NOW + LIFE_MS + 1)).toBe(false);
  });

  it('longer where stale_after is longer', async () => {
    const { environment } = state();
    const patient = { ...environment, poll: { ...environment.poll, staleAfterMs: 600_000 } };
    const at = NOW + 595_000;
    expect(await areKnown({ ...listFresh(at), environment: patient }, at)).toBe(true);
    expect(await areKnown({ ...listFresh(at + 1), environment: patient }, at + 1)).toBe(false);
  });

  it('for as long as the list is, where no run is long: nothing is there to be read', async () => {
    const at = NOW + 10 * LIFE_MS;
    const idle = { ...listFresh(at), sessions: buildSessions({}, { longRuns: 0 }) };
    const values = await samplesOf('anthropic_work_session_items', [idle], { now: at });
    expect(values.map(({ value }) => value)).toEqual([0, 0, 0, 0, 0]);
  });

  it('not after the clock was set back', async () => {
    expect(await areKnown(listFresh(NOW - LIFE_MS - 20_000), NOW - LIFE_MS - 20_000)).toBe(false);
  });
});
