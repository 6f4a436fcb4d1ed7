import { beforeEach, describe, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { environment, POLL } from '../support/environments.ts';
import { IDLE } from '../support/scripted-work-api.ts';
import { PollerRig, STATS_ONLY } from './poller-rig.ts';

let rig: PollerRig;
beforeEach(() => {
  rig = new PollerRig();
});

describe('failures', () => {
  it('stay with the environment and operation that failed', async () => {
    rig.api.onStats = (id) => {
      if (id === 'env_1') throw apiError('server_error', { httpStatus: 500 });
      return IDLE;
    };
    rig.watch([environment('env_1'), environment('env_2')]);
    await rig.clock.advance(10);
    const [first, second] = rig.states.all();
    expect(first!.operations.stats.failure).toMatchObject({ reason: 'server_error', httpStatus: 500 });
    expect(first!.operations.list.failure).toBeNull();
    expect(second!.operations.stats.failure).toBeNull();
    expect(second!.queue?.stats).toEqual(IDLE);
  });

  it('keep the last good values and count on', async () => {
    let well = true;
    rig.api.onStats = () => {
      if (well) return { ...IDLE, depth: 7 };
      throw apiError('timeout');
    };
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(10);
    well = false;
    await rig.clock.advance(120_000);
    const state = rig.states.get('env_1')!;
    expect(state.queue?.stats.depth).toBe(7);
    expect(state.operations.stats.consecutiveFailures).toBeGreaterThan(1);
    expect(state.operations.stats.backoffUntil).toBeGreaterThan(rig.clock.now() - 1);
  });

  it('are told from a mistake of this program, which ends as a failing read too', async () => {
    rig.api.onStats = () => {
      throw new TypeError('sk-ant-api03-never-quote-this');
    };
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(10);
    const { failure } = rig.states.get('env_1')!.operations.stats;
    expect(failure).toMatchObject({ reason: 'bad_response' });
    expect(JSON.stringify(failure)).not.toContain('sk-ant');
  });

  it('honour the wait that the API asks for', async () => {
    rig.api.onStats = () => {
      throw apiError('rate_limited', { httpStatus: 429, retryAfterMs: 200_000 });
    };
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(199_000);
    expect(rig.api.count('stats')).toBe(1);
    await rig.clock.advance(2_000);
    expect(rig.api.count('stats')).toBe(2);
  });

  it('end for all soon after they end for one', async () => {
    let down = true;
    rig.api.onStats = () => {
      if (down) throw apiError('network');
      return IDLE;
    };
    const environments = Array.from({ length: 20 }, (_, n) => environment(`env_${n}`));
    rig.watch(environments, STATS_ONLY);
    await rig.clock.advance(3_600_000);
    down = false;
    // Backoff alone would take up to five minutes for each of them.
    const first = () => rig.states.all().some((state) => state.operations.stats.failure === null);
    while (!first()) await rig.clock.advance(1_000);
    await rig.clock.advance(POLL.statsIntervalMs + 1_000);
    expect(rig.states.all().filter((state) => state.operations.stats.failure !== null)).toEqual([]);
  });

  it('do not reach other environments when one connection refuses a key', async () => {
    let refused = true;
    rig.api.onStats = (id) => {
      if (refused || id === 'env_1') throw apiError('unauthorized', { httpStatus: 401 });
      return IDLE;
    };
    rig.watch([environment('env_1'), environment('env_2')], STATS_ONLY);
    await rig.clock.advance(600_000);
    refused = false;
    await rig.clock.advance(70_000);
    expect(rig.states.get('env_2')!.operations.stats.failure).toBeNull();
    expect(rig.states.get('env_1')!.operations.stats.failure?.reason).toBe('unauthorized');
  });
});

describe('a cloud environment', () => {
  it('is down for both operations although its stats answer', async () => {
    rig.api.onStats = () => ({ depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: null });
    rig.api.onListPage = () => {
      throw apiError('not_found', { httpStatus: 404 });
    };
    rig.watch([environment('env_1')]);
    await rig.clock.advance(120_000);
    const { operations, queue } = rig.states.get('env_1')!;
    expect(operations.stats.failure?.reason).toBe('not_self_hosted');
    expect(operations.list.failure?.reason).toBe('not_self_hosted');
    expect(queue).toBeNull();
  });

  it('is well again when it turns out to have a queue', async () => {
    let cloud = true;
    rig.api.onStats = () => ({ ...IDLE, workersPolling: cloud ? null : 0 });
    rig.api.onListPage = () => {
      if (cloud) throw apiError('not_self_hosted', { httpStatus: 404 });
      return { items: [], nextPage: null };
    };
    rig.watch([environment('env_1')]);
    await rig.clock.advance(120_000);
    expect(rig.states.get('env_1')!.operations.stats.failure?.reason).toBe('not_self_hosted');
    cloud = false;
    await rig.clock.advance(120_000);
    expect(rig.states.get('env_1')!.operations).toMatchObject({ stats: { failure: null }, list: { failure: null } });
  });

  it('is not presumed from either answer alone', async () => {
    rig.api.onListPage = () => {
      throw apiError('not_found', { httpStatus: 404 });
    };
    rig.watch([environment('env_1')]);
    await rig.clock.advance(60_000);
    const { operations } = rig.states.get('env_1')!;
    expect(operations.stats.failure).toBeNull();
    expect(operations.list.failure?.reason).toBe('not_found');
  });
});
