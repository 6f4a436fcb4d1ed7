import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkApi } from '../../src/client/work-api.ts';
import { PolledFleet } from '../support/polled-fleet.ts';
import { apiError, deferred } from '../support/scripted-work-api.ts';
import { environment, POLL } from '../support/states.ts';

const MINUTE = 60_000;

let fleet: PolledFleet;

beforeEach(() => {
  fleet = new PolledFleet();
});

/** One connection's access to the fleet, which a reload may close. */
function accessTo(api: PolledFleet) {
  const access = {
    closed: false,
    refused: 0,
    /** What a page waits for once it has been read. */
    pageHeldBy: Promise.resolve(),
    stats: (...args: Parameters<WorkApi['stats']>) => api.stats(...args),
    async listPage(...args: Parameters<WorkApi['listPage']>) {
      if (access.closed) {
        access.refused++;
        throw apiError('network');
      }
      const reply = await api.listPage(...args);
      await access.pageHeldBy;
      return reply;
    },
    retrieve: api.retrieve.bind(api),
    session: api.session.bind(api),
    lastIdleEvent: api.lastIdleEvent.bind(api),
    listEnvironments: api.listEnvironments.bind(api),
    credentialFor: api.credentialFor.bind(api),
  };
  return access;
}

describe('a reload in the middle of a long full scan', () => {
  it('lets the full scan go on over the connection that is in force', async () => {
    fleet = new PolledFleet({ requestsPerMinute: 60 });
    const envs = [environment('env_0')];
    fleet.fill('env_0', 200);
    const before = accessTo(fleet);
    fleet.watch(envs, { api: before });
    await fleet.clock.advance(MINUTE);
    expect(fleet.states.get('env_0')!.items).toBeNull();
    fleet.watch(envs, { api: accessTo(fleet) });
    await fleet.clock.advance(10_000);
    before.closed = true;
    await fleet.clock.advance(20 * MINUTE);
    expect(before.refused).toBe(0);
    expect(fleet.states.get('env_0')!.items).toMatchObject({ lastFullRead: { pages: 200 } });
    await fleet.poller.stop();
  });
});

describe('a connection that leaves', () => {
  it('a connection that leaves leaves no timer behind', async () => {
    fleet.fill('env_0', 1);
    fleet.watch([environment('env_0')]);
    await fleet.clock.advance(MINUTE);
    const { timers } = fleet.clock;
    for (let n = 0; n < 5; n++) {
      const name = `renamed_${n}`;
      fleet.watch([environment('env_0', { connection: name })], { name });
      await fleet.clock.advance(MINUTE);
    }
    expect(fleet.clock.timers).toBe(timers);
    await fleet.poller.stop();
    expect(fleet.clock.timers).toBe(0);
  });
});

describe('work that comes into an empty queue while the list is being read', () => {
  it('is read as soon as that read has ended, not an interval later', async () => {
    const list = fleet.fill('env_0', 1);
    const access = accessTo(fleet);
    const held = deferred<void>();
    const poll = { ...POLL, statsIntervalMs: 5000 };
    fleet.watch([environment('env_0', { poll })], { api: access });
    await fleet.clock.advance(2 * MINUTE);
    access.pageHeldBy = held.promise;
    const from = fleet.clock.monotonic();
    while (fleet.since(from, 'list').length === 0) await fleet.clock.advance(100);
    const id = list.add(fleet.clock.now());
    while (fleet.states.get('env_0')!.queue!.stats.depth === 0) await fleet.clock.advance(100);
    held.resolve();
    await fleet.clock.advance(1000);
    expect(fleet.states.get('env_0')!.items!.live.map(({ item }) => item.id)).toEqual([id]);
    const after = fleet.clock.monotonic();
    await fleet.clock.advance(25_000);
    expect(fleet.since(after, 'list')).toEqual([]);
    await fleet.poller.stop();
  });
});
