import { describe, expect, it } from 'vitest';
import type { QueueStats } from '../../src/domain/work.ts';
import { initialState, listRead, readFailed, statsRead } from '../../src/state/changes.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { isDeclaredNotSelfHosted } from '../../src/state/self-hosted.ts';
import { failure } from '../support/scripted-work-api.ts';
import { environment } from '../support/states.ts';

const poll = {
  at: 2000,
  endedAt: 2500,
  endedMonotonic: 0,
  durationSeconds: 0.5,
  requests: 1,
};
/** What the API answers for a cloud environment, and for a quiet self-hosted one whose workers it does not know. */
const ZEROS: QueueStats = { depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: null };
const NO_ITEMS = {
  ...{ observedAt: 2500, live: [] },
  ...({ mode: 'whole', lastFullRead: null, mismatch: null } as const),
};

const fresh = initialState(environment('env_1'), { stats: true, list: false }, { now: () => 1000, monotonic: () => 0 });
const withConfigType = (state: EnvironmentState, configType: string | null) => ({ ...state, configType });
const readAs = (configType: string | null, stats = ZEROS) => statsRead(withConfigType(fresh, configType), poll, stats);
const statsFailure = ({ operations }: EnvironmentState) => operations.stats.failure;

describe('an environment that discovery calls one of another kind', () => {
  it('is down at its first good read, and shows no queue', () => {
    const state = readAs('cloud');
    expect(statsFailure(state)).toMatchObject({
      reason: 'not_self_hosted',
      httpStatus: 200,
      message: "the API's list of environments says that env_1 is of type cloud, not self_hosted",
      remedy: expect.stringContaining('take this one out of the configuration'),
    });
    expect(state.queue).toBeNull();
    expect(state.operations.stats.failuresByReason.not_self_hosted).toBe(1);
  });

  it('is called so by its list, too, before the stats were read', () => {
    const told = withConfigType(fresh, 'cloud');
    const state = readFailed(told, 'list', poll, failure('not_found', { httpStatus: 404 }));
    expect(state.operations.list.failure?.reason).toBe('not_self_hosted');
    expect(state.operations.stats.failure?.reason).toBe('not_self_hosted');
  });

  it('is well again when discovery calls it self-hosted', () => {
    const state = statsRead(withConfigType(readAs('cloud'), 'self_hosted'), poll, ZEROS);
    expect(statsFailure(state)).toBeNull();
    expect(state.queue?.stats).toEqual(ZEROS);
  });

  it('is believed when its list can be read', () => {
    const listed = listRead(withConfigType(fresh, 'cloud'), poll, NO_ITEMS);
    expect(isDeclaredNotSelfHosted(listed)).toBe(false);
    expect(statsFailure(statsRead(listed, poll, ZEROS))).toBeNull();
  });

  it.each([
    ['cloud', null, 'not_self_hosted'],
    ['cloud', 0, 'not_self_hosted'],
    ['a_new_kind', null, 'not_self_hosted'],
    ['a_new_kind', 0, undefined],
    ['self_hosted', null, undefined],
    [null, null, undefined],
  ])('of the kind %s with %s workers is %s', (configType, workersPolling, reason) => {
    const state = readAs(configType, { ...ZEROS, workersPolling });
    expect(statsFailure(state)?.reason).toBe(reason);
    expect(state.queue === null).toBe(reason !== undefined);
  });

  it('has no text of the API in its failure but a word', () => {
    expect(statsFailure(readAs('\u001b[31mred\n'))?.message).toContain('is of an unknown type, not self_hosted');
  });
});
