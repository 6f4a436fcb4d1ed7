import { duration, ratio, wholeNumber } from './number-types.ts';
import { option, section } from './option.ts';
import { choice, onOff, orNull, textList } from './option-types.ts';
import { thresholdSettings } from './threshold-settings.ts';

const SECOND = 1000;

const ON_OR_OFF = { true: 'auto', on: 'auto', yes: 'auto', false: 'off', no: 'off' } as const;

/** What can be set globally and, leaf by leaf, for one environment. */
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
      'The longest stats interval when the budget is too small. Keep it near 1m: alert windows assume that.',
      { default: '1m' },
    ),
    max_list_interval: option(
      duration({ min: 10 * SECOND }),
      'The longest list interval when the budget is too small.',
      {
        default: '5m',
      },
    ),
    full_list_interval: option(
      duration({ min: 10 * SECOND }),
      'How often the whole list is read, with at most a quarter of the budget. An old item that is queued again is seen within this time.',
      { default: '5m' },
    ),
    max_list_pages: option(
      wholeNumber({ min: 1, max: 100_000 }),
      'Read no more pages than this; a longer list is marked as truncated.',
      {
        default: 1000,
        unit: 'pages',
      },
    ),
    stale_after: option(
      duration({ min: SECOND }),
      'How long the last values are shown after reads began to fail; at least three scheduled intervals.',
      { default: '90s' },
    ),
    single_reads: option(
      choice(['auto', 'off'], ON_OR_OFF),
      'Whether the exporter may read a single item by its id when that is cheaper than a page of the list.',
      { default: 'auto' },
    ),
  }),
  sessions: section('Whether sessions of long runs make progress; read only while the budget has requests to spare.', {
    enabled: option(
      choice(['auto', 'off'], ON_OR_OFF),
      '`auto`: on if the provider has sessions and a key for them is configured.',
      {
        default: 'auto',
      },
    ),
    after: option(duration({ min: 10 * SECOND }), 'Sessions of shorter runs are not read.', {
      default: '10m',
    }),
    interval: option(duration({ min: 10 * SECOND }), 'The shortest time between two reads of one session.', {
      default: '2m',
    }),
    max_items: option(
      wholeNumber({ min: 1, max: 10_000 }),
      'The most sessions of one environment to read in one interval.',
      { default: 50, unit: 'sessions' },
    ),
  }),
  thresholds: thresholdSettings,
  slo: section('The queue-wait objective behind the burn-rate alerts.', {
    queue_wait_target: option(
      orNull(duration({ min: SECOND, never: true })),
      'How long an item may wait. Null: 5m, or `thresholds.queue_age.warning` if that is longer.',
      { default: null },
    ),
    // The fast burn rate is 14.4 times the allowed share: below 0.931 that is more than 100 %, and the alert could never fire.
    objective: option(ratio(0.95, 0.9999), 'The fraction of the time for which the target must be met.', {
      default: 0.99,
    }),
  }),
  scaling: section('The limits of the answer to an autoscaler, `/api/v1/environments/{id}/scaling`.', {
    items_per_worker: option(
      wholeNumber({ min: 1, max: 1_000_000 }),
      'How many items one worker runs at the same time.',
      { default: 1, unit: 'items' },
    ),
    min_workers: option(wholeNumber({ min: 0, max: 1_000_000 }), 'Never ask for fewer workers than this.', {
      default: 0,
      unit: 'workers',
    }),
    max_workers: option(wholeNumber({ min: 0, max: 1_000_000, never: true }), 'Never ask for more workers than this.', {
      default: 'never',
    }),
  }),
  metadata: section('Breaks items down by their metadata; off unless keys are given.', {
    keys: option(
      textList('a list of at most 10 metadata keys, each once', '[team]', 10),
      'The metadata keys to break down by.',
      { default: [] },
    ),
    max_values: option(
      wholeNumber({ min: 1, max: 1000 }),
      'How many values of one key are shown; the others are counted as `other`.',
      { default: 20, unit: 'values' },
    ),
  }),
  exemplars: option(onOff, 'Attach work ids to histograms as exemplars (OpenMetrics only).', { default: false }),
};
