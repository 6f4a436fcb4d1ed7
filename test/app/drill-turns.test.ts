import { describe, expect, it } from 'vitest';
import { Drill } from '../../src/app/drill.ts';
import { seededRandom } from '../../src/base/random.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { silentLogger } from '../support/silent-logger.ts';

const MINUTE_MS = 60_000;

/** A drill, and which one was watched after each change. */
function rehearsed() {
  const clock = new ManualClock();
  const watched: (string | null)[] = [];
  const drill: Drill = new Drill({
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    changed: async () => void watched.push(drill.info?.scenario ?? null),
  });
  return { clock, watched, drill };
}

const codesOf = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? 'begun' : result.reason.code));

describe('a drill that is asked for while another begins or ends', () => {
  it('a drill never begins beside another one', async () => {
    const { drill, watched } = rehearsed();
    const asked = ['no-workers', 'saturated', 'api-down'].map((scenario) => drill.start(scenario, 15));
    expect(codesOf(await Promise.allSettled(asked))).toEqual(['begun', 'drill_running', 'drill_running']);
    expect(drill.info?.scenario).toBe('no-workers');
    await drill.stop();
    expect(watched).toEqual(['no-workers', null]);
  });

  it('ends when it was told to, although it had not begun', async () => {
    const { drill, watched } = rehearsed();
    const begun = drill.start('no-workers', 15);
    expect(await drill.end()).toBe(true);
    expect((await begun).scenario).toBe('no-workers');
    expect(watched).toEqual(['no-workers', null]);
    expect(await drill.end()).toBe(false);
  });

  it('has its own time, also when that of the one before runs out at its end', async () => {
    const { drill, clock, watched } = rehearsed();
    await drill.start('no-workers', 15);
    clock.advanceNow(15 * MINUTE_MS - 1);
    const ended = drill.end();
    const begun = drill.start('saturated', 5);
    clock.advanceNow(1);
    expect(await ended).toBe(true);
    await begun;
    // Whoever asks now is behind whatever the timer has asked for.
    await expect(drill.start('api-down', 1)).rejects.toMatchObject({ code: 'drill_running' });
    expect(drill.info?.scenario).toBe('saturated');
    clock.advanceNow(5 * MINUTE_MS);
    expect(await drill.end()).toBe(false);
    expect(watched).toEqual(['no-workers', null, 'saturated', null]);
  });

  it('does not outlive the process, and none begins while it stops', async () => {
    const { drill, watched } = rehearsed();
    const asked = drill.start('no-workers', 15);
    const stopped = drill.stop();
    const late = drill.start('saturated', 15);
    expect(codesOf(await Promise.allSettled([asked, late]))).toEqual(['stopping', 'stopping']);
    await stopped;
    expect(watched).toEqual([]);
  });
});
