import { type OptionType, option, section } from './option.ts';
import { choice, duration, onOff, orNull, ratio, textList, wholeNumber } from './option-types.ts';

const SECOND = 1000;

/** What can be set at the top and, leaf by leaf, for one environment. */
export const environmentSettings = {
  poll: section('How often the API is read.', {
    stats_interval: option(duration({ min: 5 * SECOND }), 'How often the queue statistics are read.', {
      default: '15s',
    }),
    list_interval: option(duration({ min: 10 * SECOND }), 'How often the list of work items is read.', {
      default: '30s',
    }),
    max_stats_interval: option(
      duration({ min: 5 * SECOND }),
      'How far a small budget may stretch the statistics. Alert windows rely on about this.',
      { default: '1m' },
    ),
    max_list_interval: option(duration({ min: 10 * SECOND }), 'How far a small budget may stretch the list.', {
      default: '5m',
    }),
    full_list_interval: option(
      duration({ min: 10 * SECOND }),
      'How often the list is read from end to end, with a quarter of the budget at the most; a revived old item is seen within this.',
      { default: '5m' },
    ),
    max_list_pages: option(wholeNumber({ min: 1, max: 100_000 }), 'A list longer than this is cut, and says so.', {
      default: 1000,
      unit: 'pages',
    }),
    stale_after: option(
      duration({ min: SECOND }),
      'When values that could not be read again disappear; never less than three scheduled intervals.',
      { default: '90s' },
    ),
    single_reads: option(
      choice(['auto', 'off']),
      'Whether one item may be read by its id where that is cheaper than a page.',
      { default: 'auto' },
    ),
  }),
  sessions: section('Whether the sessions of long runs get anywhere, as far as the budget leaves requests for it.', {
    enabled: option(choice(['auto', 'off']), 'Auto: where the provider has sessions and there is a key for them.', {
      default: 'auto',
    }),
    after: option(duration({ min: 10 * SECOND }), 'Sessions of runs shorter than this are not looked at.', {
      default: '10m',
    }),
    interval: option(duration({ min: 10 * SECOND }), 'How often one session is read at most.', { default: '2m' }),
    max_items: option(
      wholeNumber({ min: 1, max: 10_000 }),
      'How many sessions of one environment are read in one interval at most.',
      { default: 50, unit: 'sessions' },
    ),
  }),
  thresholds: section('What the alerts compare with; exported as metrics.', {
    queue_age: section(
      'Age of the oldest item that waits.',
      bySeverity(duration({ min: SECOND, never: true }), '5m', '15m'),
    ),
    queue_depth: section('Items that wait.', bySeverity(wholeNumber({ min: 1, never: true }), 100, 'never')),
    stale_heartbeat: option(
      orNull(duration({ min: SECOND, never: true })),
      "How old a running item's last heartbeat may be. Null: the provider's, 120s, or 60s on opensdlc.",
      { default: null },
    ),
    stale_heartbeat_items: section(
      'Running items whose worker is silent.',
      bySeverity(wholeNumber({ min: 1, never: true }), 1, 'never'),
    ),
    state_age: section('How long an item may stay in a state.', {
      starting: option(duration({ min: SECOND, never: true }), 'Acknowledged and no heartbeat yet.', { default: '3m' }),
      active: option(duration({ min: SECOND, never: true }), 'Running.', { default: '24h' }),
      stopping: option(duration({ min: SECOND, never: true }), 'Asked to stop and not stopped.', { default: '2m' }),
    }),
    session_wait: option(
      duration({ min: SECOND, never: true }),
      'How long the session of a live item may wait for a result or an approval.',
      { default: '30m' },
    ),
    redeliveries: option(
      wholeNumber({ min: 1, never: true }),
      'How often an item may be acknowledged again after its lease lapsed.',
      { default: 3, unit: 'acknowledgements' },
    ),
    min_workers: option(
      wholeNumber({ min: 0, max: 1_000_000 }),
      'Fewer live workers than this is worth a warning; 0 switches it off.',
      { default: 0, unit: 'workers' },
    ),
  }),
  slo: section('The promise about waiting that the burn-rate alerts guard.', {
    queue_wait_target: option(
      orNull(duration({ min: SECOND, never: true })),
      'How long an item may wait. Null: 5m, or `thresholds.queue_age.warning` where that is longer.',
      { default: null },
    ),
    // Below 0.931 the fast burn-rate page can never fire: docs/decisions/0011-thresholds-are-metrics.md.
    objective: option(ratio(0.95, 0.9999), 'Which share of the time that must hold.', { default: 0.99 }),
  }),
  scaling: section('What `/api/v1/environments/{id}/scaling` tells an autoscaler.', {
    items_per_worker: option(
      wholeNumber({ min: 1, max: 1_000_000 }),
      'How many items one worker runs at the same time.',
      { default: 1, unit: 'items' },
    ),
    min_workers: option(wholeNumber({ min: 0, max: 1_000_000 }), 'Never ask for fewer.', {
      default: 0,
      unit: 'workers',
    }),
    max_workers: option(wholeNumber({ min: 0, max: 1_000_000, never: true }), 'Never ask for more.', {
      default: 'never',
    }),
  }),
  metadata: section('A breakdown of items by their metadata; off without keys.', {
    keys: option(
      textList('a list of at most 10 metadata keys, each once', '[team]', 10),
      'Metadata keys that become values of a label.',
      { default: [] },
    ),
    max_values: option(
      wholeNumber({ min: 1, max: 1000 }),
      'How many values of one key are shown; the rest is `other`.',
      { default: 20, unit: 'values' },
    ),
  }),
  exemplars: option(onOff, 'Put work ids on the histograms as exemplars (OpenMetrics only).', { default: false }),
};

function bySeverity<T>(type: OptionType<T>, warning: unknown, critical: unknown) {
  return {
    warning: option(type, 'From here on a warning.', { default: warning }),
    critical: option(type, 'From here on a page.', { default: critical }),
  };
}
