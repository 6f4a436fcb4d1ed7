import { THRESHOLDS, type ThresholdName } from '../../domain/thresholds.ts';
import { duration, wholeNumber } from './number-types.ts';
import { type OptionType, option, section } from './option.ts';
import { orNull } from './option-types.ts';

const SECOND = 1000;

/** `thresholds`: what the alerts compare with. */
export const thresholdSettings = section('The limits of the alerts; exported as metrics.', {
  queue_age: section(
    'Age of the oldest waiting item.',
    bySeverity('queue_age', duration({ min: SECOND, never: true }), '5m', '15m'),
  ),
  queue_depth: section('Number of waiting items.', {
    warning: option(
      orNull(wholeNumber({ min: 1, never: true })),
      `${helpOf('queue_depth').warning} Null: 100; if the smaller of \`thresholds.queue_age\` is longer than 5m, as many times more.`,
      { default: null },
    ),
    critical: option(wholeNumber({ min: 1, never: true }), helpOf('queue_depth').critical, {
      default: 'never',
    }),
  }),
  stale_heartbeat: option(
    orNull(duration({ min: SECOND, never: true })),
    "How old a running item's last heartbeat may be. Null: the default of the provider, 120s, or 60s for opensdlc.",
    { default: null },
  ),
  stale_heartbeat_items: section(
    'Running items with a stale heartbeat.',
    bySeverity('stale_heartbeat_items', wholeNumber({ min: 1, never: true }), 1, 'never'),
  ),
  state_age: section('How long an item may stay in a state.', {
    starting: option(duration({ min: SECOND, never: true }), 'Acknowledged, without a heartbeat so far.', {
      default: '3m',
    }),
    active: option(duration({ min: SECOND, never: true }), 'Running.', { default: '24h' }),
    stopping: option(duration({ min: SECOND, never: true }), 'Asked to stop, but not stopped yet.', {
      default: '4m',
    }),
  }),
  session_wait: option(
    duration({ min: SECOND, never: true }),
    'How long the session of a live item may wait for a result or an approval.',
    { default: '30m' },
  ),
  redeliveries: option(
    wholeNumber({ min: 1, never: true }),
    'Warning when an item has been acknowledged again after a lapse of its lease this many times.',
    { default: 3, unit: 'acknowledgements' },
  ),
  min_workers: option(
    wholeNumber({ min: 0, max: 1_000_000 }),
    'Warn if there are fewer live workers than this; 0 switches it off.',
    { default: 0, unit: 'workers' },
  ),
});

function bySeverity<T>(name: ThresholdName, type: OptionType<T>, warning: unknown, critical: unknown) {
  const help = helpOf(name);
  return {
    warning: option(type, help.warning, { default: warning }),
    critical: option(type, help.critical, { default: critical }),
  };
}

/** In the words of the comparison that the alerts make. */
function helpOf(name: ThresholdName) {
  const from = THRESHOLDS[name].exceeded.replaceAll('_', ' ');
  return { warning: `Warning ${from} this.`, critical: `Critical (pages) ${from} this.` };
}
