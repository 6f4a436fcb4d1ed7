import { hostNames, listen } from './address-types.ts';
import { connectionOptions } from './connection-options.ts';
import { environmentOptions } from './environment-options.ts';
import { environmentSettings } from './environment-settings.ts';
import { listOf, mapOf, option, ownVariable, section } from './option.ts';
import { choice, duration, labels, onOff, orNull, path, textList, wholeNumber } from './option-types.ts';

/** Every option there is. The order is the order of the docs. */
export const options = {
  connections: mapOf(connectionOptions),
  api: section('Short for `connections.default`.', connectionOptions),
  poll: environmentSettings.poll,
  sessions: environmentSettings.sessions,
  state_file: option(
    orNull(path),
    'Keeps counters over a restart. One process only. A state file, an empty file or none may lie there; anything else is an error.',
    { default: null },
  ),
  discovery: section('Finds environments through the API; needs an API key that may list them.', {
    enabled: option(onOff, 'Without a file it is on when there is an API key and no environment id.', {
      default: false,
    }),
    interval: option(duration({ min: 10_000 }), 'How often to look.', { default: '5m' }),
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
  environments: listOf(environmentOptions),
  thresholds: environmentSettings.thresholds,
  slo: environmentSettings.slo,
  scaling: environmentSettings.scaling,
  metadata: environmentSettings.metadata,
  exemplars: environmentSettings.exemplars,
  server: section('The HTTP server of `serve`.', {
    listen: option(listen, 'Address and port; an empty host is every IPv4 address.', {
      default: '0.0.0.0:9877',
      env: ownVariable('LISTEN'),
      flag: '--listen',
    }),
    allowed_hosts: option(
      hostNames,
      'Names under which clients ask; a request for another name is refused. Addresses and names without a dot always pass. Empty: any name, unless `listen` has a name or a loopback address.',
      { default: [] },
    ),
    web_config_file: option(
      orNull(path),
      'TLS, logins, headers and a rate limit, in the format that Prometheus exporters share: [web-security.md](web-security.md).',
      { default: null },
    ),
    lifecycle: option(
      choice(['loopback', 'anyone', 'off']),
      'Who may POST to `/-/reload` and `/-/drill`. Use `off` behind a proxy or a service mesh on the same host.',
      { default: 'loopback' },
    ),
    item_ids: option(onOff, 'Whether the JSON and the status page show ids of work items.', { default: true }),
  }),
  log: section('Logs, on stderr.', {
    level: option(choice(['debug', 'info', 'warn', 'error']), 'The least important level that is written.', {
      default: 'info',
      env: ownVariable('LOG_LEVEL'),
      flag: '--log-level',
    }),
    format: option(
      choice(['json', 'text']),
      'One JSON object a line, or text for people; text on a terminal when nothing is set.',
      {
        default: 'json',
        env: ownVariable('LOG_FORMAT'),
        flag: '--log-format',
      },
    ),
  }),
};
