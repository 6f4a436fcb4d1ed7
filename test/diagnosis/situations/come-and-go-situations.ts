import { DEATH, deadStats } from '../support/dead-fleet.ts';
import { during } from '../support/lines.ts';
import { alone, byStats, environment, exporter, lostScrapes, type Series } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

/** Series that are there between two minutes only: an environment that is added or removed. */
function present(all: readonly Series[], from: number, to = 1e6): readonly Series[] {
  return all.map((one) => ({ ...one, line: during(from, to, [null, one.line]) }));
}

/** Environments that are added, removed and lost, and an exporter that is away. */
export const COME_AND_GO_SITUATIONS: readonly Situation[] = [
  {
    name: 'the exporter is away for ten minutes in the middle of a page about a dead fleet: the page stays',
    series: lostScrapes(alone(deadStats(DEATH)), [20, 30]),
    minutes: 45,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 14.5] }],
  },
  {
    name: 'the fleet comes back while the exporter is away: the page ends soon after it is back',
    series: lostScrapes(alone(deadStats(DEATH, 25)), [20, 30]),
    minutes: 45,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 14.5], over: 36 }],
  },
  {
    name: 'an environment with a dead fleet is taken out of the configuration: its page ends',
    series: [...exporter(), ...environment({}, { id: 'f' }), ...present(environment(deadStats(DEATH)), 0, 25)],
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 14.5], over: 31 }],
  },
  {
    name: 'discovery loses an environment with a dead fleet for four minutes: one page',
    series: alone(deadStats(DEATH)).map((one) =>
      one.labels.environment_id === undefined ? one : { ...one, line: during(20, 24, [one.line, null]) },
    ),
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 14.5] }],
  },
  {
    name: 'discovery loses a healthy environment for four minutes, and finds it again',
    series: alone({}).map((one) =>
      one.labels.environment_id === undefined ? one : { ...one, line: during(20, 24, [one.line, null]) },
    ),
    minutes: 40,
  },
  {
    name: 'an environment is added whose fleet has been dead for an hour',
    series: [
      ...exporter(),
      ...present(
        environment({
          ...deadStats(0),
          watchedSince: 600,
          age: (minute) => 3600 + minute * 60,
          head: 1,
          sinceQueued: 1,
        }),
        10,
      ),
    ],
    minutes: 30,
    pages: [{ condition: 'no_workers', starts: [10, 14] }],
  },
  {
    name: 'an environment is added whose fleet has been dead for an hour, an API key alone',
    series: [
      ...exporter(),
      ...present(
        environment({ ...byStats(deadStats(0)), watchedSince: 600, age: (minute) => 3600 + minute * 60, head: 1 }),
        10,
      ),
    ],
    minutes: 30,
    pages: [{ condition: 'no_workers', starts: [10, 17.5] }],
  },
  {
    name: 'an environment is added, an API key alone: its one worker is in a run of six minutes',
    series: [
      ...exporter(),
      ...present(
        environment({
          ...byStats({}),
          watchedSince: 600,
          polling: 0,
          depth: 2,
          age: (minute) => 310 + ((minute - 12) % 6 < 0 ? (minute - 10) * 60 : ((minute - 12) % 6) * 60 - 290),
          head: (minute) => (minute < 12 ? 290 : Math.floor((minute - 12) / 6) * 360 + 700),
        }),
        10,
      ),
    ],
    minutes: 40,
  },
];
