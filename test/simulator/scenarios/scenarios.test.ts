import { describe, expect, it } from 'vitest';
import { play } from '../../../src/rehearse/play.ts';
import { storyOf } from '../../../src/rehearse/story.ts';
import { SCENARIO_NAMES, SCENARIOS, scriptNamed } from '../../../src/simulator/scenarios.ts';
import type { EnvironmentTruth } from '../../../src/simulator/start-simulator.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { call, testSimulator } from '../support/simulators.ts';

const MANY_ITEMS = 'long-history';

describe('what the sentence of a scenario says is what somebody is told', () => {
  it.each(SCENARIOS.filter(({ name }) => name !== MANY_ITEMS))('$name', { timeout: 60_000 }, async (scenario) => {
    const script = scriptNamed(scenario.name);
    const played = await play(script, { env: {} });
    const events = played.ok ? played.events : [];
    const told = events.flatMap((one) => ('condition' in one && one.event === 'page' ? [one] : []));
    const alerts = (severity: 'critical' | 'warning') =>
      told.flatMap((page) => (page.severity === severity ? [page.alert] : []));
    const said = (pattern: RegExp) => scenario.expect.match(pattern) ?? [];
    const story = storyOf(script, events);
    expect(
      said(/AnthropicWork\w+\b(?!, for information only)/g).filter(
        (alert) => !told.some((page) => page.alert === alert),
      ),
      story,
    ).toEqual([]);
    expect(alerts('critical'), story).toEqual(expect.arrayContaining(said(/AnthropicWork\w+(?= pages)/g)));
    expect(alerts('warning'), story).toEqual(expect.arrayContaining(said(/AnthropicWork\w+(?=, a warning)/g)));
    expect(said(/AnthropicWork\w+(?!, a warning)\b/g), story).toEqual(expect.arrayContaining(alerts('critical')));
  });
});

const live = ({ items }: EnvironmentTruth) => items.starting + items.active + items.stopping;

/** A simulator that has played a scenario for so many minutes, half a minute at a time, and what was seen of prod. */
async function watch(scenario: string, minutes: number) {
  const simulator = await testSimulator({ scenario, clock: new ManualClock() });
  const seen = Array.from({ length: minutes * 2 }, () => {
    simulator.advance(30);
    return simulator.truth().environments.env_sim_prod!;
  });
  return { simulator, seen };
}

it('steady: nothing is stale, everything is counted, and work that wakes up is no new item', async () => {
  const { seen } = await watch('steady', 30);
  expect(seen.every((prod) => prod.workers_polling + live(prod) > 0 && prod.depth < 10)).toBe(true);
  const { totals, stale_heartbeat_items, wait, run } = seen.at(-1)!;
  expect(stale_heartbeat_items).toEqual({ starting: 0, active: 0, stopping: 0 });
  expect(totals.stopped).toBeGreaterThan(100);
  expect(totals).toMatchObject({ requeued: expect.any(Number), lapsed: 0 });
  expect(wait.sum / wait.count).toBeLessThan(10);
  expect(run.sum / run.count).toBeGreaterThan(15);
});

it('requeue-storm: far more runs than items; leases-lapsing: items come back and still get done', async () => {
  const { requeued, created } = (await watch('requeue-storm', 15)).seen.at(-1)!.totals;
  expect(requeued).toBeGreaterThan(5 * created);
  const { lapsed, stopped } = (await watch('leases-lapsing', 15)).seen.at(-1)!.totals;
  expect(Math.min(lapsed, stopped)).toBeGreaterThan(30);
});

it('on-demand: a worker is there only for the work that started it', async () => {
  const { seen } = await watch('on-demand', 60);
  const nobody = seen.filter((prod) => prod.workers_polling + live(prod) === 0);
  expect(nobody.length).toBeGreaterThan(seen.length / 5);
  expect(nobody.some(({ depth }) => depth > 0)).toBe(true);
  const { totals, wait } = seen.at(-1)!;
  expect(totals.stopped).toBeGreaterThan(20);
  expect(wait.sum / wait.count).toBeGreaterThan(20);
  expect(wait.sum / wait.count).toBeLessThan(95);
});

it('direct-pollers: items stay stopping; deploy: nobody works for a while, and what waits is taken', async () => {
  expect((await watch('direct-pollers', 20)).seen.at(-1)!.items.stopping).toBeGreaterThan(10);
  const { seen } = await watch('deploy', 20);
  expect(seen.some((prod) => live(prod) === 0 && prod.depth > 0)).toBe(true);
  expect(seen.at(-1)!.depth).toBeLessThan(10);
});

it('long-history: a hundred thousand stopped items, made in no time', async () => {
  const { simulator, seen } = await watch(MANY_ITEMS, 1);
  expect(seen[0]!.items.stopped).toBeGreaterThanOrEqual(100_000);
  const { environmentKey, id } = simulator.prod;
  const page = await call(simulator, environmentKey, `/v1/environments/${id}/work?limit=1000`);
  expect(page.body.data).toHaveLength(1000);
});

describe('from one scenario to another', () => {
  it.each(SCENARIO_NAMES.filter((name) => name !== MANY_ITEMS))('%s recovers when it gets steady', async (name) => {
    const { simulator } = await watch(name, 10);
    simulator.setScenario('steady');
    simulator.advance(2400);
    for (const truth of Object.values(simulator.truth().environments)) {
      const { items, totals, stale_heartbeat_items, depth, pending } = truth;
      expect(depth + pending).toBeLessThan(10);
      expect(stale_heartbeat_items).toEqual({ starting: 0, active: 0, stopping: 0 });
      expect(items.queued + live(truth) + items.stopped).toBe(totals.created);
    }
    const stats = `/v1/environments/${simulator.prod.id}/work/stats`;
    expect((await call(simulator, simulator.apiKey, stats)).status).toBe(200);
  });
});

it('the same seed gives the same world, another seed another one', async () => {
  const run = async (seed: number) => {
    const simulator = await testSimulator({ scenario: 'steady', seed, clock: new ManualClock() });
    simulator.advance(600);
    return { keys: simulator.environments, truth: simulator.truth() };
  };
  expect(await run(1)).toEqual(await run(1));
  expect((await run(2)).truth).not.toEqual((await run(1)).truth);
  expect((await run(2)).keys).not.toEqual((await run(1)).keys);
});

it('the way time passes does not change what happens', async () => {
  const [one, many] = await Promise.all(
    [1, 600].map(async (steps) => {
      const simulator = await testSimulator({ scenario: 'leases-lapsing', clock: new ManualClock() });
      for (let i = 0; i < steps; i++) simulator.advance(600 / steps);
      return simulator.truth();
    }),
  );
  expect(one).toEqual(many);
});
