import { type Line, step } from './lines.ts';
import type { EnvironmentLines } from './series.ts';

/** The fleet dies at minute 10; one item a minute arrives, and nobody takes it until the repair. */
export const DEATH = 10;

/** A dead fleet as stats show it. */
export function deadStats(from: number, to = 1e6): EnvironmentLines {
  const dead = (minute: number) => minute >= from && minute < to;
  return {
    polling: (minute) => (dead(minute) ? 0 : 2),
    depth: (minute) => (dead(minute) ? 1 + Math.floor(minute - from) : 0),
    age: (minute) => (dead(minute) ? (minute - from) * 60 : 0),
    head: (minute) => (dead(minute) ? from * 60 : null),
    itemsQueued: (minute) => (dead(minute) ? 1 + Math.floor(minute - from) : 0),
    sinceQueued: (minute) => (dead(minute) ? from * 60 : null),
    acknowledged: (minute) => Math.floor(dead(minute) ? from : minute),
    stopped: (minute) => Math.floor(dead(minute) ? from : minute),
  };
}

/** The same with the drain after the repair: the backlog shrinks by four items a minute. */
export function drained(from: number, repair: number): EnvironmentLines {
  const backlog = 1 + Math.floor(repair - from);
  const left = (minute: number) => Math.max(0, backlog - Math.floor((minute - repair) * 4));
  const oldest = (minute: number) => (left(minute) === 0 ? 0 : (repair - from) * 60 * (left(minute) / backlog));
  const before = deadStats(from, repair);
  const after = (key: keyof EnvironmentLines, line: Line): Line => step(repair, before[key]!, line);
  return {
    ...before,
    polling: after('polling', (minute) => (left(minute) > 0 ? 0 : 2)),
    depth: after('depth', left),
    age: after('age', oldest),
    head: after('head', (minute) => (left(minute) === 0 ? null : minute * 60 - oldest(minute))),
    itemsQueued: after('itemsQueued', left),
    sinceQueued: after('sinceQueued', (minute) => (left(minute) === 0 ? null : minute * 60 - oldest(minute))),
    itemsActive: step(repair, 0, (minute) => (left(minute) > 0 ? 2 : 0)),
    acknowledged: after('acknowledged', (minute) => from + (minute - repair) * 4),
    stopped: after('stopped', (minute) => from + (minute - repair) * 4),
  };
}

/** The page about such a fleet, in time. */
export const noWorkers = (by = 14.5, over?: number) => ({
  condition: 'no_workers' as const,
  starts: [DEATH + 2, by] as const,
  ...(over === undefined ? {} : { over }),
});
