import { describe, expect, it } from 'vitest';
import { ruleGroups } from '../../../src/rules/groups.ts';
import { DEFAULT_RULE_OPTIONS, isAlert } from '../../../src/rules/rule.ts';
import { SCENARIO_NAMES, SCENARIOS } from '../../../src/simulator/scenarios.ts';
import type { EnvironmentTruth } from '../../../src/simulator/truth.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

type Seen = Readonly<{ at: number; prod: EnvironmentTruth; batch: EnvironmentTruth; oldestSeconds: number }>;

/** Plays a scenario for a while; a look every half minute. */
async function watch(scenario: string, minutes: number): Promise<{ simulator: TestSimulator; seen: Seen[] }> {
  const simulator = await testSimulator({ scenario, clock: new ManualClock() });
  const look = (at: number): Seen => {
    const { environments, now } = simulator.truth();
    const prod = environments.env_sim_prod!;
    const oldest = prod.oldest_queued_at === null ? 0 : Date.parse(now) - Date.parse(prod.oldest_queued_at);
    return { at, prod, batch: environments.env_sim_batch!, oldestSeconds: oldest / 1000 };
  };
  const seen = [look(0)];
  for (let half = 1; half <= minutes * 2; half++) {
    simulator.advance(30);
    seen.push(look(half / 2));
  }
  return { simulator, seen };
}

const live = ({ items }: EnvironmentTruth) => items.starting + items.active + items.stopping;
const statusOf = async (simulator: TestSimulator) =>
  (await call(simulator, simulator.apiKey, `/v1/environments/${simulator.prod.id}/work/stats`)).status;

/** What the sentence of a scenario says of an alert, and the severity that it must then have. */
const SEVERITIES: readonly (readonly [RegExp, string])[] = [
  [/(AnthropicWork\w+) pages\b/g, 'critical'],
  [/(AnthropicWork\w+), a warning\b/g, 'warning'],
];

it('names alerts with a severity that they have', () => {
  const alerts = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules.filter(isAlert));
  const severities = alerts.map(({ alert, labels }) => `${alert} ${labels.severity}`);
  const texts = SCENARIOS.map(({ expect: should }) => should);
  const said = SEVERITIES.flatMap(([pattern, severity]) =>
    texts.flatMap((text) => [...text.matchAll(pattern)].map(([, alert]) => `${alert} ${severity}`)),
  );
  expect(said.length).toBeGreaterThan(5);
  expect(severities).toEqual(expect.arrayContaining(said));
});

describe('what each scenario promises is what happens', () => {
  it('steady: nothing waits for long, nothing is stale, everything is counted', async () => {
    const { seen } = await watch('steady', 30);
    expect(Math.max(...seen.map(({ oldestSeconds }) => oldestSeconds))).toBeLessThan(120);
    expect(seen.every(({ prod }) => prod.workers_polling + live(prod) > 0)).toBe(true);
    const { totals, stale_heartbeat_items, wait, run } = seen.at(-1)!.prod;
    expect(stale_heartbeat_items).toEqual({ starting: 0, active: 0, stopping: 0 });
    expect(totals.stopped).toBeGreaterThan(100);
    expect(totals.requeued).toBeGreaterThan(0);
    expect(totals.lapsed).toBe(0);
    expect(wait.sum / wait.count).toBeLessThan(10);
    expect(run.sum / run.count).toBeGreaterThan(15);
  });

  it('burst: forty at once, drained before the next', async () => {
    const { seen } = await watch('burst', 10);
    expect(Math.max(...seen.map(({ prod }) => prod.depth))).toBeGreaterThan(15);
    expect(Math.min(...seen.map(({ prod }) => prod.depth))).toBeLessThan(3);
  });

  it('saturated: the queue grows while all workers run and heartbeat', async () => {
    const { seen } = await watch('saturated', 15);
    expect(seen.at(-1)!.prod.depth).toBeGreaterThan(seen[0]!.prod.depth + 20);
    expect(seen.every(({ prod }) => live(prod) >= 4 && prod.stale_heartbeat_items.active === 0)).toBe(true);
    expect(seen.filter(({ prod }) => prod.workers_polling <= 1).length).toBeGreaterThan(seen.length / 2);
  });

  it('no-workers: the queue grows, nobody polls, nothing runs', async () => {
    const { seen } = await watch('no-workers', 15);
    expect(seen.every(({ prod }) => prod.depth > 0 && prod.workers_polling === 0 && live(prod) === 0)).toBe(true);
    expect(seen.at(-1)!.oldestSeconds).toBeGreaterThan(900);
  });

  it('stale-heartbeats: active items without a heartbeat in prod, stuck in stopping in batch', async () => {
    const { seen } = await watch('stale-heartbeats', 15);
    const later = seen.filter(({ at }) => at >= 4);
    const stale = later.filter(({ prod }) => prod.stale_heartbeat_items.active > 0);
    expect(stale.length).toBeGreaterThan(later.length * 0.8);
    expect(later.every(({ batch }) => batch.items.stopping > 0)).toBe(true);
  });

  it('leases-lapsing: items come back and still get done', async () => {
    const { seen } = await watch('leases-lapsing', 15);
    const [first, last] = [seen[0]!.prod.totals, seen.at(-1)!.prod.totals];
    expect(last.lapsed - first.lapsed).toBeGreaterThan(30);
    expect(last.stopped - first.stopped).toBeGreaterThan(30);
    expect(seen.at(-1)!.oldestSeconds).toBeLessThan(120);
  });

  it('deploy: workers go for a moment and no item waits for long', async () => {
    const { seen } = await watch('deploy', 20);
    expect(seen.some(({ prod }) => live(prod) === 0 && prod.depth > 0)).toBe(true);
    expect(Math.max(...seen.map(({ oldestSeconds }) => oldestSeconds))).toBeLessThan(120);
  });

  it('head-of-line: one item gets older and older while the others are taken', async () => {
    const { seen } = await watch('head-of-line', 15);
    expect(seen.at(-1)!.oldestSeconds).toBeGreaterThan(900);
    expect(seen.every(({ prod }) => prod.depth >= 1 && prod.depth < 8)).toBe(true);
    const [first, last] = [seen[0]!.prod.totals, seen.at(-1)!.prod.totals];
    expect(last.acknowledged - first.acknowledged).toBeGreaterThan(50);
  });

  it('requeue-storm: far more runs than items', async () => {
    const { seen } = await watch('requeue-storm', 15);
    const { requeued, created, lapsed } = seen.at(-1)!.prod.totals;
    expect(requeued).toBeGreaterThan(5 * created);
    expect(lapsed).toBe(0);
  });

  it('long-history: a hundred thousand stopped items, made in no time', async () => {
    const { simulator, seen } = await watch('long-history', 1);
    expect(seen[0]!.prod.items.stopped).toBeGreaterThanOrEqual(100_000);
    const { environmentKey, id } = simulator.prod;
    const page = await call(simulator, environmentKey, `/v1/environments/${id}/work?limit=1000`);
    expect(page.body.data).toHaveLength(1000);
  });

  it('auth-expired, rate-limited, api-down: what requests get', async () => {
    expect(await statusOf((await watch('auth-expired', 0)).simulator)).toBe(401);
    expect(await statusOf((await watch('api-down', 0)).simulator)).toBe(503);
    const { simulator } = await watch('rate-limited', 0);
    const statuses = await Promise.all(Array.from({ length: 40 }, () => statusOf(simulator)));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(20);
    expect(statuses).toContain(200);
  });

  it('flapping: workers come and go, and some requests fail', async () => {
    const { simulator, seen } = await watch('flapping', 12);
    const gone = seen.map(({ prod }) => prod.workers_polling === 0 && live(prod) === 0);
    const changes = gone.filter((value, index) => index > 0 && value !== gone[index - 1]).length;
    expect(changes).toBeGreaterThanOrEqual(6);
    const statuses = await Promise.all(Array.from({ length: 60 }, () => statusOf(simulator)));
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
  });

  it('clock-skew: the clock of the API is ninety seconds ahead', async () => {
    const clock = new ManualClock();
    const simulator = await testSimulator({ scenario: 'clock-skew', clock });
    expect(Date.parse(simulator.truth().now) - clock.now()).toBe(90_000);
    const answer = await call(simulator, simulator.apiKey, '/v1/environments');
    expect(Date.parse(answer.headers.get('date')!) - clock.now()).toBe(90_000);
  });
});

describe('from one scenario to another', () => {
  it.each(SCENARIO_NAMES.filter((name) => name !== 'long-history'))('%s recovers when it gets steady', async (name) => {
    const { simulator } = await watch(name, 10);
    simulator.setScenario('steady');
    simulator.advance(2400);
    const { environments } = simulator.truth();
    for (const truth of Object.values(environments)) {
      expect(truth.depth + truth.pending).toBeLessThan(10);
      expect(truth.stale_heartbeat_items).toEqual({ starting: 0, active: 0, stopping: 0 });
      const { items, totals } = truth;
      expect(items.queued + live(truth) + items.stopped).toBe(totals.created);
    }
    expect(await statusOf(simulator)).toBe(200);
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
