import { expect, it } from 'vitest';
import { LastHour } from '../../src/recent/last-hour.ts';
import { CHARTED, SAMPLE_EVERY_MS, SAMPLES_KEPT } from '../../src/recent/recent-numbers.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { buildItem, buildItems, buildState, buildStats, NOW } from '../support/states.ts';

const RUN = { state: 'active', acknowledgedAt: NOW - 900_000, startedAt: NOW - 890_000 } as const;

/** An exporter that watches what `states` says, and reads it again before every look. */
function watched(states: (now: number) => readonly EnvironmentState[]) {
  const clock = new ManualClock(NOW);
  let asleep = 0;
  const sleepy = {
    now: () => clock.now() + asleep,
    monotonic: () => clock.monotonic() + asleep,
    setTimer: clock.setTimer.bind(clock),
  };
  const lastHour = new LastHour({
    clock: sleepy,
    states: { all: () => states(sleepy.now()) },
    skewMs: () => 60_000,
  });
  lastHour.start();
  const latest = (id: string) =>
    Object.fromEntries(CHARTED.map((name) => [name, lastHour.of(id)?.numbersOf(name).at(-1)]));
  const sleep = (ms: number) => {
    asleep += ms;
  };
  return { clock, lastHour, latest, sleep };
}

const read = (now: number, change: Partial<EnvironmentState> = {}): EnvironmentState =>
  buildState('env_1', {
    queue: { observedAt: now, stats: buildStats({ depth: 3, pending: 1, oldestQueuedAt: NOW }) },
    ...change,
  });

it('keeps what waits, for how long on the clock of the API, who polls, and what is live and stale', async () => {
  const items = buildItems([
    buildItem('fresh', { ...RUN, latestHeartbeatAt: NOW }),
    buildItem('silent', { ...RUN, latestHeartbeatAt: NOW - 800_000 }),
    buildItem('queued'),
  ]);
  const { clock, latest } = watched((now) => [read(now, { items: { ...items, observedAt: now } })]);
  await clock.advance(SAMPLE_EVERY_MS);
  expect(latest('env_1')).toEqual({ waiting: 4, oldestSeconds: 90, polling: 2, live: 2, stale: 1 });
});

it.each<[string, Partial<EnvironmentState>, object]>([
  [
    'a queue that was read too long ago',
    { queue: { observedAt: NOW - 9e6, stats: buildStats() } },
    { waiting: Number.NaN },
  ],
  [
    'a queue without an age',
    { queue: { observedAt: NOW, stats: buildStats({ oldestQueuedAt: null }) } },
    { oldestSeconds: Number.NaN, waiting: 3 },
  ],
  [
    'no count of workers',
    { queue: { observedAt: NOW, stats: buildStats({ workersPolling: null }) } },
    { polling: Number.NaN },
  ],
  ['a list that is not read', { items: null }, { live: Number.NaN, stale: Number.NaN }],
])('keeps no number for %s', async (_name, change, expected) => {
  const { clock, latest } = watched((now) => [read(now, change)]);
  await clock.advance(SAMPLE_EVERY_MS);
  expect(latest('env_1')).toMatchObject(expected);
});

it('keeps an hour, whatever comes after, and leaves out what a machine that slept has missed', async () => {
  let depth = 0;
  const { clock, lastHour, sleep } = watched((now) => [
    read(now, { queue: { observedAt: now, stats: buildStats({ depth: ++depth, pending: 0 }) } }),
  ]);
  await clock.advance((SAMPLES_KEPT + 10) * SAMPLE_EVERY_MS);
  const whole = lastHour.of('env_1')!.numbersOf('waiting');
  expect(whole).toEqual(Array.from({ length: SAMPLES_KEPT }, (_, index) => index + 11));

  sleep(2 * SAMPLE_EVERY_MS);
  await clock.advance(2 * SAMPLE_EVERY_MS);
  expect(lastHour.of('env_1')!.numbersOf('waiting').slice(-6)).toEqual([129, 130, Number.NaN, Number.NaN, 131, 132]);
});

it('forgets an environment that is not watched any more', async () => {
  let states = [read(NOW)];
  const { clock, lastHour } = watched(() => states);
  expect(lastHour.of('env_1')).toBeUndefined();
  await clock.advance(SAMPLE_EVERY_MS);
  expect(lastHour.of('env_1')).toBeDefined();
  states = [];
  await clock.advance(SAMPLE_EVERY_MS);
  expect(lastHour.of('env_1')).toBeUndefined();
});

it('looks no more once it is stopped', async () => {
  const { clock, lastHour } = watched((now) => [read(now)]);
  lastHour.stop();
  await clock.advance(SAMPLE_EVERY_MS);
  expect(lastHour.of('env_1')).toBeUndefined();
});
