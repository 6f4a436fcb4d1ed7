import { beforeEach, describe, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { environment } from '../support/environments.ts';
import { PolledFleet } from '../support/polled-fleet.ts';
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

  it('are what a mistake in counting ends as, too, and reads go on', async () => {
    let isBroken = true;
    const save = async () => {
      if (isBroken) throw new TypeError('a mistake');
    };
    const fleet = new PolledFleet({ save });
    fleet.fill('env_1', 1);
    fleet.watch([environment('env_1')]);
    await fleet.clock.advance(1000);
    expect(fleet.states.get('env_1')!.operations.list.failure).toMatchObject({ reason: 'bad_response' });
    isBroken = false;
    await fleet.clock.advance(60_000);
    expect(fleet.states.get('env_1')!.operations.list.failure).toBeNull();
    await fleet.poller.stop();
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
});
