import { deadStats } from '../support/dead-fleet.ts';
import { step } from '../support/lines.ts';
import { alone, environment, exporter, lostScrapes, type Series } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

/** The exporter is down whenever `down` says so. */
function flapping(all: readonly Series[], down: (minute: number) => boolean): readonly Series[] {
  return all.map((one) => ({
    ...one,
    line: (minute: number) => {
      if (!down(minute)) return typeof one.line === 'function' ? one.line(minute) : one.line;
      return one.name === 'up' ? 0 : null;
    },
  }));
}

export const EXPORTER_SITUATIONS: readonly Situation[] = [
  {
    name: 'one scrape is lost every five minutes',
    series: flapping(alone({}), (minute) => minute % 5 === 0),
    minutes: 60,
  },
  { name: 'the exporter is rolled out: two minutes without it', series: lostScrapes(alone({}), [10, 12]), minutes: 40 },
  {
    name: 'one of two replicas cannot read',
    series: [
      ...exporter(),
      ...environment(),
      ...exporter({}, { instance: 'b' }),
      ...environment({ upStats: step(10, 1, 0), lastStats: (minute) => Math.min(minute, 10) * 60 }, { instance: 'b' }),
    ],
    minutes: 40,
  },
  {
    name: 'a dead replica whose clock was ten minutes ahead, and a dead fleet',
    series: [
      ...exporter(),
      ...environment(deadStats(15)),
      ...lostScrapes(
        [
          ...exporter({ time: (minute) => minute * 60 + 600 }, { instance: 'b' }),
          ...environment({ lastStats: (minute) => minute * 60 + 600 }, { instance: 'b' }),
        ],
        [10, 1e6],
      ),
    ],
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [17, 20] }],
  },
  {
    name: 'more environments than may be watched',
    series: [...exporter({ dropped: 3, discovery: 1 }), ...environment()],
    minutes: 40,
    tickets: [{ condition: 'discovery_failing', environment: null, starts: [10, 18] }],
  },
  {
    name: 'a list longer than the exporter reads',
    series: alone({ truncated: 1 }),
    minutes: 40,
    tickets: [{ condition: 'coverage_reduced' }],
  },
  {
    name: 'a budget that stretches the intervals of every read',
    series: alone({ statsInterval: 60, listInterval: 120 }),
    minutes: 40,
    tickets: [{ condition: 'coverage_reduced', starts: [4, 12] }],
  },
  {
    name: 'intervals twice as long as configured',
    series: alone({ statsInterval: 30, listInterval: 60 }),
    minutes: 40,
  },
  {
    name: 'a key expires in ten days',
    series: [...exporter({ expiry: 864_000 }), ...environment()],
    minutes: 40,
    tickets: [{ condition: 'key_expiring', environment: null, starts: [4, 17] }],
  },
  {
    name: 'a key expires in a month',
    series: [...exporter({ expiry: 30 * 86_400 }), ...environment()],
    minutes: 40,
  },
  {
    name: 'the exporter is restarted twice by a rollout',
    series: [...exporter({ started: (minute) => (minute < 10 ? 1 : minute < 20 ? 600 : 1200) }), ...environment()],
    minutes: 40,
  },
];
