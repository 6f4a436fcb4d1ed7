import { expect, it } from 'vitest';
import type { EnvironmentTruth } from '../../../src/simulator/world/truth.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { testSimulator } from '../support/simulators.ts';

/** The truth about prod at the start of a scenario and every minute after it. */
async function watch(scenario: string, minutes: number): Promise<readonly EnvironmentTruth[]> {
  const simulator = await testSimulator({ scenario, clock: new ManualClock() });
  const seen = [simulator.truth().environments.env_sim_prod!];
  for (let minute = 0; minute < minutes; minute++) {
    simulator.advance(60);
    seen.push(simulator.truth().environments.env_sim_prod!);
  }
  return seen;
}

/** What the alerts for dead workers look at: in all of these scenarios it must be fine. */
function looksHealthy({ stale_heartbeat_items: stale, depth, workers_polling }: EnvironmentTruth): boolean {
  return stale.starting + stale.active + stale.stopping === 0 && depth < 5 && workers_polling > 0;
}

it.each([
  ['wedged-session', { running: 0, idle: 2, terminated: 0 }, { requires_action: 2 }],
  ['awaiting-approval', { running: 0, idle: 1, terminated: 0 }, { requires_action: 1 }],
  ['terminated-session', { running: 0, idle: 0, terminated: 1 }, {}],
] as const)('%s: workers beat and the queue moves, but the session does not', async (scenario, items, waiting) => {
  const seen = await watch(scenario, 10);
  for (const truth of seen) {
    expect(truth.sessions).toMatchObject({ items, waiting, redelivered: 0 });
    expect(looksHealthy(truth)).toBe(true);
  }
  expect(seen.at(-1)!.totals.stopped).toBeGreaterThan(seen[0]!.totals.stopped);
  expect(seen.at(-1)!.totals.lapsed).toBe(0);
});

it('wedged-session: has waited for an hour', async () => {
  const simulator = await testSimulator({ scenario: 'wedged-session', clock: new ManualClock() });
  const { environments, now } = simulator.truth();
  const since = environments.env_sim_prod!.sessions.oldest_wait.requires_action!;
  expect((Date.parse(now) - Date.parse(since)) / 1000).toBeGreaterThan(3500);
});

it('redelivery-loop: one item comes back again and again, and no other', async () => {
  const seen = await watch('redelivery-loop', 20);
  expect(seen[0]!.sessions.deliveries_max).toBeGreaterThan(5);
  expect(seen.at(-1)!.sessions.deliveries_max).toBeGreaterThan(seen[0]!.sessions.deliveries_max + 2);
  for (const truth of seen) {
    expect(truth.sessions.redelivered).toBe(1);
    expect(looksHealthy(truth)).toBe(true);
  }
});

it('stillborn: nearly all runs end within five seconds', async () => {
  const seen = await watch('stillborn', 15);
  const { run } = seen.at(-1)!;
  expect(run.count - seen[0]!.run.count).toBeGreaterThan(50);
  expect((run.sum - seen[0]!.run.sum) / (run.count - seen[0]!.run.count)).toBeLessThan(5);
  expect(seen.every(looksHealthy)).toBe(true);
});

it.each(['steady', 'deploy', 'saturated'])(
  '%s: no session of a long run waits, nothing comes back',
  async (scenario) => {
    for (const { sessions } of await watch(scenario, 30)) {
      expect(sessions).toMatchObject({ waiting: {}, redelivered: 0 });
      expect(sessions.items.terminated).toBe(0);
    }
  },
);
