import { expect, it } from 'vitest';
import { FileWatcher } from '../../src/app/files/file-watcher.ts';
import { setAlignedTimer } from '../../src/base/aligned-timer.ts';
import { IntervalScaler } from '../../src/poller/interval-scaler.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { SILENT_POLL_LOG } from '../support/silent-poll-log.ts';

it.each([
  { from: 0, until: 10_000 },
  { from: 1, until: 10_000 },
  { from: 9999.5, until: 10_000 },
  { from: 10_000, until: 20_000 },
  { from: 123_456, until: 130_000 },
])('waits from $from until $until', async ({ from, until }) => {
  const clock = new ManualClock();
  await clock.advance(from);
  const calledAt: number[] = [];
  setAlignedTimer(clock, 10_000, () => calledAt.push(clock.monotonic()));
  await clock.advance(30_000);
  expect(calledAt).toEqual([until]);
});

it('calls nothing once it is cancelled', async () => {
  const clock = new ManualClock();
  const cancel = setAlignedTimer(clock, 10_000, () => expect.unreachable());
  cancel();
  await clock.advance(30_000);
  expect(clock.timers).toBe(0);
});

it('wakes files and intervals in the same moments, whenever they were started', async () => {
  const clock = new ManualClock();
  const looks: string[] = [];
  const look = (what: string): [] => {
    looks.push(`${what} ${clock.monotonic() / 1000}`);
    return [];
  };
  const files = { readFile: () => Buffer.from(''), readdir: () => [] };
  const paths = () => look('files');
  const watcher = new FileWatcher({ clock, files, paths, changed: async () => {} });
  const scaler = new IntervalScaler({
    clock,
    states: new MemoryStateStore(),
    log: SILENT_POLL_LOG,
    connection: () => ({ name: 'default', budget: { configuredPerMinute: 240 } }) as never,
    jobs: () => look('intervals'),
    scaled: () => {},
  });
  await clock.advance(1000);
  scaler.start();
  await clock.advance(2000);
  await clock.advance(4000);
  await watcher.start();
  looks.length = 0;
  await clock.advance(25_000);
  expect(looks.toSorted()).toEqual(
    ['files 10', 'files 20', 'files 30', 'intervals 10', 'intervals 20', 'intervals 30'].sort(),
  );
  scaler.stop();
  watcher.stop();
  expect(clock.timers).toBe(0);
});
