/** The two labels that come first in every series of an environment. */
export const environment_id = 'environment_id';
export const environment_name = 'environment_name';
export const ENVIRONMENT_LABELS = [environment_id, environment_name] as const;

export type MetricType = 'gauge' | 'counter' | 'histogram';

/** The section of the documentation in which a metric appears. */
export type MetricGroup = 'conditions' | 'configuration' | 'stats' | 'list' | 'progress' | 'polls' | 'self';
export const METRIC_GROUPS = [
  'conditions',
  'configuration',
  'stats',
  'list',
  'progress',
  'polls',
  'self',
] as const satisfies MetricGroup[];

/** When the series of a metric exist: the freshness contract in one word each. */
export const PRESENCE = {
  watched: { word: 'watched', exists: 'as long as the environment is watched, through every failure' },
  attempted: { word: 'key', exists: 'as long as a credential for the operation is configured, through every failure' },
  stats: {
    word: 'stats',
    exists: 'from the first good read of `stats` until the last one is older than `stale_after` in force',
  },
  list: {
    word: 'list',
    exists: 'from the first good read of the list until the last one is older than `stale_after` in force',
  },
  sessions: {
    word: 'session',
    exists: 'from the first good read of a session until the last one is too old, or the list is',
  },
  counted: {
    word: 'from 0',
    exists:
      'as long as the environment is watched, through every failure; it begins at 0, before the first read of the list',
  },
  judged: {
    word: 'judged',
    exists:
      'once it is known whether the condition holds, and as long as the last judgement is at most a minute old. For an environment that is no longer watched: as it was for three minutes, then 0 for fifteen',
  },
  process: { word: 'always', exists: 'as long as the exporter runs' },
  known: { word: 'known', exists: 'once the value is known; absent before, never 0' },
  probe: { word: 'probe', exists: 'in answers of `/probe` only' },
} as const;
export type Presence = keyof typeof PRESENCE;

/** One metric as data: everything else (series, docs, checks of rules and dashboards) is derived from it. */
export interface MetricDefinition {
  readonly type: MetricType;
  /** In the order in which they are written. */
  readonly labels: readonly string[];
  readonly help: string;
  readonly group: MetricGroup;
  readonly presence: Presence;
  /** Where the number comes from, in one sentence for the documentation. */
  readonly source: string;
  /** The base unit that ends the name; OpenMetrics repeats it. */
  readonly unit?: 'seconds' | 'ratio';
  /** Upper bounds without `+Inf`; histograms only. */
  readonly buckets?: readonly number[];
  /** Labels whose values are a closed set. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** In addition to `labels`, one label with this prefix for each key that the configuration names. */
  readonly labelPrefix?: string;
  /** When the series is missing although its presence says otherwise, in a few words. */
  readonly absent?: string;
  /** Experimental metrics may change in a minor release; all others only in a major one. */
  readonly stability?: 'experimental';
}
