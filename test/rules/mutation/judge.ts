import type { LabelSet } from '../../../src/promql/store/label-set.ts';
import type { RuleCase } from '../support/rule-case.ts';
import { JOB } from '../support/series.ts';
import type { Heard, Situation } from '../support/situation.ts';
import type { Play } from './play.ts';

/** What fires, by minute. */
export type Fired = ReadonlyMap<number, readonly LabelSet[]>;

/** Whether what fired is what the case or the situation expects. */
export function isAsExpected(play: Play, fired: Fired): boolean {
  return 'checks' in play.one ? caseHolds(play.one, play, fired) : situationHolds(play.one, fired);
}

function caseHolds({ checks, whole }: RuleCase, { about }: Play, fired: Fired): boolean {
  return checks.every(([minute, ...firing]) => {
    const subjects = (fired.get(minute) ?? []).filter(
      (labels) => whole === true || [...about].some((name) => labels.get('alertname') === `AnthropicWork${name}`),
    );
    const found = subjects
      .filter((labels) => about.has('Watchdog') || labels.get('alertname') !== 'AnthropicWorkWatchdog')
      .map(({ values }) => keyOf(values));
    const wanted = firing.map(({ alert, labels }) => keyOf({ ...labels, alertname: `AnthropicWork${alert}` }));
    return found.toSorted().join('\n') === wanted.toSorted().join('\n');
  });
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).toSorted());
}

interface Told extends Heard {
  readonly severity: string;
  readonly by?: string;
}

function situationHolds({ pages = [], tickets = [], muted = [] }: Situation, fired: Fired): boolean {
  const told: readonly Told[] = [
    ...pages.map((one) => ({ ...one, severity: 'critical' })),
    ...tickets.map((one) => ({ ...one, severity: 'warning' })),
    ...muted,
  ];
  const wanted = new Map(told.map((one) => [toldKey(one), one.times ?? 1]));
  const out = new Map([...fired].map(([minute, all]) => [minute, new Set(all.filter(isHeard).map(heardKey))]));
  const starts = startsOf(out);
  if (![...fired.values()].flat().every(isPlaced)) return false;
  if (starts.size !== wanted.size || [...wanted].some(([key, times]) => starts.get(key) !== times)) return false;
  const isFiring = (minute: number, one: Told) => out.get(minute)?.has(toldKey(one)) ?? false;
  const inTime = told.every(
    (one) =>
      (one.starts === undefined || (!isFiring(one.starts[0], one) && isFiring(one.starts[1], one))) &&
      (one.over === undefined || !isFiring(one.over, one)),
  );
  const mutedThroughout = muted.every((one) =>
    [...out.values()].every(
      (now) => !now.has(toldKey(one)) || [...now].some((key) => key.startsWith(`AnthropicWork${one.by} critical`)),
    ),
  );
  return inTime && mutedThroughout;
}

function startsOf(out: ReadonlyMap<number, ReadonlySet<string>>): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  let before: ReadonlySet<string> = new Set();
  for (const now of out.values()) {
    for (const key of now) if (!before.has(key)) starts.set(key, (starts.get(key) ?? 0) + 1);
    before = now;
  }
  return starts;
}

/** Whether an alert says whose it is, so that it reaches somebody and can be silenced. */
export function isPlaced(labels: LabelSet): boolean {
  return labels.get('job') === JOB && (labels.get('environment_id') === '') === (labels.get('environment_name') === '');
}

function isHeard(labels: LabelSet): boolean {
  return /critical|warning/.test(labels.get('severity'));
}

function heardKey(labels: LabelSet): string {
  return [...['alertname', 'severity', 'environment_id', 'told_by'].map((name) => labels.get(name))].join(' ');
}

function toldKey({ alert, severity, environment = 'e', by }: Told): string {
  const toldBy = by === `${alert}Anywhere` ? `AnthropicWork${by}` : '';
  return [`AnthropicWork${alert}`, severity, environment ?? '', toldBy].join(' ');
}
