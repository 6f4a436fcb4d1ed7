import { afterEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/domain/environment.ts';
import { apiError } from '../support/api-errors.ts';
import { environment } from '../support/environments.ts';
import { PolledFleet } from '../support/polled-fleet.ts';
import { deferred } from '../support/scripted-work-api.ts';

const MINUTE = 60_000;

let fleet: PolledFleet;

afterEach(async () => {
  await fleet.poller.stop();
});

function environments(count: number): Environment[] {
  return Array.from({ length: count }, (_, n) => environment(`env_${n}`));
}

/** Work that somebody runs and that stands deep in a list, because it began long ago. */
function addOldWork(id: string, count: number): void {
  const now = fleet.clock.now();
  const running = { state: 'active', acknowledgedAt: now - 3_600_000, latestHeartbeatAt: now - 3_600_000 } as const;
  for (let n = 0; n < count; n++) fleet.lists.get(id)!.add(now - 8_640_000 - n * 3_600_000, running);
}

describe('work that waits in many long lists while nobody is there', () => {
  it('lets the stats keep their interval', async () => {
    fleet = new PolledFleet({ maxConcurrent: 32 });
    const envs = environments(25);
    for (const { id } of envs) {
      fleet.fill(id, 30);
      addOldWork(id, 5);
      fleet.lists.get(id)!.add(fleet.clock.now() - 300_000);
      fleet.stated.set(id, { depth: 1 });
    }
    fleet.watch(envs);
    await fleet.clock.advance(20 * MINUTE);
    for (const { id } of envs) fleet.loseWorkers(id);
    await fleet.clock.advance(2 * MINUTE);
    let latest = 0;
    for (let n = 0; n < 40; n++) {
      await fleet.clock.advance(15_000);
      const { scheduledIntervalMs } = fleet.states.get('env_0')!.operations.stats;
      latest = Math.max(latest, Math.max(...fleet.ages('stats')) / scheduledIntervalMs);
    }
    // Intervals move by a tenth; the rest is the wait for a token.
    expect(latest).toBeLessThan(1.3);
  });

  it('leaves a part of the permits to the regular full scans of others', async () => {
    fleet = new PolledFleet({ maxConcurrent: 32 });
    const envs = environments(10);
    for (const [n, { id }] of envs.entries()) {
      fleet.fill(id, n < 4 ? 60 : 1);
      fleet.lists.get(id)!.add(fleet.clock.now() - 100_000);
    }
    fleet.watch(envs);
    await fleet.clock.advance(20 * MINUTE);
    fleet.loseWorkers('env_0');
    fleet.loseWorkers('env_1');
    await fleet.clock.advance(60 * MINUTE);
    // A quarter of 54 permits a minute is enough for their 120 pages in nine minutes, if these have to wait as long.
    const lastLook = (id: string) => fleet.clock.now() - fleet.states.get(id)!.items!.lastFullRead!.at;
    expect(Math.max(lastLook('env_2'), lastLook('env_3'))).toBeLessThan(20 * MINUTE);
  });
});

describe('a list that has outgrown its last full scan by far', () => {
  it('is not read for each single permit that comes', async () => {
    fleet = new PolledFleet();
    fleet.fill('env_0', 2);
    fleet.watch([environment('env_0')]);
    await fleet.clock.advance(5 * MINUTE);
    fleet.fill('env_0', 300);
    await fleet.clock.advance(MINUTE);
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(MINUTE);
    // There are 54 permits a minute, and each read looks at one page beside its permits; ten permits are worth a read.
    expect(fleet.since(from, 'list').length).toBeLessThan(54 + 16);
    await fleet.clock.advance(8 * MINUTE);
    expect(fleet.states.get('env_0')!.items).toMatchObject({ lastFullRead: { pages: 300 } });
  });
});

describe('an urgent full scan', () => {
  it('does not share its permits with lists that fail', async () => {
    fleet = new PolledFleet({ maxConcurrent: 32 });
    const envs = environments(8);
    for (const { id } of envs) {
      fleet.fill(id, 200);
      fleet.lists.get(id)!.add(fleet.clock.now());
    }
    fleet.watch(envs);
    await fleet.clock.advance(30 * MINUTE);
    for (const { id } of envs) fleet.loseWorkers(id);
    await fleet.clock.advance(2 * MINUTE);
    for (const { id } of envs.slice(1)) {
      fleet.lists.get(id)!.before = () => {
        throw apiError('server_error', { httpStatus: 500 });
      };
    }
    await fleet.clock.advance(2 * MINUTE);
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(5 * MINUTE);
    const asked = fleet.since(from, 'list').filter(({ environmentId }) => environmentId === 'env_0');
    // Ten pages are worth a read before its time; 40 permits a minute are for urgent full scans.
    expect(asked.filter(({ page }) => page === null).length).toBeGreaterThan(15);
  });
});

describe('a pause after a 429', () => {
  it('is not followed by full scans alone: the stats are due since it began', async () => {
    fleet = new PolledFleet({ maxConcurrent: 32 });
    const [few, many] = [environments(20), environments(60).slice(20)];
    for (const { id } of few) fleet.fill(id, 1);
    for (const { id } of many) fleet.fill(id, 60);
    fleet.watch([...few, ...many]);
    await fleet.clock.advance(2 * MINUTE);
    fleet.budget.penalize(180_000);
    await fleet.clock.advance(180_000);
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(MINUTE);
    expect(fleet.since(from, 'stats').length).toBeGreaterThan(fleet.since(from).length / 3);
  });
});

describe('the intervals of all', () => {
  /** 33 environments with work ask for nearly all that is scheduled. */
  function watchMany(): void {
    fleet = new PolledFleet({ maxConcurrent: 32 });
    const envs = environments(33);
    for (const { id } of envs) {
      fleet.fill(id, 1);
      fleet.stated.set(id, { depth: 1 });
    }
    fleet.watch(envs);
  }

  async function expectNoStretch(): Promise<void> {
    for (let n = 0; n < 60; n++) {
      await fleet.clock.advance(10_000);
      const intervals = fleet.states.all().map(({ operations }) => operations.stats.scheduledIntervalMs);
      expect(new Set(intervals)).toEqual(new Set([15_000]));
    }
  }

  function refuse(id: string): void {
    fleet.lists.get(id)!.before = () => {
      throw apiError('forbidden', { httpStatus: 403 });
    };
  }

  it('are not scaled for a list that is refused for good', async () => {
    watchMany();
    refuse('env_0');
    await expectNoStretch();
  });

  it('are not scaled for one that had no order before it was refused', async () => {
    watchMany();
    fleet.fill('env_0', 4, 'none');
    await fleet.clock.advance(5 * MINUTE);
    expect(fleet.states.get('env_0')!.operations.stats.scheduledIntervalMs).toBeGreaterThan(15_000);
    refuse('env_0');
    await fleet.clock.advance(10 * MINUTE);
    await expectNoStretch();
  });

  it('are not scaled for a first page that takes long', async () => {
    watchMany();
    const held = deferred<never>();
    fleet.lists.get('env_0')!.listPage = () => held.promise;
    await expectNoStretch().finally(() => held.reject(apiError('timeout')));
  });
});
