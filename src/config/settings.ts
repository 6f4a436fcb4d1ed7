import type { ProviderPreset } from '../wire/presets.ts';
import type { EnvironmentDefaults } from './config.ts';
import { settingsSchema } from './options.ts';
import type { Path, Report, Tree } from './problem.ts';

/** What the file and an environment write, the stronger one last, leaf by leaf. */
function written(layers: readonly Tree[]): Tree {
  return layers.reduce<unknown>(merged, {}) as Tree;
}

const NAMES = Object.keys(settingsSchema.shape);

/** Whether there is any setting in a layer. */
export function hasSettings(layer: Tree): boolean {
  return NAMES.some((name) => Object.hasOwn(layer, name));
}

/** Leaf by leaf; lists are leaves. */
export function merged(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const both = Object.entries(above).map(([key, value]) => [key, merged(below[key], value)]);
  return { ...below, ...Object.fromEntries(both) };
}

function isMap(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Settings of which the first may not exceed the second. `yields`: a second that nobody wrote is raised to match. */
const ORDERS: readonly (readonly [low: string, high: string, yields?: 'yields'])[] = [
  ['thresholds.queue_age.warning', 'thresholds.queue_age.critical'],
  ['thresholds.queue_depth.warning', 'thresholds.queue_depth.critical'],
  ['thresholds.stale_heartbeat_items.warning', 'thresholds.stale_heartbeat_items.critical'],
  ['poll.stats_interval', 'poll.max_stats_interval', 'yields'],
  ['poll.list_interval', 'poll.max_list_interval', 'yields'],
  ['poll.list_interval', 'poll.full_list_interval', 'yields'],
  ['scaling.min_workers', 'scaling.max_workers'],
];

/** Reports settings of the strongest layer, at path `at`, that are not in order with those of all. */
export function checkOrders(at: Path, layers: readonly Tree[], report: Report): void {
  const own = layers.at(-1)!;
  if (!hasSettings(own)) return;
  const all = written(layers);
  const values = settingsSchema.parse(all);
  for (const [low, high, yields] of ORDERS) {
    const isHighOwn = valueAt(own, high) !== undefined;
    if (!isHighOwn && valueAt(own, low) === undefined) continue;
    const [least, most] = [valueAt(values, low), valueAt(values, high)] as [number | null, number];
    // A default that follows the others is in order, and a critical threshold without a warning is a valid choice.
    const isInOrder = least === null || least <= most || least === Number.POSITIVE_INFINITY;
    if (isInOrder || (yields && valueAt(all, high) === undefined)) continue;
    const what = `${low} is above ${high}, as given here, at the top of the file or by default`;
    report.problem([...at, ...(isHighOwn ? high : low).split('.')], what, 'lower the first, or raise the second');
  }
}

function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce((at, step) => (isMap(at) ? at[step] : undefined), tree);
}

/** How long work may wait by default, and how much of it. */
const WAIT_SECONDS = 300;
const DEPTH = 100;

/** The settings of one environment: the top of the file first, then its own. */
export function settingsOf(layers: readonly Tree[], preset: ProviderPreset): EnvironmentDefaults {
  const { poll, sessions, thresholds, slo, scaling, metadata, exemplars } = settingsSchema.parse(written(layers));
  const { queue_age: age, queue_depth: depth } = thresholds;
  // As many times more items as they may wait longer, because that many arrive meanwhile; never above what pages.
  const longest = Math.min(age.warning, age.critical);
  const times = longest === Number.POSITIVE_INFINITY ? 1 : Math.max(1, longest / WAIT_SECONDS);
  return {
    poll: {
      statsIntervalMs: poll.stats_interval,
      listIntervalMs: poll.list_interval,
      // A default maximum is raised to a longer interval; a configured maximum that is too short is a problem.
      maxStatsIntervalMs: Math.max(poll.max_stats_interval, poll.stats_interval),
      maxListIntervalMs: Math.max(poll.max_list_interval, poll.list_interval),
      fullListIntervalMs: Math.max(poll.full_list_interval, poll.list_interval),
      maxListPages: poll.max_list_pages,
      staleAfterMs: poll.stale_after,
      singleReads: poll.single_reads,
    },
    sessions: {
      enabled: sessions.enabled === 'auto',
      afterMs: sessions.after,
      intervalMs: sessions.interval,
      maxItems: sessions.max_items,
    },
    thresholds: {
      queueAgeSeconds: age,
      coldStartSeconds: thresholds.cold_start ?? longest / 2,
      queueDepth: { ...depth, warning: depth.warning ?? Math.min(Math.ceil(DEPTH * times), depth.critical) },
      staleHeartbeatSeconds: thresholds.stale_heartbeat ?? preset.staleHeartbeatSeconds,
      staleHeartbeatItems: thresholds.stale_heartbeat_items,
      stateAgeSeconds: thresholds.state_age,
      sessionWaitSeconds: thresholds.session_wait,
      redeliveries: thresholds.redeliveries,
      minWorkers: thresholds.min_workers,
    },
    slo: {
      // No shorter than the warning, or work that may wait for hours breaks the objective.
      queueWaitTargetSeconds: slo.queue_wait_target ?? Math.max(WAIT_SECONDS, age.warning),
      objectiveRatio: slo.objective,
    },
    scaling: {
      itemsPerWorker: scaling.items_per_worker,
      minWorkers: scaling.min_workers,
      maxWorkers: scaling.max_workers,
    },
    metadata: { keys: metadata.keys, maxValues: metadata.max_values },
    exemplars,
  };
}
