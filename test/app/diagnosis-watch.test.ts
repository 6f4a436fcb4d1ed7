import { expect, it } from 'vitest';
import { DiagnosisWatch } from '../../src/app/diagnosis-watch.ts';
import { observeEnvironment } from '../../src/app/facts.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { silentLogger } from '../support/silent.ts';
import { buildState, NOW } from '../support/states.ts';

it('a diagnosis that fails says so once, and after a minute says nothing of the conditions any more', async () => {
  const clock = new ManualClock(NOW);
  const errors: unknown[] = [];
  let isBroken = false;
  const watch = new DiagnosisWatch({
    clock,
    logger: { ...silentLogger, error: ({ event }) => errors.push(event) },
    environments: () => {
      if (isBroken) throw new Error('a bug');
      return [
        observeEnvironment(buildState(), {
          now: clock.now(),
          monotonic: clock.monotonic(),
          skewMs: 0,
          isPaused: false,
        }),
      ];
    },
    connections: () => [],
    looked: () => {},
  });
  expect(watch.report).toBeNull();
  watch.start();
  expect(watch.report!.at).toBe(NOW);
  await clock.advance(45_000);
  isBroken = true;
  await clock.advance(60_000);
  expect(watch.report!.at).toBe(NOW + 45_000);
  await clock.advance(15_000);
  expect([watch.report, errors]).toEqual([null, ['diagnosis.failed']]);
  isBroken = false;
  await clock.advance(15_000);
  expect(watch.report!.at).toBe(clock.now());
  watch.stop();
  expect(clock.timers).toBe(0);
});
