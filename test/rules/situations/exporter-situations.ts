import { deadStats } from '../support/dead-fleet.ts';
import { during, step } from '../support/lines.ts';
import { alone, lostScrapes } from '../support/rule-case.ts';
import { environment, exporter, type Series } from '../support/series.ts';
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

/** A process that watches part `index` of three, with an environment of its own. */
const shardOf = (index: number, instance = `shard-${index}`): readonly Series[] => [
  ...exporter({}, { instance, shard: `${index}/3` }),
  ...environment({}, { id: `e${index}`, name: `x${index}`, instance }),
];

/** Targets that are there for a while only. */
const present = (all: readonly Series[], [from, to]: readonly [number, number]): readonly Series[] =>
  all.map((one) => ({
    ...one,
    line: (minute: number) => {
      if (minute < from || minute >= to) return null;
      return typeof one.line === 'function' ? one.line(minute) : one.line;
    },
  }));

export const EXPORTER_SITUATIONS: readonly Situation[] = [
  {
    name: 'the exporter dies',
    series: lostScrapes(alone({}), [10, 1e6]),
    minutes: 40,
    pages: [{ alert: 'ExporterAbsent', environment: null, starts: [12, 16] }],
  },
  {
    name: 'the exporter dies and comes back',
    series: lostScrapes(alone({}), [10, 30]),
    minutes: 40,
    pages: [{ alert: 'ExporterAbsent', environment: null, starts: [12, 16], over: 36 }],
  },
  {
    name: 'the exporter crashes every minute',
    series: flapping(alone({}), (minute) => minute >= 10 && minute % 2 !== 0),
    minutes: 40,
    pages: [{ alert: 'ExporterAbsent', environment: null }],
  },
  {
    name: 'one scrape is lost every five minutes',
    series: flapping(alone({}), (minute) => minute % 5 === 0),
    minutes: 60,
  },
  { name: 'the exporter is rolled out: two minutes without it', series: lostScrapes(alone({}), [10, 12]), minutes: 40 },
  {
    name: 'one of two replicas is down',
    series: [
      ...exporter(),
      ...environment(),
      ...lostScrapes([...exporter({}, { instance: 'b' }), ...environment({}, { instance: 'b' })], [10, 1e6]),
    ],
    minutes: 40,
    tickets: [{ alert: 'ExporterInstanceDown', environment: null }],
  },
  {
    name: 'one of two replicas cannot read',
    series: [
      ...exporter(),
      ...environment(),
      ...exporter({}, { instance: 'b' }),
      ...environment({ upStats: step(10, 1, 0), lastStats: (minute) => Math.min(minute, 10) * 60 }, { instance: 'b' }),
    ],
    minutes: 40,
    tickets: [{ alert: 'ReplicaBlind', environment: null }],
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
    pages: [{ alert: 'NoWorkers', starts: [17, 20] }],
    tickets: [{ alert: 'ExporterInstanceDown', environment: null }],
  },
  {
    name: 'a fleet in three shards',
    series: [0, 1, 2].flatMap((index) => shardOf(index)),
    minutes: 40,
  },
  {
    name: 'one of three shards dies',
    series: [...shardOf(0), ...shardOf(1), ...lostScrapes(shardOf(2), [10, 1e6])],
    minutes: 40,
    pages: [{ alert: 'ExporterShardMissing', environment: null, starts: [12, 14] }],
    tickets: [{ alert: 'ExporterInstanceDown', environment: null }],
  },
  {
    name: 'one of three shards dies and comes back: nothing is told after the repair but its end',
    series: [...shardOf(0), ...shardOf(1), ...lostScrapes(shardOf(2), [10, 35])],
    minutes: 60,
    pages: [{ alert: 'ExporterShardMissing', environment: null, starts: [12, 14], over: 42 }],
    muted: [
      {
        ...{ alert: 'ExporterInstanceDown', environment: null, severity: 'warning', starts: [20, 30], over: 41 },
        by: 'ExporterShardMissing',
      },
    ],
  },
  {
    name: 'one of three shards crashes after a minute, again and again, and is started five minutes later: one page',
    series: [
      ...shardOf(0),
      ...shardOf(1),
      ...flapping(shardOf(2), (minute) => minute >= 10 && minute < 45 && (minute - 10) % 6 < 5),
    ],
    minutes: 60,
    pages: [{ alert: 'ExporterShardMissing', environment: null, starts: [12, 14], over: 52 }],
    muted: [
      {
        ...{ alert: 'ExporterInstanceDown', environment: null, severity: 'warning', starts: [20, 40], over: 51 },
        by: 'ExporterShardMissing',
      },
    ],
  },
  {
    name: 'the pod of one of three shards is deleted, its target too, and one comes back elsewhere',
    series: [...shardOf(0), ...shardOf(1), ...present(shardOf(2), [0, 10]), ...present(shardOf(2, 'other'), [20, 1e6])],
    minutes: 40,
    pages: [{ alert: 'ExporterShardMissing', environment: null, starts: [12, 14], over: 28 }],
  },
  {
    name: 'one exporter becomes three shards, which start a minute after one another',
    series: [
      ...present(
        [...exporter({}, { instance: 'whole', shard: '0/1' }), ...environment({}, { instance: 'whole' })],
        [0, 20],
      ),
      ...[0, 1, 2].flatMap((index) => present(shardOf(index), [21 + index, 1e6])),
    ],
    minutes: 40,
  },
  {
    name: 'three shards are rolled out without a pause: one is away all the time, and never the same for long',
    series: [0, 1, 2].flatMap((index) => lostScrapes(shardOf(index), [10 + 1.5 * index, 11.5 + 1.5 * index])),
    minutes: 40,
  },
  {
    name: 'three shards are rolled out, one after the other, a minute and a half each',
    series: [0, 1, 2].flatMap((index) => lostScrapes(shardOf(index), [10 + 2 * index, 11.5 + 2 * index])),
    minutes: 40,
  },
  {
    name: 'a reload fails',
    series: [...exporter({ reloaded: step(10, 1, 0) }), ...environment()],
    minutes: 40,
    tickets: [{ alert: 'ExporterConfigReloadFailed', environment: null }],
  },
  {
    name: 'a reload that takes a minute on the second replica',
    series: [
      ...exporter({ hash: step(20, 7, 8) }),
      ...environment(),
      ...exporter({ hash: step(22, 7, 8) }, { instance: 'b' }),
      ...environment({}, { instance: 'b' }),
    ],
    minutes: 40,
  },
  {
    name: 'replicas run different configurations',
    series: [
      ...exporter(),
      ...environment(),
      ...exporter({ hash: 8 }, { instance: 'b' }),
      ...environment({}, { instance: 'b' }),
    ],
    minutes: 40,
    tickets: [{ alert: 'ConfigDisagrees', environment: null, starts: [10, 17] }],
  },
  {
    name: 'the state file cannot be written',
    series: [...exporter({ stateFile: step(10, 1, 0) }), ...environment()],
    minutes: 40,
    tickets: [{ alert: 'StateFileFailing', environment: null }],
  },
  {
    name: 'more environments than may be watched',
    series: [...exporter({ dropped: 3 }), ...environment()],
    minutes: 40,
    tickets: [{ alert: 'CoverageReduced', environment: null }],
  },
  {
    name: 'a limit of series takes away every series of one of two environments',
    series: [...exporter({ watched: 2 }), ...environment()],
    minutes: 40,
    tickets: [{ alert: 'CoverageReduced', environment: null, starts: [14, 16] }],
  },
  {
    name: 'a list longer than the exporter reads',
    series: alone({ truncated: 1 }),
    minutes: 40,
    tickets: [{ alert: 'CoverageReduced' }],
  },
  {
    name: 'a budget that stretches the intervals of every read',
    series: alone({ statsInterval: 60, listInterval: 120 }),
    minutes: 40,
    tickets: [{ alert: 'CoverageReduced', environment: null }],
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
    tickets: [{ alert: 'CredentialExpiring', environment: null, starts: [10, 17] }],
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
  {
    name: 'the exporter restarts every five minutes',
    series: [...exporter({ started: (minute) => Math.floor(minute / 5) * 300 }), ...environment()],
    minutes: 40,
    tickets: [{ alert: 'ExporterRestarting', environment: null }],
  },
  {
    name: 'the API uses a word that is new',
    series: [...exporter({ unknownState: during(10, 1e6, [0, 4]) }), ...environment()],
    minutes: 40,
  },
];
