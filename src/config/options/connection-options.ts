import { PROVIDERS } from '../../wire/presets.ts';
import { baseUrl, date } from './address-types.ts';
import { duration, wholeNumber } from './number-types.ts';
import { option, sdkVariable } from './option.ts';
import { choice, key, keyFile, orNull, path, text } from './option-types.ts';

/** Used as a label value and as a key of the map. */
export const CONNECTION_NAME = /^(?!sk-ant-)[A-Za-z0-9_-]{1,64}$/;

/** One API endpoint with its key and its budget. */
export const connectionOptions = {
  provider: option(
    choice(PROVIDERS, { claude: 'anthropic', amazon: 'aws', gcp: 'google' }),
    'The service; it decides the paths, the headers and which key reads what.',
    {
      default: 'anthropic',
    },
  ),
  base_url: option(
    orNull(baseUrl),
    'The address of the API. Null: the address of the provider; required for aws, google and opensdlc, which have none.',
    {
      default: null,
      env: sdkVariable('ANTHROPIC_BASE_URL'),
    },
  ),
  api_key: option(
    key,
    `The API key, inline or as \${NAME}. For anthropic it reads stats, single items and environments, but not the list.`,
    {
      secret: true,
      example: `\${API_KEY}`,
      env: sdkVariable('ANTHROPIC_API_KEY'),
    },
  ),
  api_key_file: option(
    keyFile,
    'A file with the API key, at most 16 KiB, instead of `api_key`. It is read again when it changes.',
    { example: '/run/secrets/api-key' },
  ),
  expires: option(date, 'When the API key expires; an alert fires before that.'),
  workspace_id: option(
    orNull(text('a workspace id', 'wrkspc_01', /^[A-Za-z0-9_-]{1,128}$/)),
    'The workspace id that is sent with every request; required for aws.',
    {
      default: null,
      env: sdkVariable('ANTHROPIC_WORKSPACE_ID'),
    },
  ),
  requests_per_minute: option(
    wholeNumber({ min: 1, max: 100_000 }),
    'The budget of the whole connection, shared by all keys and environments, discovery, retries and shards.',
    {
      default: 240,
      unit: 'requests per minute',
    },
  ),
  max_concurrent_requests: option(
    wholeNumber({ min: 1, max: 1024 }),
    'How many requests each process may have in progress at the same time.',
    {
      default: 32,
      unit: 'requests',
    },
  ),
  timeout: option(
    duration({ min: 100, max: 600_000 }),
    'How long a request may take, including the body of the answer.',
    {
      default: '10s',
    },
  ),
  max_response_bytes: option(
    wholeNumber({ min: 1024, max: 2 ** 30 }),
    'A longer page of the list is discarded as a bad response. Stats may have 64 KiB at most, single items and sessions 1 MiB.',
    {
      default: 4_194_304,
      unit: 'bytes',
    },
  ),
  ca_file: option(
    orNull(path('/etc/ssl/proxy-ca.pem')),
    'A file with PEM certificates to trust in addition to those of the system.',
    {
      default: null,
    },
  ),
};
