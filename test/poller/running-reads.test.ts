import { expect, it } from 'vitest';
import { RunningReads } from '../../src/poller/running-reads.ts';
import type { PollJob } from '../../src/poller/schedule/poll-job.ts';

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
  const running = new RunningReads();
  const [first, other] = [readOf(running, ONE), readOf(running, TWO)];
  running.abort(ONE);
  await running.endOf(ONE);
  expect([first, other].map(({ signal }) => signal.aborted)).toEqual([true, false]);
  expect(readOf(running, ONE).signal.aborted).toBe(false);
});

it('calling off a read that has ended calls off no other', async () => {
  const running = new RunningReads();
  const ended = readOf(running, ONE);
  ended.end();
  await running.endOf(ONE);
  const next = readOf(running, TWO);
  running.abort(ONE);
  expect(next.signal.aborted).toBe(false);
  await Promise.all([running.abortAll(), running.endOf(TWO)]);
  expect(next.signal.aborted).toBe(true);
});
