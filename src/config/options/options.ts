import { baseUrl, hostNames, listen } from './address-types.ts';
import { connectionOptions } from './connection-options.ts';
import { environmentOptions } from './environment-options.ts';
import { environmentSettings } from './environment-settings.ts';
import { duration, wholeNumber } from './number-types.ts';
import { listOf, mapOf, option, ownVariable, section } from './option.ts';
import { choice, labels, onOff, orNull, path } from './option-types.ts';
import { patternList, patternsToMatch } from './pattern-list.ts';
import { shardOption } from './shard-option.ts';

const LEVELS_ELSEWHERE = {
  trace: 'debug',
  verbose: 'debug',
  notice: 'info',
  warning: 'warn',
  critical: 'error',
  fatal: 'error',
} as const;

/** Every option. The order is the order of the docs. */
export const options = {
  connections: mapOf(connectionOptions),
  api: section('Short for `connections.default`.', connectionOptions),
  poll: environmentSettings.poll,
  sessions: environmentSettings.sessions,
  state_file: option(
    orNull(path('/var/lib/anthropic-work-exporter/state.json')),
    'A file that keeps counters across restarts; each process needs its own: with shards `.` and the number of the shard are appended. The path may lead to a state file, an empty file or nothing; anything else is an error.',
    { default: null },
  ),
  discovery: section('Finds environments through the API; needs an API key that may list them.', {
    enabled: option(
      onOff,
      'Whether to discover environments. Without a configuration file the default is true if there is an API key and no environment id.',
      {
        default: false,
      },
    ),
    interval: option(duration({ min: 10_000 }), 'How often to look for environments.', { default: '5m' }),
    include: option(
      patternsToMatch('["*"]'),
      'Patterns for names and ids: watch what matches one of them. `*` is anything, `/` included; `?`, `[a-c]` and `{a,b}` work, too.',
      {
        default: ['*'],
      },
    ),
    exclude: option(
      patternList('["test-*"]'),
      'Patterns for names and ids: leave out what matches one of them, even if `include` matches too.',
      { default: [] },
    ),
    max_environments: option(
      wholeNumber({ min: 1, max: 100_000 }),
      'Discovered environments beyond this number, of all shards together, are not watched; they are counted, and an alert fires.',
      { default: 500, unit: 'environments' },
    ),
    environment_keys_dir: option(
      orNull(path('/run/secrets/environment-keys', 'a directory')),
      'A directory with one file per environment key; each file has the id of its environment as its name.',
      { default: null },
    ),
    labels: option(labels, 'Labels of all discovered environments.', { default: {} }),
  }),
  environments: listOf(environmentOptions),
  thresholds: environmentSettings.thresholds,
  slo: environmentSettings.slo,
  scaling: environmentSettings.scaling,
  metadata: environmentSettings.metadata,
  exemplars: environmentSettings.exemplars,
  shard: shardOption,
  server: section('The HTTP server of `serve`.', {
    listen: option(
      listen,
      'Address and port; an empty host means every IPv4 address, and [::] every address of both kinds.',
      {
        default: '0.0.0.0:9877',
        env: ownVariable('LISTEN'),
        flag: '--listen',
      },
    ),
    allowed_hosts: option(
      hostNames,
      'The host names that clients may use; a request for another name is rejected. Addresses and names without a dot are always allowed. Empty: any name, unless `listen` has a name or a loopback address.',
      { default: [] },
    ),
    web_config_file: option(
      orNull(path('web-config.yml')),
      'TLS, logins, headers and a rate limit, in the format that Prometheus exporters share: [web-security.md](web-security.md).',
      { default: null },
    ),
    lifecycle: option(
      choice(['loopback', 'anyone', 'off'], {
        false: 'off',
        no: 'off',
        none: 'off',
        local: 'loopback',
        localhost: 'loopback',
      }),
      'Who may reload (`/-/reload`), and begin or end a drill (`/-/drill`). Use `off` behind a proxy or a service mesh on the same host.',
      { default: 'loopback' },
    ),
    dashboard_base_url: option(
      orNull({ ...baseUrl, example: 'https://grafana.example.com' }),
      'The address of Grafana, where the boards are: the page of an environment and the JSON then link to its board. `rules --dashboard-base-url` is the same for alerts.',
      { default: null },
    ),
    item_ids: option(onOff, 'Whether the JSON API and the status page show the ids of work items.', { default: true }),
  }),
  log: section('The log, on stderr.', {
    level: option(choice(['debug', 'info', 'warn', 'error'], LEVELS_ELSEWHERE), 'The lowest level that is written.', {
      default: 'info',
      env: ownVariable('LOG_LEVEL'),
      flag: '--log-level',
    }),
    format: option(
      choice(['json', 'text'], { logfmt: 'text', plain: 'text', pretty: 'text', console: 'text' }),
      '`json`: one object per line. `text`: for people; the default on a terminal.',
      {
        default: 'json',
        env: ownVariable('LOG_FORMAT'),
        flag: '--log-format',
      },
    ),
  }),
};
