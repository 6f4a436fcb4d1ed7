import { CREDENTIAL_NAMES, type CredentialKind } from '../../domain/failure.ts';

/** What is wrong, in words that never hold the key. */
export interface SecretFault {
  readonly what: string;
  readonly remedy: string;
}

/** What is left around a key that was copied with too much: a variable's mark, quotes, brackets, a name or a header. */
const WRAPPED = /^[$%"'`<([{]|[}%"'`>)\],;]$|.sk-ant-/i;

const NOTHING_BUT_THE_KEY = `put nothing but the key there; the configuration file may also say \${NAME} for an environment variable`;

const PLACEHOLDER = 'is a placeholder';
const KEY_ITSELF = 'put the key itself there';

/** How the base64 of a key begins, as `data` of a Secret in Kubernetes holds it. */
const ENCODED = 'c2stYW50';

/** Where each kind of key belongs. */
const PLACES = {
  file: { api_key: 'api_key of the connection', environment_key: 'environment_key of its environment' },
  variables: { api_key: 'ANTHROPIC_API_KEY', environment_key: 'ANTHROPIC_ENVIRONMENT_KEY' },
} as const;

/** Where to get each kind of key that is needed here. */
const CREATE = {
  api_key: 'create an API key (Console → API keys)',
  environment_key: 'create an environment key (Console → Environments → your environment → Environment keys)',
} as const;

/**
 * What stands where a key belongs and surely is none. Keys of gateways and of other providers look like anything, so
 * only what no generator of keys makes is listed.
 */
const NO_KEYS: readonly (readonly [RegExp, string, (kind: CredentialKind) => string])[] = [
  [/^sk-ant-admin/, 'is an Admin API key, which reads no environment', (kind) => CREATE[kind]],
  [/^sk-ant-sid/, 'is the login of a browser', (kind) => CREATE[kind]],
  [
    // In small letters: base64 is not.
    /^(?:~|\.{1,2})?\/[a-z0-9._-]+(?:\/[a-z0-9._-]+)*$/,
    'is a path',
    (kind) => `put the key itself there, or name its file in ${kind}_file of the configuration file`,
  ],
  [/^(?:[A-Z]+_)*(?:API|AUTH|ENV|ENVIRONMENT)_(?:KEY|TOKEN)$/, 'is the name of a variable', () => NOTHING_BUT_THE_KEY],
  [
    /\.{3}|^x{4,}$|^your[-_](?:.+[-_])?(?:api|key|secret|token)|^(?:change|replace)[-_]?me$|^(?:null|undefined)$/i,
    PLACEHOLDER,
    () => KEY_ITSELF,
  ],
];

/** What makes a text unusable as this kind of key, or null. `from`: what the configuration is. */
export function keyFault(value: string, kind: CredentialKind, from: keyof typeof PLACES = 'file'): SecretFault | null {
  const name = CREDENTIAL_NAMES[kind];
  if (value === '') return { what: `the ${name} is empty`, remedy: 'put the key there, or remove the option' };
  if (value.startsWith(ENCODED)) {
    return {
      what: `the ${name} is encoded in base64`,
      remedy: 'put the key itself there; in a Secret, under stringData',
    };
  }
  if (value.startsWith('\ufeff')) {
    return {
      what: `the ${name} begins with a byte order mark`,
      remedy: 'save the file as UTF-8 without a byte order mark',
    };
  }
  if (/^<(?!sk-)[^<>]*>$/.test(value)) return { what: `the ${name} ${PLACEHOLDER}`, remedy: KEY_ITSELF };
  if (/[\t-\r ]/.test(value))
    return { what: `the ${name} contains white space`, remedy: 'put nothing but the key there, on one line' };
  // As our own pages write it.
  if (value.endsWith('…')) return { what: `the ${name} ${PLACEHOLDER}`, remedy: KEY_ITSELF };
  // A header can hold neither, and the request would fail far from its cause.
  if (/[^\x21-\x7e]/.test(value)) {
    return { what: `the ${name} has control or non-ASCII characters`, remedy: 'copy the key again, as plain text' };
  }
  if (WRAPPED.test(value)) {
    return {
      what: `the ${name} has something around it: a dollar sign, quotes, brackets or a name`,
      remedy: NOTHING_BUT_THE_KEY,
    };
  }
  if (kind === 'api_key' && value.startsWith('sk-ant-oat')) {
    return {
      what: 'the API key looks like an environment key or an OAuth token',
      remedy: `move an environment key to ${PLACES[from].environment_key}, and in place of a token ${CREATE.api_key}`,
    };
  }
  if (kind === 'environment_key' && value.startsWith('sk-ant-api')) {
    return { what: 'the environment key looks like an API key', remedy: `move it to ${PLACES[from].api_key}` };
  }
  const [, what, remedy] = NO_KEYS.find(([shape]) => shape.test(value)) ?? [];
  return what === undefined ? null : { what: `the ${name} ${what}`, remedy: remedy!(kind) };
}
