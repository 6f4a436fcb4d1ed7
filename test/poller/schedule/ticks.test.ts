import { expect, it } from 'vitest';
import { nearestStart, tickMs } from '../../../src/poller/schedule/ticks.ts';

it.each([
  [1, 0],
  [40, 0],
  [41, 250],
  [2000, 250],
])('%d jobs of a connection that become due within so many milliseconds go out together: %d', (jobs, ms) => {
  expect(tickMs(jobs)).toBe(ms);
});

it.each<[what: string, at: number, jobs: number, variesMs: number, start: number]>([
  ['of a small fleet, at its own time', 1749.9, 40, 3000, 1749.9],
  ['of a larger one, at the full second before', 1499, 41, 3000, 1000],
  ['of a larger one, at the full second after', 1500, 41, 3000, 2000],
  ['of an interval of ten seconds, at a full second', 1499, 41, 1000, 1000],
  ['of a shorter interval, at a quarter of a second', 1374, 41, 999, 1250],
])('a regular read starts, %s', (_, at, jobs, variesMs, start) => {
  expect(nearestStart(at, { jobs }, variesMs)).toBe(start);
});
