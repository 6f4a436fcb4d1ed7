import { expect, it } from 'vitest';
import { RunningReads } from '../../../src/poller/reads/running-reads.ts';
import type { PollJob } from '../../../src/poller/schedule/poll-job.ts';
import { SLOW_MS } from '../../../src/poller/schedule/slow-job.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { beginFullScan, newPollJob } from '../../support/new-poll-job.ts';

interface Row {
  readonly change?: Partial<PollJob>;
  readonly calledOff?: boolean;
  readonly next?: number;
}

const [ONE, TWO] = [{}, {}] as [PollJob, PollJob];

/** A read that lasts until it is told to end, or is called off. */
function readOf(running: RunningReads, job: PollJob) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  running.begin(
    job,
    (given) => {
      signal = given;
      given.addEventListener('abort', () => resolve(), { once: true });
      return promise;
    },
    () => {},
  );
  return { signal: signal!, end: resolve };
}

it('calling off one read leaves those that go on, and those that come later, alone', async () => {
  const running = new RunningReads(new ManualClock());
  const [first, other] = [readOf(running, ONE), readOf(running, TWO)];
  running.abort(ONE);
  await running.endOf(ONE);
  expect([first, other].map(({ signal }) => signal.aborted)).toEqual([true, false]);
  expect(readOf(running, ONE).signal.aborted).toBe(false);
});

it('calling off a read that has ended calls off no other', async () => {
  const running = new RunningReads(new ManualClock());
  const ended = readOf(running, ONE);
  ended.end();
  await running.endOf(ONE);
  const next = readOf(running, TWO);
  running.abort(ONE);
  expect(next.signal.aborted).toBe(false);
  await Promise.all([running.abortAll(), running.endOf(TWO)]);
  expect(next.signal.aborted).toBe(true);
});

/** One that is answered at once. */
async function quickRead(running: RunningReads): Promise<void> {
  const job = newPollJob('env_2', 'stats');
  readOf(running, job).end();
  await running.endOf(job);
}

it.each([
  { what: 'hangs while a later one was quick', operation: 'stats', now: SLOW_MS, quickAt: 20, calledOff: true },
  { what: 'has not hung for long', operation: 'stats', now: SLOW_MS - 1, quickAt: 20, next: SLOW_MS },
  { what: 'hangs like all that began since', operation: 'stats', now: SLOW_MS, quickAt: null },
  { what: 'counts as slow already', operation: 'stats', change: { slow: true }, now: SLOW_MS, quickAt: 20 },
  {
    what: 'reads one page',
    operation: 'list',
    change: { requestsPerRead: 1 },
    now: 9000,
    quickAt: 20,
    calledOff: true,
  },
  { what: 'reads pages', operation: 'list', change: { requestsPerRead: 1.5 }, now: 9000, quickAt: 20 },
  { what: 'reads nobody knows how many pages', operation: 'list', now: 9000, quickAt: 20 },
  { what: 'waits without a slot', operation: 'stats', change: { waiting: true }, now: 9000, quickAt: 20 },
] as const)('a read that $what makes room: $calledOff', async ({ operation, now, quickAt, ...row }) => {
  const { change = {}, calledOff = false, next = Number.POSITIVE_INFINITY } = { change: {}, ...row } as Row;
  const clock = new ManualClock();
  const running = new RunningReads(clock);
  const job = newPollJob('env_1', operation, change);
  const { signal, end } = readOf(running, job);
  await clock.advance(quickAt ?? 0);
  if (quickAt !== null) await quickRead(running);
  await clock.advance(now - (quickAt ?? 0));
  expect(running.cancelHanging(false)).toBe(Number.POSITIVE_INFINITY);
  expect({ aborted: signal.aborted, slow: job.slow }).toEqual({ aborted: false, slow: change.slow === true });
  expect(running.cancelHanging(true)).toBe(next);
  expect({ aborted: signal.aborted, slow: job.slow }).toEqual({
    aborted: calledOff,
    slow: calledOff || change.slow === true,
  });
  const ended = running.endOf(job);
  end();
  expect(await ended).toBe(!calledOff);
});

it.each([
  { what: 'one waited to its deadline in vain', ends: ['timeout'], calledOff: true },
  { what: 'a slow one was answered', ends: ['slow'] },
  { what: 'a slow one was answered after that', ends: ['timeout', 'slow'] },
  { what: 'one waited in vain after a slow one was answered', ends: ['slow', 'timeout'], calledOff: true },
  { what: 'one failed soon', ends: ['network'] },
  { what: 'one waited in vain more than a minute ago', ends: ['timeout'], later: 60_000 },
] as const)('what hangs while none is quick makes room after $what: $calledOff', async ({ ends, ...row }) => {
  const { calledOff = false, later = 0 } = { calledOff: false, later: 0, ...row };
  const clock = new ManualClock();
  const running = new RunningReads(clock);
  for (const end of ends) {
    await clock.advance(10_000);
    const job = newPollJob('env_2', 'stats', {
      failing: end === 'slow' ? null : end,
      slow: end !== 'network',
    });
    readOf(running, job).end();
    await running.endOf(job);
  }
  await clock.advance(later);
  const job = newPollJob('env_1', 'stats');
  const { signal } = readOf(running, job);
  await clock.advance(SLOW_MS);
  running.cancelHanging(true);
  expect({ aborted: signal.aborted, slow: job.slow }).toEqual({ aborted: calledOff, slow: calledOff });
});

it('a full scan that has pages makes no room', async () => {
  const clock = new ManualClock();
  const running = new RunningReads(clock);
  const job = newPollJob('env_1', 'list', { requestsPerRead: 1 });
  beginFullScan(job);
  job.scanState.fullScans.pageRead(100);
  const { signal } = readOf(running, job);
  await clock.advance(20);
  await quickRead(running);
  await clock.advance(9000);
  expect(running.cancelHanging(true)).toBe(Number.POSITIVE_INFINITY);
  expect(signal.aborted).toBe(false);
});

it.each<[string, Array<[atMs: number, wasSlow: boolean, failing: PollJob['failing']]>, readonly number[]]>([
  ['one that times out', [[10_000, false, 'timeout']], [0]],
  ['one that is known to', [[10_000, true, 'timeout']], []],
  ['one that fails otherwise', [[10_000, false, 'network']], []],
  [
    'several within a minute',
    [
      [10_000, false, 'timeout'],
      [15_000, false, 'timeout'],
      [70_000, false, 'timeout'],
    ],
    [0],
  ],
  [
    'another one after a quiet minute',
    [
      [10_000, false, 'timeout'],
      [75_000, false, 'timeout'],
    ],
    [0, 10_000],
  ],
])('tells when reads begin to hang, and since when: %s', async (_, ends, told) => {
  const clock = new ManualClock();
  const from = clock.monotonic();
  const since: number[] = [];
  const running = new RunningReads(clock, (at) => since.push(at - from));
  for (const [atMs, slow, failing] of ends) {
    const job = newPollJob('env_1', 'stats', { slow });
    const read = readOf(running, job);
    await clock.advance(from + atMs - clock.monotonic());
    Object.assign(job, { failing, slow: failing === 'timeout' || slow });
    read.end();
    await running.endOf(job);
  }
  expect(since).toEqual(told);
});

it('tells that reads begin to hang when it calls off one', async () => {
  const clock = new ManualClock();
  const since: number[] = [];
  const running = new RunningReads(clock, (at) => since.push(at));
  await clock.advance(1000);
  const begunAt = clock.monotonic();
  readOf(running, newPollJob('env_1', 'stats'));
  await clock.advance(100);
  await quickRead(running);
  await clock.advance(SLOW_MS);
  running.cancelHanging(true);
  expect(since).toEqual([begunAt]);
});
