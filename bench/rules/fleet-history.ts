import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { RECORDED } from '../../src/rules/parts/recorded.ts';
import { valueAt } from '../../test/rules/support/lines.ts';
import { environment, exporter, JOB, type Series } from '../../test/rules/support/series.ts';

/** Time that windows over scraped series reach back to: 15 minutes, and 5 more. */
export const RECENT_SECONDS = 1200;
/** The scrapes and evaluations that the documentation recommends. */
const STEP_SECONDS = 30;
const HOUR_SECONDS = 3600;
const SLOW_SECONDS = 300;

interface Past {
  readonly record: string;
  readonly every: number;
  readonly hours: number;
  readonly value: (at: number) => number;
}

/** Recorded series that windows and offsets ask for, and how far back: with few values, which are quick to write. */
const PAST: readonly Past[] = [
  { record: RECORDED.oldestAge, every: STEP_SECONDS, hours: 3.3, value: (at) => (at % 60 === 0 ? 30 : 20) },
  { record: RECORDED.waiting, every: STEP_SECONDS, hours: 0.6, value: (at) => (at % 90 === 0 ? 3 : 2) },
  { record: RECORDED.polling, every: STEP_SECONDS, hours: 0.3, value: () => 2 },
  { record: RECORDED.waitOk, every: SLOW_SECONDS, hours: 18.3, value: () => 1 },
  { record: RECORDED.waitBad, every: SLOW_SECONDS, hours: 73, value: (at) => (at % 1500 === 0 ? 0.01 : 0) },
  { record: RECORDED.waitAllowed, every: SLOW_SECONDS, hours: 0.3, value: () => 0.01 },
];

/** A fleet at work: in each environment items wait, are served and end, and nothing is wrong. */
export function fleetAtWork(environments: number): readonly Series[] {
  const perMinute = (minute: number) => Math.floor(minute) % 1_000_000;
  const failures = (['stats', 'list'] as const).flatMap((operation) =>
    FAILURE_REASONS.map((reason) => ({ operation, reason })),
  );
  return [
    ...exporter({ sent: (minute) => 4 * environments * perMinute(minute) }),
    ...Array.from({ length: environments }, (_, index) => {
      const place = { id: `env_${index}`, name: `n${index}` };
      return [
        ...environment(
          {
            depth: (minute) => 2 + (Math.floor(minute * 2) % 3),
            age: (minute) => 20 + (Math.floor(minute * 2) % 2) * 10,
            head: (minute) => Math.floor(minute) * 60 - 20,
            itemsQueued: 2,
            itemsActive: 5,
            acknowledged: perMinute,
            stopped: perMinute,
            runs: perMinute,
            shortRuns: 0,
            waits: perMinute,
            waitsUnknown: 0,
            redelivered: 0,
            sinceActive: (minute) => Math.floor(minute) * 60 - 40,
          },
          place,
        ),
        // An exporter counts the failures of each reason from 0.
        ...failures.map((labels) => ({
          name: 'anthropic_work_api_request_failures_total',
          labels: { job: JOB, instance: 'a', environment_id: place.id, environment_name: place.name, ...labels },
          line: 0,
        })),
      ];
    }).flat(),
  ];
}

/** What an exporter says at a moment; with a time in each line where the time is not that of the scrape. */
export function exposition(all: readonly Series[], at: number, isPast: boolean): string {
  const minute = at / 60;
  const stamp = isPast ? ` ${at * 1000}` : '';
  return all
    .filter(({ name }) => name !== 'up')
    .flatMap(({ name, labels, line }) => {
      const value = valueAt(line, minute);
      const own = Object.entries(labels).filter(([label]) => isPast || (label !== 'job' && label !== 'instance'));
      return value === null ? [] : [`${name}${labelText(own)} ${value === Infinity ? '+Inf' : value}${stamp}\n`];
    })
    .join('');
}

/** The scrapes of the last minutes until the present, and what the rules recorded meanwhile: in the order of time. */
export function* recentPast(all: readonly Series[], environments: number, now: number): Generator<string> {
  // Reading it takes minutes, after which what is scraped has to follow without a gap.
  for (let at = now - RECENT_SECONDS; at * 1000 < Date.now(); at += STEP_SECONDS) {
    const recorded = recordedAt(environments, at, PAST).map((line) => `${line} ${at * 1000}\n`);
    yield `${exposition(all, at, true)}${recorded.join('')}`;
  }
}

/** What the rules recorded before that, as far back as one of them looks. */
export function* distantPast(environments: number, now: number): Generator<string> {
  const end = now - RECENT_SECONDS;
  const furthest = Math.max(...PAST.map(({ hours }) => hours)) * HOUR_SECONDS;
  for (let at = end - furthest; at < end; at += STEP_SECONDS) {
    const wanted = PAST.filter(({ hours }) => end - at <= hours * HOUR_SECONDS);
    const lines = recordedAt(environments, at, wanted).map((line) => `${line} ${at}\n`);
    if (lines.length > 0) yield lines.join('');
  }
  yield '# EOF\n';
}

function recordedAt(environments: number, at: number, past: typeof PAST): readonly string[] {
  return past
    .filter(({ every }) => at % every === 0)
    .flatMap(({ record, value }) =>
      Array.from({ length: environments }, (_, index) => {
        // An empty label keeps Prometheus from adding the one of the target.
        const labels = { job: JOB, instance: '', environment_id: `env_${index}`, environment_name: `n${index}` };
        return `${record}${labelText(Object.entries(labels))} ${value(at)}`;
      }),
    );
}

function labelText(labels: readonly (readonly [string, string])[]): string {
  return labels.length === 0
    ? ''
    : `{${labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')}}`;
}
