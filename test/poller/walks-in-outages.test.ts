import { afterEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/domain/environment.ts';
import { apiError } from '../support/api-errors.ts';
import { environment } from '../support/environments.ts';
import { Fleet } from './fleet.ts';

const MINUTE = 60_000;

let fleet: Fleet;

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
    fleet = new Fleet({ maxConcurrent: 32 });
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

  it('leaves a part of the turns to the regular walks of others', async () => {
    fleet = new Fleet({ maxConcurrent: 32 });
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
    // A quarter of 54 turns a minute is enough for their 120 pages in nine minutes, if these have to wait as long.
    const lastLook = (id: string) => fleet.clock.now() - fleet.states.get(id)!.items!.lastFullRead!.at;
    expect(Math.max(lastLook('env_2'), lastLook('env_3'))).toBeLessThan(20 * MINUTE);
  });
});

describe('a pause after a 429', () => {
  it('is not followed by walks alone: the stats are due since it began', async () => {
    fleet = new Fleet({ maxConcurrent: 32 });
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

describe('a list that is refused for good', () => {
  it('stretches the intervals of nobody', async () => {
    fleet = new Fleet({ maxConcurrent: 32 });
    const envs = environments(33);
    for (const { id } of envs) {
      fleet.fill(id, 1);
      fleet.stated.set(id, { depth: 1 });
    }
    fleet.lists.get('env_0')!.before = () => {
      throw apiError('forbidden', { httpStatus: 403 });
    };
    fleet.watch(envs);
    for (let n = 0; n < 60; n++) {
      await fleet.clock.advance(10_000);
      const intervals = fleet.states.all().map(({ operations }) => operations.stats.scheduledIntervalMs);
      expect(new Set(intervals)).toEqual(new Set([15_000]));
    }
  });
});
