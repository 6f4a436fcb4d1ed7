import { type FileReader, fileFault, fileRemedy } from '../../base/files.ts';
import { Secret } from '../../base/secret.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import { keyFault, type SecretFault } from './key-fault.ts';

/** Longer than any key; a larger file is not one. */
export const SECRET_FILE_LIMIT = 16 * 1024;

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
  return { ok: true, secret: new Secret(value, `file ${path}`, path) };
}

async function readBytes(path: string, files: FileReader): Promise<Uint8Array | { readonly fault: SecretFault }> {
  try {
    return await files.readFile(path, SECRET_FILE_LIMIT);
  } catch (error) {
    return { fault: { what: `file ${path} ${fileFault(error)}`, remedy: fileRemedy(error) } };
  }
}
