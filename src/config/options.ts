import { z } from 'zod';
import { PROVIDERS } from '../wire/presets.ts';
import { PATH_SEGMENT } from '../wire/read.ts';
import * as type from './option-types.ts';

/** What the `.meta` of an option says of it. */
export interface About {
  /** One sentence, for the docs and the JSON Schema. */
  readonly description?: string | undefined;
  /** Word for the type in the docs. */
  readonly kind?: string | undefined;
  /** For the annotated example, as YAML, where it is not the default. */
  readonly example?: string | undefined;
  readonly secret?: boolean | undefined;
  /** The variable that overrides the file or, with the name of an SDK's variable, counts where there is no file. */
  readonly env?: string | undefined;
  readonly flag?: string | undefined;
}

const autoOrOff = type.choice(['auto', 'off']);
const path = type.orNull(type.path);

/** An option with its default, as written, and what it is for. */
function option<T extends z.ZodType>(of: T, fallback: z.input<T>, about: string | About) {
  return of.prefault(fallback as never).meta(typeof about === 'string' ? { description: about } : { ...about });
}

/** An option without a default. */
function own<T extends z.ZodType>(of: T, about: About) {
  return of.optional().meta({ ...about });
}

const map = <T extends z.core.$ZodLooseShape>(shape: T) =>
  type.mapOf(shape, 'a map of options: `name: value` lines under it');

/** Options under one name. */
function section<T extends z.core.$ZodLooseShape>(description: string, shape: T) {
  return map(shape)
    .prefault({} as never)
    .meta({ description });
}

/** What the top of the file and, leaf by leaf, each environment may have. */
const settings = {
  poll: section('How often the API is read.', {
    stats_interval: option(type.duration('5s'), '15s', 'How often the queue statistics are read.'),
    list_interval: option(type.duration('10s'), '30s', 'How often the list of work items is read.'),
    max_stats_interval: option(type.duration('5s'), '1m', {
      description: 'The longest stats interval when the budget is too small; alert windows assume about 1m.',
    }),
    max_list_interval: option(type.duration('10s'), '5m', 'The longest list interval when the budget is too small.'),
    full_list_interval: option(type.duration('10s'), '5m', {
      description: 'How often the whole list is read, so that an old item that is queued again is seen.',
    }),
    max_list_pages: option(type.wholeNumber(1, 100_000), 1000, 'Read no more pages; a longer list is truncated.'),
    stale_after: option(type.duration('1s'), '90s', {
      description: 'How long the last values are shown after reads began to fail; raised to three intervals.',
    }),
    single_reads: option(autoOrOff, 'auto', 'Read a single item by its id when that is cheaper than a page.'),
  }),
  sessions: section('Whether sessions of long runs make progress; read with what the budget has to spare.', {
    enabled: option(autoOrOff, 'auto', '`auto`: on if the provider has sessions, and there is a key for them.'),
    after: option(type.duration('10s'), '10m', 'Sessions of shorter runs are not read.'),
    interval: option(type.duration('10s'), '2m', 'The shortest time between two reads of one session.'),
    max_items: option(type.wholeNumber(1, 10_000), 50, 'The most sessions of one environment in an interval.'),
  }),
  thresholds: section('The limits of the alerts; exported as metrics.', {
    queue_age: section('Age of the oldest waiting item.', {
      warning: option(type.limit, '5m', 'Warning above this.'),
      critical: option(type.limit, '15m', 'Critical (pages) above this.'),
    }),
    cold_start: option(type.orNull(type.limit), null, {
      description:
        'How long work may wait until a worker is there to take it. Null: half of the smaller `thresholds.queue_age`. Raise it where workers start only when work comes, and take minutes to start.',
    }),
    queue_depth: section('Number of waiting items.', {
      warning: option(type.orNull(type.numberOrNever(1)), null, {
        description: 'Warning above this. Null: 100, and as many times more as `thresholds.queue_age` is above 5m.',
      }),
      critical: option(type.numberOrNever(1), 'never', 'Critical (pages) above this.'),
    }),
    stale_heartbeat: option(type.orNull(type.limit), null, {
      description: "How old a running item's last heartbeat may be. Null: 120s, or 60s for opensdlc.",
    }),
    stale_heartbeat_items: section('Running items with a stale heartbeat.', {
      warning: option(type.numberOrNever(1), 1, 'Warning at or above this.'),
      critical: option(type.numberOrNever(1), 'never', 'Critical (pages) at or above this.'),
    }),
    state_age: section('How long an item may stay in a state.', {
      starting: option(type.limit, '3m', 'Acknowledged, without a heartbeat so far.'),
      active: option(type.limit, '24h', 'Running.'),
      stopping: option(
        type.limit,
        '4m',
        'Asked to stop, but not stopped yet; boards and pages show it, no alert does.',
      ),
    }),
    session_wait: option(type.limit, '30m', 'How long the session of a live item may wait for a result or approval.'),
    redeliveries: option(type.numberOrNever(1), 3, 'Warning when an item was handed out again this many times.'),
    min_workers: option(type.wholeNumber(0, 1_000_000), 0, 'Warn if fewer workers live; 0 switches it off.'),
  }),
  slo: section('The queue-wait objective behind the burn-rate alerts.', {
    queue_wait_target: option(type.orNull(type.limit), null, {
      description: 'How long an item may wait. Null: 5m, or `thresholds.queue_age.warning` if that is longer.',
    }),
    // The fast burn rate is 14.4 times the allowed share: below 0.931 that is more than 100 %, and the alert could never fire.
    objective: option(type.ratio(0.95, 0.9999), 0.99, 'The fraction of the time for which the target must be met.'),
  }),
  scaling: section('The limits of the answer to an autoscaler, `/api/v1/environments/{id}/scaling`.', {
    items_per_worker: option(type.wholeNumber(1, 1_000_000), 1, 'How many items one worker runs at the same time.'),
    min_workers: option(type.wholeNumber(0, 1_000_000), 0, 'Never ask for fewer workers than this.'),
    max_workers: option(type.numberOrNever(0, 1_000_000), 'never', 'Never ask for more workers than this.'),
  }),
  metadata: section('Breaks items down by their metadata; off unless keys are given.', {
    keys: option(type.metadataKeys, [], 'The metadata keys to break down by.'),
    max_values: option(type.wholeNumber(1, 1000), 20, 'How many values of a key are shown; others count as `other`.'),
  }),
  exemplars: option(type.onOff, false, 'Attach work ids to histograms as exemplars (OpenMetrics only).'),
};

/** Used as a label value and as a key of the map. */
const CONNECTION_NAME = /^(?!sk-ant-)[A-Za-z0-9_-]{1,64}$/;

/** One API endpoint with its key and its budget. */
export const connectionSchema = map({
  provider: option(type.choice(PROVIDERS), 'anthropic', 'The service; it decides which key reads what, and the paths.'),
  base_url: option(type.orNull(type.baseUrl), null, {
    description: 'The address of the API. Null: the address of the provider; required where it has none.',
    env: 'ANTHROPIC_BASE_URL',
  }),
  api_key: own(type.key, {
    description: `The API key, inline or as \${NAME}. For anthropic it reads all but the list.`,
    example: `\${API_KEY}`,
    env: 'ANTHROPIC_API_KEY',
  }),
  api_key_file: own(type.path, {
    description: 'A file with the API key, at most 16 KiB, instead of `api_key`. It is read again when it changes.',
    example: '/run/secrets/api-key',
  }),
  expires: own(type.date, {
    description: 'When the API key expires; an alert fires before that.',
    example: '2027-05-01',
  }),
  workspace_id: option(type.orNull(type.text('a workspace id', /^[A-Za-z0-9_-]{1,128}$/)), null, {
    description: 'The workspace id that is sent with every request; required for aws.',
    env: 'ANTHROPIC_WORKSPACE_ID',
  }),
  requests_per_minute: option(type.orNull(type.wholeNumber(1, 100_000)), null, {
    description:
      'The budget of the connection, for everything that it is asked by all shards. Null: 240, or 1200 for self-hosted-service.',
  }),
  max_concurrent_requests: option(type.wholeNumber(1, 1024), 32, 'The most requests of each process at a time.'),
  timeout: option(type.duration('100ms', '10m'), '10s', 'How long a request may take, with the body of the answer.'),
  max_response_bytes: option(type.wholeNumber(1024, 2 ** 30), 4_194_304, 'A longer answer is a bad response.'),
  ca_file: option(path, null, 'A file with PEM certificates to trust in addition to those of the system.'),
});

/** An id that is safe in a path; a key in the wrong place must not become a label. */
export const ENVIRONMENT_ID = new RegExp(`^(?!sk-ant-)${PATH_SEGMENT.source.slice(1)}`);
const ID = 'an environment id: letters, digits, _ and -, at most 128, and neither poll nor stats';

/** The settings as an environment has them: what it leaves out is not a default, but what the top of the file says. */
const optional = Object.fromEntries(Object.entries(settings).map(([name, one]) => [name, one.unwrap().optional()]));

/** One watched environment: who it is, and its own settings. */
const environment = map({
  id: type.text(ID, ENVIRONMENT_ID).meta({
    description: 'The id of the environment; unique in the whole process, because it names the series.',
    example: 'env_01',
    env: 'ANTHROPIC_ENVIRONMENT_ID',
  }),
  name: option(type.orNull(type.text('a name without control characters')), null, {
    description: 'The name for people, of which 128 characters are shown; null: the id.',
    example: 'prod',
  }),
  connection: option(type.text('the name of a connection', CONNECTION_NAME), 'default', 'What reads it.'),
  environment_key: own(type.key, {
    description: `The environment key, inline or as \${NAME}. For anthropic no other key reads the list.`,
    example: `\${PROD_KEY}`,
    env: 'ANTHROPIC_ENVIRONMENT_KEY',
  }),
  environment_key_file: own(type.path, {
    description: 'A file with the environment key instead. It is read again when it changes.',
    example: '/run/secrets/prod-key',
  }),
  expires: own(type.date, { description: 'When that key expires; an alert fires before.', example: '2027-05-01' }),
  labels: option(type.labels, {} as Record<string, string>, {
    description: 'Labels on `anthropic_work_environment_labels`; 128 characters of each value are shown.',
    example: '{ owner: agents, tier: prod }',
  }),
  ...(optional as object),
});

const CONNECTIONS = 'a map of connections by name, with names of letters, digits, _ and -, at most 64';

/** Every option. The order is the order of the docs. */
export const fileSchema = map({
  connections: z
    .record(z.string().regex(CONNECTION_NAME), connectionSchema, CONNECTIONS)
    .optional()
    .describe('API endpoints by name, each with its key and its budget.'),
  api: connectionSchema.optional().describe('Short for `connections.default`.'),
  ...settings,
  state_file: option(path, null, {
    description:
      'A file that keeps counters across restarts; each process needs its own: with shards `.` and the number of the shard are appended. Its directory must exist; the path may lead to a state file, an empty file or nothing.',
  }),
  discovery: section('Finds environments on every connection whose API key lists them; `exclude` the rest.', {
    enabled: option(type.onOff, false, {
      description:
        'Whether to discover environments. Without a file: true if there is an API key and no environment id.',
    }),
    interval: option(type.duration('10s'), '5m', 'How often to look for environments.'),
    include: option(type.globs.min(1, 'a list of at least one glob; leave it out to match everything'), ['*'], {
      description:
        'Patterns for names and ids: watch what matches one of them. `*` is anything, `/` included; `?` is one character.',
    }),
    exclude: option(type.globs, [], 'Leave out what matches one of these, even if `include` matches too.'),
    max_environments: option(type.wholeNumber(1, 100_000), 500, {
      description: 'Of all shards together; what is found beyond is counted but not watched, and an alert fires.',
    }),
    environment_keys_dir: option(path, null, {
      description: 'A directory with one file per environment key; each has the id of its environment as its name.',
    }),
    labels: option(type.labels, {}, 'Labels of all discovered environments.'),
  }),
  environments: z
    .array(environment, 'a list: each entry begins with a dash and a space')
    .prefault([])
    .describe('The environments to watch; they win over discovered ones with the same id.'),
  shard: option(type.shard, '0/1', {
    description:
      'Which part of the fleet this process watches: `I/N` is part I, counted from 0, of N; `auto/N` takes I from the number that ends the host name, as in a StatefulSet. Each part uses 1/N of every `requests_per_minute`.',
    env: 'ANTHROPIC_WORK_EXPORTER_SHARD',
    flag: '--shard',
  }),
  server: section('The HTTP server of `serve`.', {
    listen: option(type.listen, '0.0.0.0:9877', {
      description: 'Address and port; an empty host means every IPv4 address, and [::] every address of both kinds.',
      env: 'ANTHROPIC_WORK_EXPORTER_LISTEN',
      flag: '--listen',
    }),
    allowed_hosts: option(type.hostNames, [], {
      description:
        'The host names that clients may use; a request for another name is rejected. Addresses and names without a dot are always allowed. Empty: any name, unless `listen` has a name or a loopback address.',
    }),
    web_config_file: option(path, null, {
      description:
        'TLS, logins, headers and a rate limit, in the format that Prometheus exporters share: [security.md](security.md#tls-and-logins).',
    }),
    lifecycle: option(type.choice(['loopback', 'anyone', 'off']), 'loopback', {
      description: 'Who may reload (`/-/reload`) and drill (`/-/drill`). Use `off` behind a proxy on the same host.',
    }),
    dashboard_base_url: option(type.orNull(type.baseUrl), null, {
      description:
        'The address of Grafana: page and JSON then link to its boards. For alerts: `rules --dashboard-base-url`.',
    }),
    item_ids: option(type.onOff, true, 'Whether the JSON API and the status page show the ids of work items.'),
  }),
  log: section('The log, on stderr.', {
    level: option(type.choice(['debug', 'info', 'warn', 'error']), 'info', {
      description: 'The lowest level that is written.',
      env: 'ANTHROPIC_WORK_EXPORTER_LOG_LEVEL',
      flag: '--log-level',
    }),
    format: option(type.choice(['json', 'text']), 'json', {
      description: '`json`: one object per line. `text`: for people; the default on a terminal.',
      env: 'ANTHROPIC_WORK_EXPORTER_LOG_FORMAT',
      flag: '--log-format',
    }),
  }),
});

/** Of what the top of the file or an environment has, the settings. */
export const settingsSchema = z.object(settings);

export type FileValues = z.output<typeof fileSchema>;
export type ConnectionValues = z.output<typeof connectionSchema>;

/** The JSON Schema of an option or of a group of options, with what its `.meta` says. */
export interface Schema extends About {
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
}

/** Every option and group of options. */
export const TREE = z.toJSONSchema(fileSchema, { io: 'input' }) as Schema;

/** The schema of a member or of an entry; null: there is nothing of this name. */
export function childOf(schema: Schema | null, step: string | number): Schema | null {
  const { properties, items, additionalProperties } = schema ?? {};
  if (properties !== undefined) return Object.hasOwn(properties, step) ? properties[step]! : null;
  return items ?? (additionalProperties || null);
}

/** The names that may stand under a schema; none for lists, for names that the user chooses, and for single options. */
export function keysOf(schema: Schema | null): readonly string[] {
  return Object.keys(schema?.properties ?? {});
}

/** Whether a schema is of options, or of a map or list of such: then nothing behind its name is as if it were missing. */
export function isGroup(schema: Schema | null): boolean {
  return keysOf(schema).length > 0 || keysOf(childOf(schema, 0)).length > 0;
}

/** Every option, with `*` for a name of the user's choice and `[]` for a list. */
export const OPTIONS: readonly { readonly path: string; readonly option: Schema; readonly isRequired: boolean }[] =
  optionsOf(TREE, '');

function optionsOf(schema: Schema, path: string): (typeof OPTIONS)[number][] {
  return keysOf(schema).flatMap((key) => {
    const child = childOf(schema, key)!;
    const at = path === '' ? key : `${path}.${key}`;
    if (!isGroup(child)) return [{ path: at, option: child, isRequired: schema.required?.includes(key) === true }];
    if (keysOf(child).length > 0) return optionsOf(child, at);
    return optionsOf(childOf(child, 0)!, child.items === undefined ? `${at}.*` : `${at}[]`);
  });
}

const VARIABLE = { type: 'string', pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$' };

/**
 * The JSON Schema (draft 2020-12) of a configuration file, for editors and for the `schema` command. It takes what the loader takes
 * besides: `${NAME}` for every value, and sections with nothing under them.
 */
export function configurationSchema(): object {
  const schema = z.toJSONSchema(fileSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      const { kind, example, secret, env, flag, ...own } = jsonSchema as Schema;
      for (const name of Object.keys(jsonSchema)) delete jsonSchema[name];
      // What may be null has it within.
      if (kind !== undefined && !kind.endsWith(' or null')) Object.assign(jsonSchema, { anyOf: [own, VARIABLE] });
      else Object.assign(jsonSchema, own, isGroup(own) && { type: [own.items ? 'array' : 'object', 'null'] });
    },
  });
  return { title: 'anthropic-work-exporter configuration', ...schema };
}
