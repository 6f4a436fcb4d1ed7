import type { EpochMs } from '../base/clock.ts';
import type { Histogram } from '../domain/histogram.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

export const METRIC_TYPES = ['gauge', 'counter', 'histogram'] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

/** The sections of docs/metrics.md. */
export const METRIC_GROUPS = ['conditions', 'configuration', 'stats', 'list', 'progress', 'polls', 'self'] as const;
export type MetricGroup = (typeof METRIC_GROUPS)[number];

/** When the series of a metric exist: the freshness contract in one word each. */
export const PRESENCE = {
  watched: { word: 'watched', exists: 'while the environment is watched, even while reads fail' },
  attempted: { word: 'key', exists: 'while a credential for the operation is configured, even while reads fail' },
  stats: { word: 'stats', exists: 'while the last good read of `stats` is not older than `stale_after`' },
  list: { word: 'list', exists: 'while the last good read of the list is not older than `stale_after`' },
  sessions: { word: 'session', exists: 'while the last good reads of the list and of the sessions are recent enough' },
  counted: { word: 'from 0', exists: 'while the environment is watched; starts at 0 before the first read' },
  judged: {
    word: 'judged',
    exists:
      'once it is known whether the condition holds, until the last judgement is a minute old. After an environment was removed: unchanged for three minutes, then 0 for fifteen',
  },
  process: { word: 'always', exists: 'while the exporter runs' },
  known: { word: 'known', exists: 'once the value is known' },
  probe: { word: 'probe', exists: 'in answers of `/probe` only' },
} as const;
export type Presence = keyof typeof PRESENCE;

/** A label whose values are not a closed set. */
export const ANY = null;
export type Labels = Readonly<Record<string, readonly string[] | typeof ANY>>;

/** The labels that come first in every series of an environment. */
export const ENVIRONMENT_LABELS = { environment_id: ANY, environment_name: ANY } as const;

/** One metric as data: its series and the documentation are made from it. A name that ends in a unit has that unit. */
export interface MetricDefinition {
  readonly type: MetricType;
  /** In the order in which they are written; those of the environment are added to its metrics. */
  readonly labels: Labels;
  readonly help: string;
  readonly group: MetricGroup;
  readonly presence: Presence;
  /** What the documentation adds to the help. */
  readonly note?: string;
  /** Upper bounds without `+Inf`; histograms only. */
  readonly buckets?: readonly number[];
  /** In addition to `labels`, one label with this prefix for each key that the configuration names. */
  readonly labelPrefix?: string;
  /** When the series is missing although its presence says otherwise, in a few words. */
  readonly absent?: string;
  /** Experimental metrics may change in a minor release; all others only in a major one. */
  readonly stability?: 'experimental';
}

/** What may be shown of an environment at one moment, and what it is measured from: docs/design/README.md#freshness. */
export interface Look {
  readonly state: EnvironmentState;
  /** Whose last good read is recent enough to show. Of sessions: it is known what those of long runs do. */
  readonly fresh: { readonly stats: boolean; readonly list: boolean; readonly sessions: boolean };
  /** The keys of configured labels of all watched environments, sorted. */
  readonly labelKeys: readonly string[];
  /** Now on the API's clock. */
  readonly apiNow: EpochMs;
  /** Until when its connection is paused after a 429, on the own clock; null when it is not. */
  readonly pausedUntil: EpochMs | null;
  /** The labels that each of its series begins with, as text. */
  readonly lead: string;
}

/** Of a metric with labels of its own: their values, in the declared order. */
export interface Sample {
  readonly values: readonly string[];
  readonly value: number | Histogram;
}
/** A metric without labels of its own is one number; null is absent, never 0. */
export type Measured = number | Histogram | null | readonly Sample[];

/** A metric of one environment, with the pure function that turns its state into samples. */
export interface EnvironmentMetric extends MetricDefinition {
  readonly measure: (look: Look) => Measured;
}

/** One sample for each value of a label; null is absent. */
export function per<T extends string>(values: readonly T[], read: (value: T) => number | null): readonly Sample[] {
  const samples: Sample[] = [];
  for (const label of values) {
    const value = read(label);
    if (value !== null) samples.push({ values: [label], value });
  }
  return samples;
}

/** Prometheus counts time in seconds. */
export function seconds(milliseconds: number): number;
export function seconds(milliseconds: number | null): number | null;
export function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}
