import { PROVIDERS } from '../wire/presets.ts';
import { listOf, mapOf, type OptionType, option, section } from './option.ts';
import {
  baseUrl,
  choice,
  date,
  duration,
  key,
  labels,
  listen,
  onOff,
  orNull,
  path,
  ratio,
  text,
  textList,
  wholeNumber,
} from './option-types.ts';

const SECOND = 1000;
const sdk = (name: string) => ({ name, counts: 'without-file' }) as const;
const own = (name: string) => ({ name: `ANTHROPIC_WORK_EXPORTER_${name}`, counts: 'always' }) as const;

/** An id that may stand in a path: design.md, decision 1. `poll` would claim work, so it is refused apart. */
export const ENVIRONMENT_ID = /^(?!(?:poll|stats)$)[A-Za-z0-9_-]{1,128}$/;
const CONNECTION_NAME = /^[A-Za-z0-9_-]{1,64}$/;

const connection = {
  provider: option(choice(PROVIDERS), 'Which service this is: decides endpoints, headers and which key reads what.', {
    default: 'anthropic',
  }),
  base_url: option(
    orNull(baseUrl),
    'Where the API is. Null: the address of the provider; aws, google and opensdlc have none and need it.',
    {
      default: null,
      env: sdk('ANTHROPIC_BASE_URL'),
    },
  ),
  api_key: option(
    key,
    `The API key, inline or as \${NAME}. On anthropic it reads stats, single items and the environments, not the list.`,
    {
      secret: true,
      env: sdk('ANTHROPIC_API_KEY'),
    },
  ),
  api_key_file: option(
    path,
    'A file with the API key, at most 16 KiB; instead of `api_key`. Read again when it changes.',
  ),
  expires: option(date, 'When the API key expires, for an alert before it does.'),
  workspace_id: option(
    orNull(text('a workspace id', 'wrkspc_01', /^[A-Za-z0-9_-]{1,128}$/)),
    'Sent with every request; required on aws.',
    {
      default: null,
      env: sdk('ANTHROPIC_WORKSPACE_ID'),
    },
  ),
  requests_per_minute: option(
    wholeNumber({ min: 1, max: 100_000 }),
    'The budget of the whole connection: all keys, environments, discovery, probes and retries.',
    {
      default: 240,
      unit: 'requests per minute',
    },
  ),
  max_concurrent_requests: option(wholeNumber({ min: 1, max: 1024 }), 'How many requests may be under way at once.', {
    default: 32,
    unit: 'requests',
  }),
  timeout: option(duration({ min: 100, max: 600 * SECOND }), 'How long a whole request may take, body included.', {
    default: '10s',
  }),
  max_response_bytes: option(
    wholeNumber({ min: 1024, max: 2 ** 30 }),
    'A longer answer is dropped as a bad response.',
    {
      default: 16_777_216,
      unit: 'bytes',
    },
  ),
  ca_file: option(orNull(path), "PEM certificates, trusted beside the system's.", { default: null }),
};

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
      'How often the list is read from end to end; a revived old item is seen within this.',
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
      starting: option(duration({ min: SECOND, never: true }), 'Acknowledged and no heartbeat yet.', { default: '5m' }),
      active: option(duration({ min: SECOND, never: true }), 'Running.', { default: 'never' }),
      stopping: option(duration({ min: SECOND, never: true }), 'Asked to stop and not stopped.', { default: '2m' }),
    }),
    min_workers: option(
      wholeNumber({ min: 0, max: 1_000_000 }),
      'Fewer live workers than this is worth a warning; 0 switches it off.',
      { default: 0, unit: 'workers' },
    ),
  }),
  slo: section('The promise about waiting that the burn-rate alerts guard.', {
    queue_wait_target: option(duration({ min: SECOND, never: true }), 'How long an item may wait.', { default: '5m' }),
    // Below 0.931 the fast burn-rate page can never fire: alerts.md, B.4.
    objective: option(ratio(0.95, 0.9999), 'Which share of the time that must hold.', { default: 0.99 }),
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

/** Every option there is. The order is the order of the docs. */
export const options = {
  connections: mapOf(connection),
  api: section('Short for `connections.default`.', connection),
  poll: environmentSettings.poll,
  state_file: option(orNull(path), 'Keeps counters over a restart. One process only.', { default: null }),
  discovery: section('Finds environments through the API; needs an API key that may list them.', {
    enabled: option(onOff, 'Without a file it is on when there is an API key and no environment id.', {
      default: false,
    }),
    interval: option(duration({ min: 10 * SECOND }), 'How often to look.', { default: '5m' }),
    include: option(textList('a list of globs', '["*"]', 1000), 'Globs on name and id: one must match.', {
      default: ['*'],
    }),
    exclude: option(
      textList('a list of globs', '["test-*"]', 1000),
      'Globs on name and id: none may match; wins over `include`.',
      { default: [] },
    ),
    max_environments: option(
      wholeNumber({ min: 1, max: 100_000 }),
      'More than this are dropped, counted and alerted.',
      { default: 500, unit: 'environments' },
    ),
    environment_keys_dir: option(
      orNull(path),
      'A directory with one environment key per file, each named by the id of its environment.',
      { default: null },
    ),
    labels: option(labels, 'Labels of every discovered environment.', { default: {} }),
  }),
  environments: listOf({
    id: option(
      text(
        'an environment id: letters, digits, _ and -, at most 128, and neither poll nor stats',
        'env_01',
        ENVIRONMENT_ID,
      ),
      'The id of the environment; unique in the whole process, because it names the series.',
      {
        required: true,
        env: sdk('ANTHROPIC_ENVIRONMENT_ID'),
      },
    ),
    name: option(orNull(text('a name without control characters', 'prod')), 'What people call it; the id when null.', {
      default: null,
    }),
    connection: option(
      text('the name of a connection', 'default', CONNECTION_NAME),
      'The connection it is read through.',
      { default: 'default' },
    ),
    environment_key: option(key, `The environment key, inline or as \${NAME}. On anthropic only this reads the list.`, {
      secret: true,
      env: sdk('ANTHROPIC_ENVIRONMENT_KEY'),
    }),
    environment_key_file: option(
      path,
      'A file with the environment key, at most 16 KiB; instead of `environment_key`. Read again when it changes.',
    ),
    expires: option(date, 'When the environment key expires, for an alert before it does.'),
    labels: option(labels, 'Labels of this environment, on `anthropic_work_environment_labels`.', { default: {} }),
    ...environmentSettings,
  }),
  thresholds: environmentSettings.thresholds,
  slo: environmentSettings.slo,
  metadata: environmentSettings.metadata,
  exemplars: environmentSettings.exemplars,
  server: section('The HTTP server of `serve`.', {
    listen: option(listen, 'Address and port; an empty host is every IPv4 address.', {
      default: '0.0.0.0:9877',
      env: own('LISTEN'),
      flag: '--listen',
    }),
    lifecycle: option(choice(['loopback', 'anyone', 'off']), 'Who may POST to `/-/reload` and `/-/drill`.', {
      default: 'loopback',
    }),
    item_ids: option(onOff, 'Whether the JSON and the status page show ids of work items.', { default: true }),
  }),
  log: section('Logs, on stderr.', {
    level: option(choice(['debug', 'info', 'warn', 'error']), 'The least important level that is written.', {
      default: 'info',
      env: own('LOG_LEVEL'),
      flag: '--log-level',
    }),
    format: option(choice(['json', 'text']), 'One JSON object a line, or text for people.', {
      default: 'json',
      env: own('LOG_FORMAT'),
      flag: '--log-format',
    }),
  }),
};

export { CONNECTION_NAME };
