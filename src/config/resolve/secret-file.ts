import { type FileReader, fileFault, fileRemedy } from '../../base/files/file-reader.ts';
import { Secret } from '../../base/secret.ts';
import { CREDENTIAL_NAMES, type CredentialKind } from '../../domain/failure.ts';

/** Longer than any key; a larger file is not one. */
export const SECRET_FILE_LIMIT = 16 * 1024;

/** What is wrong, in words that never hold the key. */
export interface SecretFault {
  readonly what: string;
  readonly remedy: string;
}

/** What is left around a key that was copied with too much: a variable's mark, quotes, brackets, a name or a header. */
const WRAPPED = /^[$%"'`<([{]|[}%"'`>)\],;]$|.sk-ant-/i;

/** How the base64 of a key begins, as `data` of a Secret in Kubernetes holds it. */
const ENCODED = 'c2stYW50';

/** Where each kind of key belongs. */
const PLACES = {
  file: { api_key: 'api_key of the connection', environment_key: 'environment_key of its environment' },
  variables: { api_key: 'ANTHROPIC_API_KEY', environment_key: 'ANTHROPIC_ENVIRONMENT_KEY' },
} as const;

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
  if (/[\t-\r ]/.test(value))
    return { what: `the ${name} contains white space`, remedy: 'put nothing but the key there, on one line' };
  // A header can hold neither, and the request would fail far from its cause.
  if (/[^\x21-\x7e]/.test(value)) {
    return { what: `the ${name} has control or non-ASCII characters`, remedy: 'copy the key again, as plain text' };
  }
  if (WRAPPED.test(value)) {
    return {
      what: `the ${name} has something around it: a dollar sign, quotes, brackets or a name`,
      remedy: `put nothing but the key there; the configuration file may also say \${NAME} for an environment variable`,
    };
  }
  if (kind === 'api_key' && value.startsWith('sk-ant-oat')) {
    return {
      what: 'the API key looks like an environment key',
      remedy: `move it to ${PLACES[from].environment_key}`,
    };
  }
  if (kind === 'environment_key' && value.startsWith('sk-ant-api')) {
    return { what: 'the environment key looks like an API key', remedy: `move it to ${PLACES[from].api_key}` };
  }
  return null;
}

export type SecretFileResult =
  | { readonly ok: true; readonly secret: Secret }
  | { readonly ok: false; readonly fault: SecretFault };

/** Reads a key from a file, without one trailing newline. Called again whenever the file may have changed. */
export async function readSecretFile(path: string, kind: CredentialKind, files: FileReader): Promise<SecretFileResult> {
  const bytes = await readBytes(path, files);
  if ('fault' in bytes) return { ok: false, fault: bytes.fault };
  if (bytes.length > SECRET_FILE_LIMIT) {
    return {
      ok: false,
      fault: { what: `file ${path} is longer than 16 KiB`, remedy: 'name the file that contains only the key' },
    };
  }
  const value = Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  const fault = keyFault(value, kind);
  if (fault !== null) return { ok: false, fault: { ...fault, what: `${fault.what} (file ${path})` } };
  return { ok: true, secret: new Secret(value, `file ${path}`) };
}

async function readBytes(path: string, files: FileReader): Promise<Uint8Array | { readonly fault: SecretFault }> {
  try {
    return await files.readFile(path, SECRET_FILE_LIMIT);
  } catch (error) {
    return { fault: { what: `file ${path} ${fileFault(error)}`, remedy: fileRemedy(error) } };
  }
}
