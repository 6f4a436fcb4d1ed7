import { during, step, valueAt } from '../support/lines.ts';
import { edges, fleet, lostScrapes, type RuleCase } from '../support/rule-case.ts';
import { environment, exporter } from '../support/series.ts';

const lost = fleet('CoverageReduced', 'warning', { with: { coverage: 'series' } });
const fleetOf = (count: number, instance: string) =>
  Array.from({ length: count }, (_, index) => environment({}, { id: `e${index}`, name: `n${index}`, instance })).flat();

/** What a limit or a filter between exporter and Prometheus takes away: environments of which no series is stored. */
export const COVERAGE_CASES: readonly RuleCase[] = [
  {
    name: 'CoverageReduced: one of three watched environments has no series',
    about: [],
    whole: true,
    series: [...exporter({ watched: during(10, 40, [2, 3]) }), ...fleetOf(2, 'a')],
    checks: edges([lost], { on: 25, off: 40 }),
  },
  {
    name: 'CoverageReduced: no environment has series',
    about: [],
    series: exporter({ watched: 2 }),
    checks: [[15, lost]],
  },
  {
    name: 'CoverageReduced: every watched environment has series, and so does a rehearsal that is not counted',
    about: ['CoverageReduced'],
    series: [...exporter({ watched: 2 }), ...fleetOf(3, 'a')],
    checks: [[40]],
  },
  {
    name: 'CoverageReduced: shards watch different numbers of environments, each all of its own',
    about: ['CoverageReduced'],
    series: [
      ...exporter({ watched: 3 }, { shard: '0/2' }),
      ...exporter({ watched: 1 }, { instance: 'b', shard: '1/2' }),
      ...fleetOf(3, 'a'),
      ...environment({}, { id: 'other', instance: 'b' }),
    ],
    checks: [[40]],
  },
  {
    name: 'CoverageReduced: the smaller shard has no series, and the larger one has more than that one watches',
    about: [],
    series: [
      ...exporter({ watched: 3 }, { shard: '0/2' }),
      ...exporter({ watched: 1 }, { instance: 'b', shard: '1/2' }),
      ...fleetOf(3, 'a'),
    ],
    checks: [[15, lost]],
  },
  {
    name: 'CoverageReduced: environments are removed in a reload, and added, and scrapes are lost',
    about: ['CoverageReduced'],
    series: lostScrapes(
      [
        ...exporter({ watched: (minute) => (minute < 20 ? 3 : minute < 30 ? 1 : 3) }),
        ...environment({}, { id: 'e0' }),
        ...['e1', 'e2'].flatMap((id) =>
          environment({}, { id }).map((one) => ({
            ...one,
            line: (minute: number) => (minute < 20 || minute >= 30 ? valueAt(one.line, minute) : null),
          })),
        ),
      ],
      [40, 41],
    ),
    checks: [[15], [25], [50]],
  },
  {
    name: 'CoverageReduced: of two views of the same process, the one in which it watches more counts',
    about: [],
    series: [
      ...environment(),
      ...[1, 2].flatMap((watched) =>
        exporter({ watched, ...(watched === 1 ? {} : { time: null }) }).map((one) => ({
          ...one,
          labels: { ...one.labels, replica: `${watched}` },
        })),
      ),
    ],
    checks: [[15, lost]],
  },
  {
    name: 'CoverageReduced: one of three watched environments has no series, as two Prometheus servers send them',
    about: [],
    series: ['one', 'other'].flatMap((replica) =>
      [...exporter({ watched: 3 }), ...fleetOf(2, 'a')].map((one) => ({ ...one, labels: { ...one.labels, replica } })),
    ),
    checks: [[15, lost]],
  },
  {
    name: 'CoverageReduced: the exporter that watches more than has series is gone',
    about: [],
    series: [...exporter({ watched: step(30, 2, null) }), ...environment({ info: step(30, 1, null) })],
    checks: [[31.5, lost], [32]],
  },
];
