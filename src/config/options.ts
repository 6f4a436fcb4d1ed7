import { z } from 'zod';
import { THRESHOLDS } from '../domain/thresholds.ts';
import { PROVIDERS } from '../wire/presets.ts';
import { PATH_SEGMENT } from '../wire/read.ts';
import * as type from './option-types.ts';

const SECOND = 1000;
const seconds = (least: number) => type.duration({ min: least * SECOND });
const limit = type.duration({ min: SECOND, never: true });
const number = type.wholeNumberOrNever({ min: 1 });
const autoOrOff = type.choice(['auto', 'off']);

const MAP = 'a map of options: `name: value` lines under it';

/** Options under one name, with what they are for. @param id in the published schema, of what is there more than once */
function section<T extends z.core.$ZodLooseShape>(description: string, shape: T, id?: string) {
  const options = z.strictObject(shape, MAP);
  return (id === undefined ? options : options.meta({ id })).prefault({} as never).meta({ description });
}

/** In the words of the comparison that the alerts make. */
const warns = (name: keyof typeof THRESHOLDS) => `Warning ${THRESHOLDS[name].exceeded.replaceAll('_', ' ')} this.`;
const pages = (name: keyof typeof THRESHOLDS) => warns(name).replace('Warning', 'Critical (pages)');

/** What the top of the file and, leaf by leaf, each environment may have. */
export const settings = {
  poll: section(
    'How often the API is read.',
    {
      stats_interval: seconds(5).prefault('15s').describe('How often the queue statistics are read.'),
      list_interval: seconds(10).prefault('30s').describe('How often the list of work items is read.'),
      max_stats_interval: seconds(5)
        .prefault('1m')
        .describe(
          'The longest stats interval when the budget is too small. Keep it near 1m: alert windows assume that.',
        ),
      max_list_interval: seconds(10).prefault('5m').describe('The longest list interval when the budget is too small.'),
      full_list_interval: seconds(10)
        .prefault('5m')
        .describe(
          'How often the whole list is read, with at most a quarter of the budget. An old item that is queued again is seen within this time.',
        ),
      max_list_pages: type
        .wholeNumber({ min: 1, max: 100_000 })
        .prefault(1000)
        .meta({ description: 'Read no more pages than this; a longer list is marked as truncated.', unit: 'pages' }),
      stale_after: seconds(1)
        .prefault('90s')
        .describe('How long the last values are shown after reads began to fail; at least three scheduled intervals.'),
      single_reads: autoOrOff
        .prefault('auto')
        .describe(
          'Whether the exporter may read a single item by its id when that is cheaper than a page of the list.',
        ),
    },
    'poll',
  ),
  sessions: section(
    'Whether sessions of long runs make progress; read only while the budget has requests to spare.',
    {
      enabled: autoOrOff
        .prefault('auto')
        .describe('`auto`: on if the provider has sessions and a key for them is configured.'),
      after: seconds(10).prefault('10m').describe('Sessions of shorter runs are not read.'),
      interval: seconds(10).prefault('2m').describe('The shortest time between two reads of one session.'),
      max_items: type
        .wholeNumber({ min: 1, max: 10_000 })
        .prefault(50)
        .meta({ description: 'The most sessions of one environment to read in one interval.', unit: 'sessions' }),
    },
    'sessions',
  ),
  thresholds: section(
    'The limits of the alerts; exported as metrics.',
    {
      queue_age: section('Age of the oldest waiting item.', {
        warning: limit.prefault('5m').describe(warns('queue_age')),
        critical: limit.prefault('15m').describe(pages('queue_age')),
      }),
      queue_depth: section('Number of waiting items.', {
        warning: number
          .nullable()
          .prefault(null)
          .describe(
            `${warns('queue_depth')} Null: 100; if the smaller of \`thresholds.queue_age\` is longer than 5m, as many times more.`,
          ),
        critical: number.prefault('never').describe(pages('queue_depth')),
      }),
      stale_heartbeat: limit
        .nullable()
        .prefault(null)
        .describe(
          "How old a running item's last heartbeat may be. Null: the default of the provider, 120s, or 60s for opensdlc.",
        ),
      stale_heartbeat_items: section('Running items with a stale heartbeat.', {
        warning: number.prefault(1).describe(warns('stale_heartbeat_items')),
        critical: number.prefault('never').describe(pages('stale_heartbeat_items')),
      }),
      state_age: section('How long an item may stay in a state.', {
        starting: limit.prefault('3m').describe('Acknowledged, without a heartbeat so far.'),
        active: limit.prefault('24h').describe('Running.'),
        stopping: limit.prefault('4m').describe('Asked to stop, but not stopped yet.'),
      }),
      session_wait: limit
        .prefault('30m')
        .describe('How long the session of a live item may wait for a result or an approval.'),
      redeliveries: number.prefault(3).meta({
        description: 'Warning when an item has been acknowledged again after a lapse of its lease this many times.',
        unit: 'acknowledgements',
      }),
      min_workers: type.wholeNumber({ max: 1_000_000 }).prefault(0).meta({
        description: 'Warn if there are fewer live workers than this; 0 switches it off.',
        unit: 'workers',
      }),
    },
    'thresholds',
  ),
  slo: section(
    'The queue-wait objective behind the burn-rate alerts.',
    {
      queue_wait_target: limit
        .nullable()
        .prefault(null)
        .describe('How long an item may wait. Null: 5m, or `thresholds.queue_age.warning` if that is longer.'),
      // The fast burn rate is 14.4 times the allowed share: below 0.931 that is more than 100 %, and the alert could never fire.
      objective: type
        .ratio(0.95, 0.9999)
        .prefault(0.99)
        .describe('The fraction of the time for which the target must be met.'),
    },
    'slo',
  ),
  scaling: section(
    'The limits of the answer to an autoscaler, `/api/v1/environments/{id}/scaling`.',
    {
      items_per_worker: type
        .wholeNumber({ min: 1, max: 1_000_000 })
        .prefault(1)
        .meta({ description: 'How many items one worker runs at the same time.', unit: 'items' }),
      min_workers: type
        .wholeNumber({ max: 1_000_000 })
        .prefault(0)
        .meta({ description: 'Never ask for fewer workers than this.', unit: 'workers' }),
      max_workers: type
        .wholeNumberOrNever({ max: 1_000_000 })
        .prefault('never')
        .describe('Never ask for more workers than this.'),
    },
    'scaling',
  ),
  metadata: section(
    'Breaks items down by their metadata; off unless keys are given.',
    {
      keys: type
        .textList('a list of at most 10 metadata keys, each once', 10)
        .prefault([])
        .describe('The metadata keys to break down by.'),
      max_values: type.wholeNumber({ min: 1, max: 1000 }).prefault(20).meta({
        description: 'How many values of one key are shown; the others are counted as `other`.',
        unit: 'values',
      }),
    },
    'metadata',
  ),
  exemplars: type.onOff.prefault(false).describe('Attach work ids to histograms as exemplars (OpenMetrics only).'),
};

/** Used as a label value and as a key of the map. */
const CONNECTION_NAME = /^(?!sk-ant-)[A-Za-z0-9_-]{1,64}$/;

/** One API endpoint with its key and its budget. */
const connection = z
  .strictObject(
    {
      provider: type
        .choice(PROVIDERS)
        .prefault('anthropic')
        .describe('The service; it decides the paths, the headers and which key reads what.'),
      base_url: type.baseUrl.nullable().prefault(null).meta({
        description:
          'The address of the API. Null: the address of the provider; required for aws, google and opensdlc, which have none.',
        env: 'ANTHROPIC_BASE_URL',
      }),
      api_key: type.key.optional().meta({
        description: `The API key, inline or as \${NAME}. For anthropic it reads stats, single items and environments, but not the list.`,
        example: `\${API_KEY}`,
        env: 'ANTHROPIC_API_KEY',
      }),
      api_key_file: type.path.optional().meta({
        description: 'A file with the API key, at most 16 KiB, instead of `api_key`. It is read again when it changes.',
        example: '/run/secrets/api-key',
      }),
      expires: type.date.optional().describe('When the API key expires; an alert fires before that.'),
      workspace_id: type
        .text('a workspace id', /^[A-Za-z0-9_-]{1,128}$/)
        .nullable()
        .prefault(null)
        .meta({
          description: 'The workspace id that is sent with every request; required for aws.',
          env: 'ANTHROPIC_WORKSPACE_ID',
        }),
      requests_per_minute: type.wholeNumber({ min: 1, max: 100_000 }).prefault(240).meta({
        description:
          'The budget of the whole connection, shared by all keys and environments, discovery, retries and shards.',
        unit: 'requests per minute',
      }),
      max_concurrent_requests: type.wholeNumber({ min: 1, max: 1024 }).prefault(32).meta({
        description: 'How many requests each process may have in progress at the same time.',
        unit: 'requests',
      }),
      timeout: type
        .duration({ min: 100, max: 600_000 })
        .prefault('10s')
        .describe('How long a request may take, including the body of the answer.'),
      max_response_bytes: type
        .wholeNumber({ min: 1024, max: 2 ** 30 })
        .prefault(4_194_304)
        .meta({
          description:
            'A longer page of the list is discarded as a bad response. Stats may have 64 KiB at most, single items and sessions 1 MiB.',
          unit: 'bytes',
        }),
      ca_file: type.path
        .nullable()
        .prefault(null)
        .describe('A file with PEM certificates to trust in addition to those of the system.'),
    },
    MAP,
  )
  .meta({ id: 'connection' });

/** An id that is safe in a path; a key in the wrong place must not become a label. */
export const ENVIRONMENT_ID = new RegExp(`^(?!sk-ant-)${PATH_SEGMENT.source.slice(1)}`);

/** One watched environment: who it is, and its own settings. */
const environment = z.strictObject(
  {
    id: type
      .text('an environment id: letters, digits, _ and -, at most 128, and neither poll nor stats', ENVIRONMENT_ID)
      .meta({
        description: 'The id of the environment; unique in the whole process, because it names the series.',
        example: 'env_01',
        env: 'ANTHROPIC_ENVIRONMENT_ID',
      }),
    name: type.text('a name without control characters').nullable().prefault(null).meta({
      description: 'The name for people, of which 128 characters are shown; null: the id.',
      example: 'prod',
    }),
    connection: type
      .text('the name of a connection', CONNECTION_NAME)
      .prefault('default')
      .describe('The connection that reads it.'),
    environment_key: type.key.optional().meta({
      description: `The environment key, inline or as \${NAME}. For anthropic no other key reads the list.`,
      example: `\${PROD_KEY}`,
      env: 'ANTHROPIC_ENVIRONMENT_KEY',
    }),
    environment_key_file: type.path.optional().meta({
      description:
        'A file with the environment key, at most 16 KiB, instead of `environment_key`. It is read again when it changes.',
      example: '/run/secrets/prod-key',
    }),
    expires: type.date.optional().describe('When the environment key expires; an alert fires before that.'),
    labels: type.labels.prefault({}).meta({
      description:
        'Labels of this environment, on `anthropic_work_environment_labels`; 128 characters of each value are shown.',
      example: '{ owner: agents, tier: prod }',
    }),
    ...settings,
  },
  MAP,
);

const NAMES = 'a map of connections by name, with names of letters, digits, _ and -, at most 64';

/** Every option. The order is the order of the docs. */
export const fileSchema = z.strictObject(
  {
    connections: z
      .record(z.string().regex(CONNECTION_NAME), connection, NAMES)
      .optional()
      .describe('API endpoints by name, each with its key and its budget.'),
    api: connection.optional().describe('Short for `connections.default`.'),
    poll: settings.poll,
    sessions: settings.sessions,
    state_file: type.path
      .nullable()
      .prefault(null)
      .describe(
        'A file that keeps counters across restarts; each process needs its own: with shards `.` and the number of the shard are appended. The path may lead to a state file, an empty file or nothing; anything else is an error.',
      ),
    discovery: section('Finds environments through the API; needs an API key that may list them.', {
      enabled: type.onOff
        .prefault(false)
        .describe(
          'Whether to discover environments. Without a configuration file the default is true if there is an API key and no environment id.',
        ),
      interval: seconds(10).prefault('5m').describe('How often to look for environments.'),
      include: type
        .textList('a list of at least one glob and at most 1000, each once', 1000, type.glob)
        .refine((globs) => globs.length > 0, 'a list of at least one glob; leave it out to match everything')
        .meta({ kind: 'list of text', minItems: 1 })
        .prefault(['*'])
        .describe(
          'Patterns for names and ids: watch what matches one of them. `*` is anything, `/` included; `?`, `[a-c]` and `{a,b}` work, too.',
        ),
      exclude: type
        .textList('a list of at most 1000 globs, each once', 1000, type.glob)
        .prefault([])
        .describe('Patterns for names and ids: leave out what matches one of them, even if `include` matches too.'),
      max_environments: type.wholeNumber({ min: 1, max: 100_000 }).prefault(500).meta({
        description:
          'Discovered environments beyond this number, of all shards together, are not watched; they are counted, and an alert fires.',
        unit: 'environments',
      }),
      environment_keys_dir: type.path
        .nullable()
        .prefault(null)
        .describe(
          'A directory with one file per environment key; each file has the id of its environment as its name.',
        ),
      labels: type.labels.prefault({}).describe('Labels of all discovered environments.'),
    }),
    environments: z
      .array(environment, 'a list: each entry begins with a dash and a space')
      .prefault([])
      .describe('The environments to watch; they win over discovered ones with the same id.'),
    thresholds: settings.thresholds,
    slo: settings.slo,
    scaling: settings.scaling,
    metadata: settings.metadata,
    exemplars: settings.exemplars,
    shard: type.shard.prefault('0/1').meta({
      description:
        'Which part of the fleet this process watches: `I/N` is part I, counted from 0, of N; `auto/N` takes I from the number that ends the host name, as in a StatefulSet. Each part uses 1/N of every `requests_per_minute`.',
      env: 'ANTHROPIC_WORK_EXPORTER_SHARD',
      flag: '--shard',
    }),
    server: section('The HTTP server of `serve`.', {
      listen: type.listen.prefault('0.0.0.0:9877').meta({
        description: 'Address and port; an empty host means every IPv4 address, and [::] every address of both kinds.',
        env: 'ANTHROPIC_WORK_EXPORTER_LISTEN',
        flag: '--listen',
      }),
      allowed_hosts: type.hostNames
        .prefault([])
        .describe(
          'The host names that clients may use; a request for another name is rejected. Addresses and names without a dot are always allowed. Empty: any name, unless `listen` has a name or a loopback address.',
        ),
      web_config_file: type.path
        .nullable()
        .prefault(null)
        .describe(
          'TLS, logins, headers and a rate limit, in the format that Prometheus exporters share: [security.md](security.md#tls-and-logins).',
        ),
      lifecycle: type
        .choice(['loopback', 'anyone', 'off'])
        .prefault('loopback')
        .describe(
          'Who may reload (`/-/reload`), and begin or end a drill (`/-/drill`). Use `off` behind a proxy or a service mesh on the same host.',
        ),
      dashboard_base_url: type.baseUrl
        .nullable()
        .prefault(null)
        .describe(
          'The address of Grafana, where the boards are: the page of an environment and the JSON then link to its board. `rules --dashboard-base-url` is the same for alerts.',
        ),
      item_ids: type.onOff
        .prefault(true)
        .describe('Whether the JSON API and the status page show the ids of work items.'),
    }),
    log: section('The log, on stderr.', {
      level: type.choice(['debug', 'info', 'warn', 'error']).prefault('info').meta({
        description: 'The lowest level that is written.',
        env: 'ANTHROPIC_WORK_EXPORTER_LOG_LEVEL',
        flag: '--log-level',
      }),
      format: type.choice(['json', 'text']).prefault('json').meta({
        description: '`json`: one object per line. `text`: for people; the default on a terminal.',
        env: 'ANTHROPIC_WORK_EXPORTER_LOG_FORMAT',
        flag: '--log-format',
      }),
    }),
  },
  MAP,
);

const settingsSchema = z.strictObject(settings);

export type FileValues = z.output<typeof fileSchema>;
export type ConnectionValues = z.output<typeof connection>;
export type SettingsValues = z.output<typeof settingsSchema>;

/** A connection of which nothing is written. */
export const connectionDefaults = (): ConnectionValues => connection.parse({});

/** The settings of written layers, the stronger one last; each has been checked by itself. */
export function mergedSettings(...layers: readonly object[]): SettingsValues {
  const own = layers.map((layer) =>
    Object.fromEntries(Object.entries(layer).filter(([key]) => Object.hasOwn(settings, key))),
  );
  return settingsSchema.parse(own.reduce(merged, {}));
}

/** Leaf by leaf; lists are leaves. */
function merged(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  return {
    ...below,
    ...Object.fromEntries(Object.entries(above).map(([key, value]) => [key, merged(below[key], value)])),
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
