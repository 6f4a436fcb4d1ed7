import { PROVIDERS } from '../wire/presets.ts';
import { baseUrl, date } from './address-types.ts';
import { option, sdkVariable } from './option.ts';
import { choice, duration, key, orNull, path, text, wholeNumber } from './option-types.ts';

/** Label value and key of the map. */
export const CONNECTION_NAME = /^(?!sk-ant-)[A-Za-z0-9_-]{1,64}$/;

/** One API endpoint with its key and its budget. */
export const connectionOptions = {
  provider: option(choice(PROVIDERS), 'Which service this is: decides endpoints, headers and which key reads what.', {
    default: 'anthropic',
  }),
  base_url: option(
    orNull(baseUrl),
    'Where the API is. Null: the address of the provider; aws, google and opensdlc have none and need it.',
    {
      default: null,
      env: sdkVariable('ANTHROPIC_BASE_URL'),
    },
  ),
  api_key: option(
    key,
    `The API key, inline or as \${NAME}. On anthropic it reads stats, single items and the environments, not the list.`,
    {
      secret: true,
      example: `\${API_KEY}`,
      env: sdkVariable('ANTHROPIC_API_KEY'),
    },
  ),
  api_key_file: option(
    path,
    'A file with the API key, at most 16 KiB; instead of `api_key`. Read again when it changes.',
    { example: '/run/secrets/api-key' },
  ),
  expires: option(date, 'When the API key expires, for an alert before it does.'),
  workspace_id: option(
    orNull(text('a workspace id', 'wrkspc_01', /^[A-Za-z0-9_-]{1,128}$/)),
    'Sent with every request; required on aws.',
    {
      default: null,
      env: sdkVariable('ANTHROPIC_WORKSPACE_ID'),
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
  timeout: option(duration({ min: 100, max: 600_000 }), 'How long a whole request may take, body included.', {
    default: '10s',
  }),
  max_response_bytes: option(
    wholeNumber({ min: 1024, max: 2 ** 30 }),
    'A longer page of a list is dropped as a bad response. Stats and sessions may have at most 64 KiB, single items 1 MiB.',
    {
      default: 4_194_304,
      unit: 'bytes',
    },
  ),
  ca_file: option(orNull(path), "PEM certificates, trusted beside the system's.", { default: null }),
};
