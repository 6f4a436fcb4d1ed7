import type { Line } from '../support/lines.ts';
import { alone, edges, fires, type RuleCase, replicas } from '../support/rule-case.ts';
import type { EnvironmentLines, Series } from '../support/series.ts';

const tooShort = fires('RunsTooShort', 'warning');

/** What was counted before: a rule looks at what is new. */
const HISTORY = 1000;

/** A counter that grows so often within half an hour, evenly. */
const per = (halfHour: number): Line => {
  return (minute) => HISTORY + Math.floor((minute * halfHour) / 30);
};

interface HalfHour {
  readonly sessions: number;
  readonly short: number;
  /** Of the sessions, those whose wait is not known. */
  readonly unknown?: number;
  /** Health checks: acknowledged without a wait, and over at once. */
  readonly checks?: number;
}

function counters({ sessions, short, unknown = 0, checks = 0 }: HalfHour): EnvironmentLines {
  return {
    acknowledged: per(sessions + checks),
    waits: per(sessions - unknown),
    waitsUnknown: per(unknown),
    runs: per(sessions + checks),
    shortRuns: per(short + checks),
  };
}

/** The same after a change of the target's labels: what it counted under those of before stands still. */
function withTargetBefore(series: readonly Series[]): readonly Series[] {
  const counted = series.filter(({ name }) => /_total$|_count$|_bucket$/.test(name));
  return [...series, ...counted.map((one) => ({ ...one, labels: { ...one.labels, pod: 'before' }, line: HISTORY }))];
}

/** As an OpenTelemetry Collector sends histograms on. */
function withoutPoint(series: readonly Series[]): readonly Series[] {
  return series.map((one) => {
    const { le } = one.labels as { le?: string };
    return le === undefined ? one : { ...one, labels: { ...one.labels, le: le.replace(/\.0$/, '') } };
  });
}

/** When every range is full of what happens now, those twice as long, too. */
const STEADY = 80;

const halfHours = (
  [
    ['six in ten, beside health checks', { sessions: 60, unknown: 30, short: 36, checks: 60 }, true],
    ['not quite half, beside health checks', { sessions: 60, unknown: 30, short: 27, checks: 60 }, false],
    ['four, and health checks', { sessions: 4, unknown: 2, short: 4, checks: 30 }, false],
    ['five', { sessions: 5, unknown: 2, short: 5 }, true],
    ['exactly half', { sessions: 20, short: 10 }, false],
    ['a little more than half', { sessions: 21, short: 11 }, true],
  ] as const
).flatMap(([name, halfHour, fire]): RuleCase[] =>
  (
    [
      [name, alone(counters(halfHour))],
      [`${name}, and the labels of the target have just changed`, withTargetBefore(alone(counters(halfHour)))],
      [`${name}, and bounds without a point`, withoutPoint(alone(counters(halfHour)))],
    ] as const
  ).map(([title, series]) => ({
    name: `RunsTooShort: ${title}`,
    about: ['RunsTooShort'],
    series,
    checks: [[STEADY, ...(fire ? [tooShort] : [])]],
  })),
);

/** One session a minute that ends at once, from minute 31 to minute 40. */
const TEN: Line = (minute) => HISTORY + Math.floor(Math.min(Math.max(minute - 30, 0), 10));
const TEN_RUNS: EnvironmentLines = { acknowledged: TEN, waits: TEN, waitsUnknown: 0, runs: TEN, shortRuns: TEN };

export const RUNS_CASES: readonly RuleCase[] = [
  ...halfHours,
  {
    name: 'RunsTooShort: the fifth within half an hour, until fewer are left',
    about: [],
    series: alone(TEN_RUNS),
    checks: edges([tooShort], { on: 40, off: 66, keep: 5 }),
  },
  {
    name: 'RunsTooShort: seen by one of two replicas',
    about: [],
    series: replicas(TEN_RUNS, counters({ sessions: 60, short: 0 })),
    checks: [[40, tooShort]],
  },
];
