import { afterEach, describe, expect, it } from 'vitest';
import { NO_TOTALS } from '../../src/lifecycle/lifecycle-totals.ts';
import { SCENARIO_NAMES } from '../../src/simulator/scenarios/scenarios.ts';
import { PROVIDERS } from '../../src/wire/presets.ts';
import { POLL } from '../support/environments.ts';
import { CASES, type Case, switchesOf } from './lifecycle-cases.ts';
import { expectCounted } from './lifecycle-counters.ts';
import { GaugeCheck, itemsOf, staleOf } from './lifecycle-gauges.ts';
import { type End, type Rig, startRig, stopRigs } from './lifecycle-rig.ts';

afterEach(stopRigs);

/** Scenarios in which no request ever succeeds: nothing is shown, and then the service works again. */
const DARK = ['auth-expired', 'api-down'];
/** Where nothing happens by itself. */
const QUIET = 'idle';

async function begin(options: Case): Promise<Rig> {
  const started = await startRig({ ...options, switches: switchesOf(options) });
  if (!DARK.includes(options.scenario)) return started;
  for (let n = 0; n < 3; n++) {
    await started.clock.advance(20_000);
    const { items, lifecycle, operations } = await started.read();
    expect(operations.list.failure).not.toBeNull();
    expect(items).toBeNull();
    expect(lifecycle).toEqual(NO_TOTALS);
  }
  started.setScenario('steady');
  return started;
}

/** What a scenario does not do by itself. */
function happen(current: Rig, { scenario }: Case, n: number): void {
  if (scenario === QUIET) current.enqueue();
  // Four of five requests fail: a look at many pages only ends when that does.
  if (scenario === 'rate-limited' && n === 12) current.setScenario('steady');
}

const name = '$scenario of $preset, $listOrder first, pages of $limit, stamps $requeueStamps';

describe('the cases', () => {
  it('let every two values of preset, order, limit and stamps meet, and each of them every scenario', () => {
    const values = ({ scenario, preset, listOrder, limit, requeueStamps }: Case) => [
      scenario,
      preset,
      listOrder,
      limit,
      requeueStamps,
    ];
    const pairs = new Set(
      CASES.map(values).flatMap((row) => row.flatMap((a, i) => row.slice(i + 1).map((b) => `${i} ${a} ${b}`))),
    );
    const [scenarios, presets, orders, limits, stamps] = [SCENARIO_NAMES.length - 1, PROVIDERS.length, 3, 3, 2];
    const all =
      scenarios * (presets + orders + limits + stamps) +
      presets * (orders + limits + stamps) +
      orders * (limits + stamps) +
      limits * stamps;
    expect(pairs.size).toBe(all);
  });
});

describe.each(CASES)(name, (options) => {
  it('shows every item as it was when its page was served', async () => {
    const current = await begin(options);
    const { clock } = current;
    const gauges = new GaugeCheck(current, { fullListIntervalMs: POLL.fullListIntervalMs, gapMs: 30_000 });
    let compared = 0;
    for (let n = 0; n < 24; n++) {
      await clock.advance(17_000);
      happen(current, options, n);
      current.world.look();
      const from = current.now();
      const churns = n % 3 === 2;
      const state = await current.read(churns ? () => clock.advance(900) : undefined);
      if (state.operations.list.failure !== null) continue;
      gauges.check(from);
      compared++;
      if (churns || state.items!.mode !== 'whole' || current.now() !== from) continue;
      const { stopped: _, ...items } = current.truth().items;
      expect(itemsOf(state)).toEqual(items);
      expect(staleOf(state)).toEqual(current.truth().stale_heartbeat_items);
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('counts what some read has shown, exactly, over slow and failed polls, churn and restarts', async () => {
    const current = await begin(options);
    const { clock } = current;
    const ends: readonly End[] = ['crash', 'graceful', 'crash', 'without a file', 'graceful', 'crash'];
    let restarts = 0;
    for (let n = 0; n < 43; n++) {
      await clock.advance(n === 30 ? 700_000 : n % 7 === 3 ? 90_000 : 9000);
      happen(current, options, n);
      const state = await current.read(trouble(current, n));
      if (state.operations.list.failure === null) expectCounted(state.lifecycle!, current.visible);
      current.simulator.setFaults([]);
      if (n % 7 === 5) current.restart(ends[restarts++]!);
    }
    expect(restarts).toBe(ends.length);
  });
});

/** The world moves while pages are read, or a request fails: the first of a read, or one in the middle. */
function trouble({ simulator, clock }: Rig, n: number): (requests: number) => Promise<void> {
  const fail = () =>
    simulator.setFaults([{ kind: 'status', status: 503, shouldRetry: false, endpoints: ['list', 'retrieve'] }]);
  if (n % 10 === 4) fail();
  // 27 is the first read of a process, 28 the one after it.
  const inTheMiddle = n % 10 === 8 || n === 27;
  return async (requests) => {
    if (inTheMiddle && requests > 2) fail();
    if (n % 3 === 1) await clock.advance(1300);
  };
}
