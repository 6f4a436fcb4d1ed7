import { expect, it } from 'vitest';
import type { EnvironmentTruth } from '../../../src/simulator/world/truth.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { testSimulator } from '../support/simulators.ts';

/** The truth about prod at the start of a scenario and every half minute after it. */
async function watch(scenario: string, minutes: number): Promise<readonly EnvironmentTruth[]> {
  const simulator = await testSimulator({ scenario, clock: new ManualClock() });
  const look = () => simulator.truth().environments.env_sim_prod!;
  const seen = [look()];
  for (let half = 0; half < minutes * 2; half++) {
    simulator.advance(30);
    seen.push(look());
  }
  return seen;
}

const stale = ({ stale_heartbeat_items: { active, stopping } }: EnvironmentTruth) => active + stopping;
const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

it('long-runs: a quarter of an hour each, heartbeats all the way, and nothing waits long', async () => {
  const seen = await watch('long-runs', 60);
  const { run, totals } = seen.at(-1)!;
  expect(run.sum / run.count).toBeGreaterThan(900);
  expect(totals.lapsed).toBe(0);
  expect(mean(seen.map(({ items }) => items.active))).toBeGreaterThan(4);
  expect(seen.map(stale).every((count) => count === 0)).toBe(true);
  expect(mean(seen.map(({ depth }) => depth))).toBeLessThan(1);
});

it('half-fleet: four workers poll, and nothing waits', async () => {
  for (const { workers_polling, depth } of await watch('half-fleet', 20))
    expect([workers_polling, depth]).toEqual([4, 0]);
});

it('rolling-restart: no lease lapses, and nothing waits long', async () => {
  const seen = await watch('rolling-restart', 20);
  expect(seen.at(-1)!.totals).toMatchObject({ lapsed: 0 });
  expect(seen.at(-1)!.totals.stopped).toBeGreaterThan(60);
  expect(mean(seen.map(({ depth }) => depth))).toBeLessThan(2);
});

it('direct-pollers: items are left stopping, and the queue moves', async () => {
  const seen = await watch('direct-pollers', 20);
  const end = seen.at(-1)!;
  expect(end.items.stopping).toBeGreaterThan(40);
  expect(end.totals).toMatchObject({ lapsed: 0 });
  expect(mean(seen.map(({ depth }) => depth))).toBeLessThan(1);
});
