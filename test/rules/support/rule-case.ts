import type { AlertName } from '../../../src/rules/parts/alert-names.ts';
import { type Gap, valueAt } from './lines.ts';
import {
  type EnvironmentKey,
  type EnvironmentLines,
  environment,
  exporter,
  healthyLine,
  JOB,
  type ProcessLines,
  type Series,
} from './series.ts';

export type ShortName = AlertName extends `AnthropicWork${infer Short}` ? Short : never;

export interface Firing {
  readonly alert: ShortName;
  readonly labels: Readonly<Record<string, string>>;
}

/** What fires at a minute: exactly these, and nothing else but the Watchdog. */
export type Check = readonly [minute: number, ...firing: Firing[]];

export interface RuleCase {
  readonly name: string;
  /** Alerts that this case is about beside those that fire in it: near misses. */
  readonly about: readonly ShortName[];
  readonly series: readonly Series[];
  readonly checks: readonly Check[];
  /** Prometheus itself is down. */
  readonly restart?: Gap;
  /** Evaluate every rule, and expect that nothing else fires; else only the rules this case is about. */
  readonly whole?: boolean;
  /** Minutes between samples and evaluations: for recordings over days, which need not be looked at twice a minute. */
  readonly every?: number;
  /** What recorded series say at a minute, where no alert tells it. */
  readonly recorded?: readonly { readonly minute: number; readonly record: string; readonly value: number }[];
}

interface Facts {
  readonly id?: string;
  readonly name?: string;
  /** Labels that the alert carries beside its own environment's. */
  readonly with?: Readonly<Record<string, string>>;
}

/** An alert of the environment `e` with its exact labels; what it says is tested by itself, in texts.test.ts. */
export function fires(alert: ShortName, severity: string, facts: Facts = {}): Firing {
  const { id = 'e', name = 'x' } = facts;
  return { alert, labels: { job: JOB, environment_id: id, environment_name: name, ...facts.with, severity } };
}

/** An alert that belongs to no single environment. */
export function fleet(alert: ShortName, severity: string, facts: Pick<Facts, 'with'> = {}): Firing {
  return { alert, labels: { job: JOB, ...facts.with, severity } };
}

/** One exporter and the environment `e`. */
export function alone(lines: EnvironmentLines, own: ProcessLines = {}): readonly Series[] {
  return [...exporter(own), ...environment(lines)];
}

/** A healthy one of the same name beside it, which a careless join would mix up with it. */
export function withTwin(lines: EnvironmentLines): readonly Series[] {
  return [...alone(lines), ...environment({}, { id: 'twin' })];
}

/** Two replicas that see two things. */
export function replicas(first: EnvironmentLines, second: EnvironmentLines, own: ProcessLines = {}): readonly Series[] {
  return [
    ...exporter(own),
    ...exporter(own, { instance: 'b' }),
    ...environment(first),
    ...environment(second, { instance: 'b' }),
  ];
}

/** The four minutes around a page: not yet, now, still, no more. `off` is the first minute without cause. */
export function edges(
  firing: readonly Firing[],
  { on, off, keep = 0 }: { on: number; off: number; keep?: number },
): readonly Check[] {
  return [[on - 0.5], [on, ...firing], [off + keep - 0.5, ...firing], [off + keep]];
}

/** Scrapes that fail for a while: all series end, and `up` says so. */
export function lostScrapes(all: readonly Series[], [from, to]: Gap): readonly Series[] {
  return all.map((one) => ({
    ...one,
    line: (minute: number) => {
      if (minute < from || minute >= to) return valueAt(one.line, minute);
      return one.name === 'up' ? 0 : null;
    },
  }));
}

interface Endings {
  readonly alert: ShortName;
  readonly lines: EnvironmentLines;
  readonly at: number;
  /** By series: the last minute at which the alert fires when that series alone is gone, what fires then and after. */
  readonly gone: {
    readonly [K in EnvironmentKey]?: readonly [last: number, then: readonly Firing[], after?: readonly Firing[]];
  };
}

/**
 * One case per series: an alert outlives it by as long as its range reaches back, and no longer. This is what a lost
 * scrape looks like to a rule, and what an exporter that stops showing old values looks like.
 */
export function whenGone({ alert, lines, at, gone }: Endings): readonly RuleCase[] {
  return (Object.keys(gone) as EnvironmentKey[]).map((key) => {
    const [last, then, after = []] = gone[key]!;
    const before = lines[key] ?? healthyLine(key);
    return {
      name: `${alert}: ${key} is gone`,
      about: [alert],
      series: alone({ ...lines, [key]: (minute: number) => (minute < at ? valueAt(before, minute) : null) }),
      checks: [
        [last, ...then],
        [last + 0.5, ...after],
      ],
    };
  });
}
