import { describe, expect, it } from 'vitest';
import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { CATALOGUE, OBSERVED_METRICS } from '../../src/metrics/catalogue.ts';
import { Exposition } from '../../src/metrics/exposition.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { countedTotals, expositionOf, samplesOf, short } from '../support/expositions.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildSessions,
  buildState,
  buildStats,
  failingOperation,
  fixedStates,
  longRun,
  NOW,
  untriedOperation,
} from '../support/states.ts';

const OBSERVED_METRIC_NAMES = OBSERVED_METRICS.map(([name]) => name);

const READ_AT = NOW - 5000;
/** `stale_after` of the built environments. */
const STALE_AFTER = 90_000;

async function namesAt(state: EnvironmentState, now: number): Promise<string[]> {
  return parseExposition(await expositionOf([state], { now }), 'prometheus').map(({ name }) => name);
}

async function valuesOf(name: string, state: EnvironmentState, now = NOW, skewMs = 0): Promise<number[]> {
  return (await samplesOf(name, [state], { now, skewMs })).map(({ value }) => value);
}

const full = buildState('env_1', {
  operations: { stats: failingOperation('timeout'), list: failingOperation('timeout') },
  items: buildItems([buildItem('a', { state: 'active', acknowledgedAt: NOW - 9000, latestHeartbeatAt: NOW - 8000 })]),
  ledger: countedTotals(),
});

describe('hold, then drop', () => {
  it('keeps the last good values through failures, exactly as long as stale_after', async () => {
    const held = await namesAt(full, READ_AT + STALE_AFTER);
    const later = await namesAt(full, READ_AT + STALE_AFTER + 1);
    const dropped = held.filter((name) => !later.includes(name));
    const data = OBSERVED_METRIC_NAMES.filter((name) => ['stats', 'list'].includes(CATALOGUE[name].presence));
    expect(dropped).toEqual(data.filter((name) => name !== 'anthropic_work_items_by_metadata'));
    expect(later).toContain('anthropic_work_items_created_total');
    expect(later).toContain('anthropic_work_run_seconds');
    expect(later).toContain('anthropic_work_up');
  });

  it('drops what seems to come from the future, when the clock was set back in an outage', async () => {
    expect(await valuesOf('anthropic_work_queue_depth', full, READ_AT - STALE_AFTER)).toEqual([3]);
    expect(await valuesOf('anthropic_work_queue_depth', full, READ_AT - STALE_AFTER - 1)).toEqual([]);
    expect(await samplesOf('anthropic_work_items', [full], { now: READ_AT - 3_600_000 })).toEqual([]);
    expect(await valuesOf('anthropic_work_up', full, READ_AT - 3_600_000)).toEqual([0, 0]);
  });

  it('holds for three scheduled intervals where those are longer', async () => {
    const stretched = buildState('env_1', {
      operations: { stats: buildOperation({ scheduledIntervalMs: 60_000 }), list: buildOperation() },
    });
    expect(await valuesOf('anthropic_work_queue_depth', stretched, READ_AT + 180_000)).toEqual([3]);
    expect(await valuesOf('anthropic_work_queue_depth', stretched, READ_AT + 180_001)).toEqual([]);
    expect(await samplesOf('anthropic_work_items', [stretched], { now: READ_AT + 90_001 })).toEqual([]);
  });

  it('says down at once and never up before the first success', async () => {
    expect(await valuesOf('anthropic_work_up', full)).toEqual([0, 0]);
    const untried = buildState('env_1', { operations: { stats: untriedOperation(), list: untriedOperation() } });
    expect(await valuesOf('anthropic_work_up', untried)).toEqual([0, 0]);
    expect(await valuesOf('anthropic_work_up', buildState())).toEqual([1, 1]);
  });

  it('says down for both operations of a cloud environment, although its stats answer', async () => {
    const cloud = buildState('env_1', {
      operations: { stats: buildOperation(), list: failingOperation('not_self_hosted') },
    });
    expect(await valuesOf('anthropic_work_up', cloud)).toEqual([0, 0]);
  });
});

describe('an operation without a credential', () => {
  it('has no series but list_attempted 0', async () => {
    const blind = buildState('env_1', {
      operations: { stats: buildOperation({ attempted: false }), list: buildOperation({ attempted: false }) },
      ledger: countedTotals(),
    });
    const names = await namesAt(blind, NOW);
    const watched = OBSERVED_METRIC_NAMES.filter((name) => CATALOGUE[name].presence === 'watched');
    expect(names).toEqual(watched);
    expect(await valuesOf('anthropic_work_list_attempted', blind)).toEqual([0]);
  });

  it('has every reason of failure at 0 as soon as it has one', async () => {
    const values = await valuesOf('anthropic_work_api_request_failures_total', buildState());
    expect(values).toEqual(new Array(2 * FAILURE_REASONS.length).fill(0));
  });
});

describe('the age of the oldest item', () => {
  const waiting = (oldestQueuedAt: number | null) =>
    buildState('env_1', { queue: { observedAt: READ_AT, stats: buildStats({ oldestQueuedAt }) } });
  const AGE = 'anthropic_work_queue_oldest_age_seconds';

  it('grows from scrape to scrape without a new read', async () => {
    const self = { write: async () => '' };
    let now = NOW;
    const deps = {
      states: fixedStates([waiting(NOW - 10_000)]),
      self,
      clock: { now: () => now },
      skewMs: () => 0,
      pausedUntil: () => null,
    };
    const exposition = new Exposition(deps);
    const scrape = async () => {
      const families = parseExposition(Buffer.concat(await exposition.render('prometheus')).toString(), 'prometheus');
      return families.find(({ name }) => name === AGE)?.samples[0]?.value;
    };
    expect(await scrape()).toBe(10);
    now += 15_000;
    expect(await scrape()).toBe(25);
  });

  it('is measured on the clock of the API', async () => {
    expect(await valuesOf(AGE, waiting(NOW - 10_000), NOW, 2500)).toEqual([12.5]);
    expect(await valuesOf(AGE, waiting(NOW - 10_000), NOW, -4000)).toEqual([6]);
    expect(await valuesOf('anthropic_work_queue_oldest_timestamp_seconds', waiting(NOW - 10_000), NOW, 2500)).toEqual([
      (NOW - 10_000) / 1000,
    ]);
  });

  it('is never negative, 0 for an empty queue only and absent once it is unknown', async () => {
    const empty = { queue: { observedAt: READ_AT, stats: buildStats({ depth: 0, oldestQueuedAt: null }) } };
    expect(await valuesOf(AGE, waiting(NOW + 60_000))).toEqual([0]);
    expect(await valuesOf(AGE, waiting(null))).toEqual([]);
    expect(await valuesOf(AGE, buildState('env_1', empty))).toEqual([0]);
    expect(await valuesOf(AGE, buildState('env_1', empty), READ_AT + STALE_AFTER + 1)).toEqual([]);
  });
});

describe('stale heartbeats', () => {
  it('are judged as of the read that saw the item, however long ago that was', async () => {
    const heartbeat = { state: 'active', latestHeartbeatAt: NOW - 130_000 } as const;
    const seenThen = buildItem('a', heartbeat, NOW - 20_000);
    const seenNow = buildItem('b', heartbeat, NOW - 5000);
    const state = buildState('env_1', { items: buildItems([seenThen, seenNow]) });
    expect(await valuesOf('anthropic_work_stale_heartbeat_items', state)).toEqual([0, 1, 0]);
  });

  it('never happen where the threshold is off or nothing is known', async () => {
    const { thresholds } = buildEnvironment();
    const off = { ...thresholds, staleHeartbeatSeconds: Number.POSITIVE_INFINITY };
    const old = buildItem('a', { state: 'active', latestHeartbeatAt: 0 });
    const environment = buildEnvironment('env_1', { thresholds: off });
    const name = 'anthropic_work_stale_heartbeat_items';
    expect(await valuesOf(name, buildState('env_1', { environment, items: buildItems([old]) }))).toEqual([0, 0, 0]);
    const unstamped = buildItem('b', { state: 'active' });
    expect(await valuesOf(name, buildState('env_1', { items: buildItems([unstamped]) }))).toEqual([0, 0, 0]);
  });
});

describe('types of items', () => {
  it('stay at 0 once they were seen', async () => {
    const state = buildState('env_1', { items: buildItems([], { typesSeen: ['healthcheck'] }) });
    const samples = await samplesOf('anthropic_work_items', [state]);
    expect(samples.map(({ labels }) => labels.work_type)).toEqual([
      ...new Array(5).fill('session'),
      ...new Array(5).fill('healthcheck'),
    ]);
  });
});

describe('what sessions of long runs do is known', () => {
  /** Three intervals of two minutes, from the read five seconds before `NOW`. */
  const LIFE_MS = 360_000 - 5000;
  const withList = (at: number, change: Partial<EnvironmentState> = {}) =>
    buildState('env_1', {
      items: { ...buildItems([longRun('one')]), observedAt: at },
      sessions: buildSessions({ one: ['running'] }),
      ...change,
    });
  const { poll, ...environment } = buildEnvironment();
  const patient = { environment: { ...environment, poll: { ...poll, staleAfterMs: 600_000 } } };
  const unlisted = { stats: buildOperation(), list: untriedOperation({ attempted: false }) };

  it.each<[string, EnvironmentState, number, boolean]>([
    ['just read', withList(NOW), NOW, true],
    ['never read', withList(NOW, { sessions: buildSessions({}, { lastReadAt: null }) }), NOW, false],
    ['nothing planned yet', buildState('env_1'), NOW, false],
    [
      'switched off',
      withList(NOW, { sessions: buildSessions({ one: ['running'] }, { attempted: false }) }),
      NOW,
      false,
    ],
    ['the list too old', withList(NOW), NOW + 200_000, false],
    ['the list not read any more', withList(NOW, { operations: unlisted }), NOW, false],
    ['for three intervals', withList(NOW + LIFE_MS), NOW + LIFE_MS, true],
    ['not longer', withList(NOW + LIFE_MS), NOW + LIFE_MS + 1, false],
    ['longer where stale_after is', withList(NOW + 595_000, patient), NOW + 595_000, true],
    ['not longer than that', withList(NOW + 595_000, patient), NOW + 595_001, false],
    ['where no run is long', withList(NOW + 9e6, { sessions: buildSessions({}, { longRuns: 0 }) }), NOW + 9e6, true],
    ['not after the clock was set back', withList(NOW - 400_000), NOW - 400_000, false],
  ])('%s', async (_, state, now, known) => {
    expect((await samplesOf('anthropic_work_session_items', [state], { now })).length > 0).toBe(known);
  });
});

it('a pause of the connection holds every read back, and one that its own failures hold back longer stays so', async () => {
  const list = failingOperation('timeout', { backoffUntil: NOW + 60_000 });
  const state = buildState('env_1', { operations: { stats: buildOperation(), list } });
  const name = 'anthropic_work_backoff_until_timestamp_seconds';
  const until = async (pausedUntil: number | null) =>
    (await samplesOf(name, [state], { pausedUntil })).map((sample) => short(sample, name));
  const at = (seconds: number) => NOW / 1000 + seconds;
  expect(await until(null)).toEqual([`operation=list ${at(60)}`]);
  expect(await until(NOW + 45_000)).toEqual([`operation=stats ${at(45)}`, `operation=list ${at(60)}`]);
});
