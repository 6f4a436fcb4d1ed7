import { PATH_SEGMENT } from '../../wire/read.ts';
import { date } from './address-types.ts';
import { CONNECTION_NAME } from './connection-options.ts';
import { environmentSettings } from './environment-settings.ts';
import { option, sdkVariable } from './option.ts';
import { key, keyFile, labels, orNull, text } from './option-types.ts';

/** An id that is safe in a path; a key in the wrong place must not become a label. */
export const ENVIRONMENT_ID = new RegExp(`^(?!sk-ant-)${PATH_SEGMENT.source.slice(1)}`);

/** One watched environment: who it is, and its own settings. */
export const environmentOptions = {
  id: option(
    text(
      'an environment id: letters, digits, _ and -, at most 128, and neither poll nor stats',
      'env_01',
      ENVIRONMENT_ID,
    ),
    'The id of the environment; unique in the whole process, because it names the series.',
    {
      required: true,
      example: 'env_01',
      env: sdkVariable('ANTHROPIC_ENVIRONMENT_ID'),
    },
  ),
  name: option(
    orNull(text('a name without control characters', 'prod')),
    'The name for people, of which 128 characters are shown; null: the id.',
    {
      default: null,
      example: 'prod',
    },
  ),
  connection: option(text('the name of a connection', 'default', CONNECTION_NAME), 'The connection that reads it.', {
    default: 'default',
  }),
  environment_key: option(
    key,
    `The environment key, inline or as \${NAME}. For anthropic no other key reads the list.`,
    {
      secret: true,
      example: `\${PROD_KEY}`,
      env: sdkVariable('ANTHROPIC_ENVIRONMENT_KEY'),
    },
  ),
  environment_key_file: option(
    keyFile,
    'A file with the environment key, at most 16 KiB, instead of `environment_key`. It is read again when it changes.',
    { example: '/run/secrets/prod-key' },
  ),
  expires: option(date, 'When the environment key expires; an alert fires before that.'),
  labels: option(
    labels,
    'Labels of this environment, on `anthropic_work_environment_labels`; 128 characters of each value are shown.',
    {
      default: {},
      example: '{owner: agents, tier: prod}',
    },
  ),
  ...environmentSettings,
};
