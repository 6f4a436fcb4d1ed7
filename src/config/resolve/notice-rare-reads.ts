import { complete, type Path } from '../file/option-tree.ts';
import type { Report } from '../file/report.ts';
import { formatDuration } from '../options/duration.ts';
import { environmentSettings } from '../options/environment-settings.ts';
import type { Values } from '../options/option.ts';

type SettingsValues = Values<typeof environmentSettings>;

/**
 * Notes intervals of stats that are longer than work may wait: what a read saw waiting seems to age until the next read, so
 * alerts about waits fire although it was taken at once. As for all settings, only those of the first layer are checked; `at`
 * is the path of that layer.
 */
export function noticeRareReads(at: Path, layers: readonly (SettingsValues | undefined)[], report: Report): void {
  const [first] = layers;
  const age = first?.thresholds?.queue_age;
  const severity = age?.warning === undefined ? 'critical' : 'warning';
  const isPaceHere = first?.poll?.stats_interval !== undefined;
  if (!isPaceHere && age?.[severity] === undefined) return;
  const { poll, thresholds } = complete(environmentSettings, layers);
  const limit = Math.min(thresholds.queue_age.warning, thresholds.queue_age.critical);
  if (poll.stats_interval <= limit) return;
  report.notice(
    [...at, ...(isPaceHere ? ['poll', 'stats_interval'] : ['thresholds', 'queue_age', severity])],
    `stats_interval is ${formatDuration(poll.stats_interval)}, longer than work may wait by queue_age, ${formatDuration(limit)}: what waits at a read seems to wait until the next`,
    'read more often, or raise thresholds.queue_age',
  );
}
