import { expect, it } from 'vitest';
import { WORKER_SCENARIOS } from '../../../src/simulator/scenarios/worker-scenarios.ts';
import type { EnvironmentTruth } from '../../../src/simulator/world/truth.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { listSchema } from '../support/schemas.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

type Name = 'prod' | 'staging' | 'batch';
type Look = Readonly<Record<Name, EnvironmentTruth>>;

/** The truth at the start of a scenario and every quarter of a minute after it. */
async function watch(scenario: string, minutes: number): Promise<{ simulator: TestSimulator; seen: readonly Look[] }> {
  const simulator = await testSimulator({ scenario, clock: new ManualClock() });
  const look = (): Look => {
    const { environments } = simulator.truth();
    const { env_sim_prod: prod, env_sim_staging: staging, env_sim_batch: batch } = environments;
    return { prod: prod!, staging: staging!, batch: batch! };
  };
  const seen = [look()];
  for (let quarter = 0; quarter < minutes * 4; quarter++) {
    simulator.advance(15);
    seen.push(look());
  }
  return { simulator, seen };
}

const prodOf = ({ seen }: { readonly seen: readonly Look[] }) => seen.map(({ prod }) => prod);
const running = ({ items }: EnvironmentTruth) => items.starting + items.active + items.stopping;
const stale = ({ stale_heartbeat_items: { active, stopping } }: EnvironmentTruth) => active + stopping;

it('fleet-dies: what ran is left behind, goes stale and lapses, and nobody polls again', async () => {
  const seen = prodOf(await watch('fleet-dies', 12));
  expect(seen[0]!.items.active).toBeGreaterThan(3);
  expect(seen.some((truth) => stale(truth) > 3)).toBe(true);
  const end = seen.at(-1)!;
  expect(end).toMatchObject({ workers_polling: 0, items: { starting: 0, active: 0 } });
  expect(end.totals.lapsed).toBeGreaterThan(3);
  expect(end.totals.acknowledged).toBe(seen[4]!.totals.acknowledged);
});

it('no-workers-anywhere: every queue grows, and nobody polls', async () => {
  for (const look of (await watch('no-workers-anywhere', 5)).seen) {
    for (const { depth, workers_polling, items } of Object.values(look)) {
      expect(depth).toBeGreaterThan(2);
      expect([workers_polling, items.starting + items.active]).toEqual([0, 0]);
    }
  }
});

it('crash-loop: a fleet that polls for moments, and dies with what it serves each time', async () => {
  const seen = prodOf(await watch('crash-loop', 20));
  const polls = seen.map(({ workers_polling }) => workers_polling > 0);
  expect(polls.filter((value, index) => index > 0 && value && !polls[index - 1]).length).toBeGreaterThanOrEqual(3);
  expect(polls.filter((value) => value).length).toBeLessThan(polls.length / 3);
  expect(seen.at(-1)!.totals.lapsed).toBeGreaterThan(5);
});

it('no-run-finishes: items are taken at once, none ends, and none gets old', async () => {
  const { simulator, seen } = await watch('no-run-finishes', 20);
  const { totals } = seen.at(-1)!.prod;
  expect(totals.acknowledged).toBeGreaterThan(60);
  expect(totals.lapsed).toBeGreaterThan(40);
  expect(totals.stopped).toBe(0);
  const { environments, now } = simulator.truth();
  const oldest = environments.env_sim_prod!.oldest_queued_at;
  expect(oldest === null ? 0 : Date.parse(now) - Date.parse(oldest)).toBeLessThan(60_000);
});

it('no-first-heartbeat: items are starting for longer than they may, lapse, and the others are served', async () => {
  const seen = prodOf(await watch('no-first-heartbeat', 20));
  expect(seen.some(({ stale_heartbeat_items }) => stale_heartbeat_items.starting > 0)).toBe(true);
  const { totals } = seen.at(-1)!;
  expect(totals.lapsed).toBeGreaterThan(5);
  expect(totals.stopped).toBeGreaterThan(totals.lapsed);
});

it('stuck-starting: such items pile up, and the list shows them without a heartbeat', async () => {
  const { simulator, seen } = await watch('stuck-starting', 30);
  const { totals, items, stale_heartbeat_items } = seen.at(-1)!.prod;
  expect(totals.lapsed).toBe(0);
  expect(stale_heartbeat_items.starting).toBeGreaterThan(5);
  expect(items.starting).toBeGreaterThanOrEqual(stale_heartbeat_items.starting);
  const { id, environmentKey } = simulator.prod;
  const { body } = await call(simulator, environmentKey, `/v1/environments/${id}/work?limit=1000`);
  const stuck = listSchema.parse(body).data.filter(({ state }) => state === 'starting');
  expect(stuck.length).toBe(items.starting);
  for (const { latest_heartbeat_at } of stuck) expect(latest_heartbeat_at).toBeNull();
});

it('official-workers: gaps between heartbeats, in Go longer than the limit, and runs that all finish', async () => {
  const { seen } = await watch('official-workers', 20);
  expect(Math.max(...seen.map(({ prod }) => stale(prod)))).toBe(0);
  expect(Math.max(...seen.map(({ staging }) => stale(staging)))).toBeGreaterThan(0);
  for (const name of ['prod', 'staging', 'batch'] as const) {
    const { totals } = seen.at(-1)![name];
    expect(totals.lapsed).toBe(0);
    expect(totals.stopped).toBeGreaterThan(5);
  }
});

it('official-workers: in Python it takes minutes until nothing is stopping any more', async () => {
  const { seen } = await watch('official-workers', 30);
  let longest = 0;
  let looks = 0;
  for (const { batch } of seen) {
    looks = batch.items.stopping > 0 ? looks + 1 : 0;
    longest = Math.max(longest, looks);
  }
  expect(longest).toBeGreaterThan(4);
  expect(seen.at(-1)!.batch.stop.sum).toBeGreaterThan(300);
});

it.each(WORKER_SCENARIOS.map(({ name }) => name))(
  '%s: workers that are there run at most one item each',
  async (name) => {
    for (const { prod } of (await watch(name, 5)).seen) expect(running(prod) - stale(prod)).toBeLessThanOrEqual(20);
  },
);
