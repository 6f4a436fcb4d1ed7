import { describe, expect, it, vi } from 'vitest';
import { Deadlines } from '../../../src/client/http/deadlines.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const TIMEOUT_MS = 10_000;

function start() {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock, TIMEOUT_MS);
  const passed: [name: string, at: number][] = [];
  const begin = (name: string) => deadlines.begin(() => passed.push([name, clock.monotonic()]));
  return { clock, deadlines, passed, begin };
}

describe('the deadlines of requests', () => {
  it('each deadline passes at its own time', () => {
    const { clock, passed, begin } = start();
    begin('a');
    begin('b');
    clock.advanceNow(4000);
    begin('c');
    clock.advanceNow(3 * TIMEOUT_MS);
    begin('d');
    clock.advanceNow(TIMEOUT_MS);
    expect(passed).toEqual([
      ['a', TIMEOUT_MS],
      ['b', TIMEOUT_MS],
      ['c', 4000 + TIMEOUT_MS],
      ['d', 4000 + 4 * TIMEOUT_MS],
    ]);
  });

  it('do not pass for a request that ended, whichever began before or after it', () => {
    const { clock, passed, begin } = start();
    const [a] = [begin('a'), begin('b')];
    clock.advanceNow(4000);
    const c = begin('c');
    begin('d');
    a();
    c();
    clock.advanceNow(3 * TIMEOUT_MS);
    expect(passed).toEqual([
      ['b', TIMEOUT_MS],
      ['d', 4000 + TIMEOUT_MS],
    ]);
  });

  it.each([
    ['has come meanwhile', true, []],
    ['does not come either', false, [['a', 60_250]]],
  ])('wait a moment where the process was paused: an answer that %s', (_, comes, expected) => {
    const { clock, deadlines, passed, begin } = start();
    const setTimer = vi.spyOn(clock, 'setTimer');
    const end = begin('a');
    const [, look] = setTimer.mock.calls[0]!;
    // The timers of the pause come after it.
    setTimer.mockClear();
    const monotonic = vi.spyOn(clock, 'monotonic').mockReturnValue(60_000);
    look();
    expect(passed).toEqual([]);
    const [delayMs, lookAgain] = setTimer.mock.calls[0]!;
    monotonic.mockReturnValue(60_000 + delayMs);
    if (comes) end();
    lookAgain();
    expect(passed).toEqual(expected);
    deadlines.close();
  });

  it('need a timer per time, whatever the number of requests, and none when nothing has been sent for a while', () => {
    const { clock, begin } = start();
    const setTimer = vi.spyOn(clock, 'setTimer');
    for (let count = 0; count < 1000; count++) {
      begin(`${count}`)();
      clock.advanceNow(17);
    }
    expect(setTimer.mock.calls.length).toBeLessThanOrEqual((1000 * 17) / TIMEOUT_MS + 2);
    clock.advanceNow(TIMEOUT_MS);
    expect(clock.timers).toBe(0);
  });

  it('wake nobody after rare requests, which end in time', () => {
    const { clock, begin } = start();
    const begun = [];
    for (let minute = 0; minute < 3; minute++) {
      begin('rare')();
      begun.push(clock.timers);
      clock.advanceNow(60_000);
    }
    expect(begun).toEqual([0, 0, 0]);
  });

  it('pass for one of the requests that are rare, whatever the other does', () => {
    const { clock, passed, begin } = start();
    const end = begin('first');
    clock.advanceNow(TIMEOUT_MS / 2);
    begin('second');
    end();
    clock.advanceNow(60_000);
    begin('third');
    clock.advanceNow(60_000);
    expect(passed).toEqual([
      ['second', 1.5 * TIMEOUT_MS],
      ['third', TIMEOUT_MS / 2 + 60_000 + TIMEOUT_MS],
    ]);
  });

  it('a deadline may begin while others pass', () => {
    const { clock, deadlines, passed, begin } = start();
    deadlines.begin(() => begin('again'));
    clock.advanceNow(2 * TIMEOUT_MS);
    expect(passed).toEqual([['again', 2 * TIMEOUT_MS]]);
  });

  it('do not pass for a request that ends while another one due at the same time passes', () => {
    const { clock, deadlines, passed, begin } = start();
    deadlines.begin(() => end());
    const end = begin('ended');
    begin('other');
    clock.advanceNow(TIMEOUT_MS);
    expect(passed).toEqual([['other', TIMEOUT_MS]]);
  });

  it('leave no timer behind once they are closed, and keep those of requests under way', () => {
    const { clock, deadlines, passed, begin } = start();
    begin('a')();
    const b = begin('b');
    deadlines.close();
    expect(clock.timers).toBe(1);
    b();
    expect(clock.timers).toBe(0);
    begin('c');
    clock.advanceNow(TIMEOUT_MS);
    expect(passed).toEqual([['c', TIMEOUT_MS]]);
    begin('d')();
    expect(clock.timers).toBe(0);
  });
});
