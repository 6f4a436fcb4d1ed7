import type { ProviderPreset } from '../../wire/presets.ts';
import type { EnvironmentDefaults } from '../config.ts';
import { complete, type Path } from '../file/option-tree.ts';
import type { Report } from '../file/report.ts';
import { formatDuration } from '../options/duration.ts';
import { environmentSettings } from '../options/environment-settings.ts';
import type { Values } from '../options/option.ts';
import { SETTING_ORDERS } from '../options/setting-orders.ts';
import { defaultQueueDepth, defaultWaitTargetMs } from './derived-defaults.ts';
import { noticeRareReads } from './notice-rare-reads.ts';

export type SettingsValues = Values<typeof environmentSettings>;

/** The settings of one environment: its own layer first, then the top of the file, then the defaults. */
export function resolveSettings(
  layers: readonly (SettingsValues | undefined)[],
  preset: ProviderPreset,
): EnvironmentDefaults {
  const { poll, sessions, thresholds, slo, scaling, metadata, exemplars } = complete(environmentSettings, layers);
  const seconds = (ms: number) => ms / 1000;
  const stale = thresholds.stale_heartbeat;
  return {
    poll: {
      statsIntervalMs: poll.stats_interval,
      listIntervalMs: poll.list_interval,
      // A default maximum is raised to a longer interval; a configured maximum that is too short is reported below.
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
      queueAgeSeconds: {
        warning: seconds(thresholds.queue_age.warning),
        critical: seconds(thresholds.queue_age.critical),
      },
      queueDepth: {
        warning: thresholds.queue_depth.warning ?? defaultQueueDepth(thresholds.queue_age, thresholds.queue_depth),
        critical: thresholds.queue_depth.critical,
      },
      staleHeartbeatSeconds: stale === null ? preset.staleHeartbeatSeconds : seconds(stale),
      staleHeartbeatItems: thresholds.stale_heartbeat_items,
      stateAgeSeconds: {
        starting: seconds(thresholds.state_age.starting),
        active: seconds(thresholds.state_age.active),
        stopping: seconds(thresholds.state_age.stopping),
      },
      sessionWaitSeconds: seconds(thresholds.session_wait),
      redeliveries: thresholds.redeliveries,
      minWorkers: thresholds.min_workers,
    },
    slo: {
      queueWaitTargetSeconds: seconds(slo.queue_wait_target ?? defaultWaitTargetMs(thresholds.queue_age)),
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

/**
 * Reports pairs of settings that are not in order, and reads that are too rare. A pair is checked only if the first layer, at
 * path `at`, sets one of the two. The layers below are checked at their own paths.
 */
export function checkSettings(at: Path, layers: readonly (SettingsValues | undefined)[], report: Report): void {
  const all = complete(environmentSettings, layers);
  for (const rule of SETTING_ORDERS) {
    const show = rule.are === 'durations' ? formatDuration : String;
    const lowHere = numberAt(layers[0], rule.low) !== undefined;
    const highHere = numberAt(layers[0], rule.high) !== undefined;
    if (!lowHere && !highHere) continue;
    const low = numberAt(all, rule.low);
    const high = numberAt(all, rule.high)!;
    // A default that follows the others is in order.
    if (low === undefined) continue;
    const highWritten = layers.some((layer) => numberAt(layer, rule.high) !== undefined);
    // A critical threshold without a warning is a valid choice.
    if (low <= high || low === Number.POSITIVE_INFINITY || (rule.highYields && !highWritten)) continue;
    const isInvalid = [rule.low, rule.high].some((path) => report.isInvalid([...at, ...path]));
    if (isInvalid) continue;
    const name = rule.high.at(-1);
    const remedy = `set ${rule.high.join('.')} to at least ${show(low)}, or ${rule.low.join('.')} lower`;
    report.problem(
      [...at, ...(highHere ? rule.high : rule.low)],
      `${rule.low.at(-1)} is ${show(low)}, above ${name}, which is ${show(high)}`,
      remedy,
    );
  }
  noticeRareReads(at, layers, report);
}

function numberAt(layer: unknown, path: Path): number | undefined {
  const value = path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined),
    layer,
  );
  return typeof value === 'number' ? value : undefined;
}
