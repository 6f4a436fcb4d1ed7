/** Two settings of which the first may not exceed the second; both are numbers, or both durations. */
export interface SettingOrder {
  readonly low: readonly string[];
  readonly high: readonly string[];
  readonly are: 'durations' | 'numbers';
  /** True: a `high` that nobody wrote is raised to match. */
  readonly highYields: boolean;
}

const severities = (name: string, are: SettingOrder['are']): SettingOrder => ({
  low: ['thresholds', name, 'warning'],
  high: ['thresholds', name, 'critical'],
  are,
  highYields: false,
});
const interval = (low: string, high: string): SettingOrder => ({
  low: ['poll', low],
  high: ['poll', high],
  are: 'durations',
  highYields: true,
});

/** Of the settings that the top of the file and each environment may have. */
export const SETTING_ORDERS: readonly SettingOrder[] = [
  severities('queue_age', 'durations'),
  severities('queue_depth', 'numbers'),
  severities('stale_heartbeat_items', 'numbers'),
  interval('stats_interval', 'max_stats_interval'),
  interval('list_interval', 'max_list_interval'),
  interval('list_interval', 'full_list_interval'),
  { low: ['scaling', 'min_workers'], high: ['scaling', 'max_workers'], are: 'numbers', highYields: false },
];
