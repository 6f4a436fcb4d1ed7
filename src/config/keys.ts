import { join } from 'node:path';
import { type FileReader, fileFault, fileRemedy } from '../base/files.ts';
import { Secret } from '../base/secret.ts';
import { CREDENTIAL_NAMES, type CredentialKind } from '../domain/failure.ts';
import type { DiscoveryConfig } from './config.ts';
import { absolutePath, type Fault, readBytes } from './files.ts';
import { ENVIRONMENT_ID, type FileValues } from './options.ts';
import { type Path, pathText, quote, type Report, type Source } from './problem.ts';
import type { Checked } from './values.ts';

/** What every step from checked values to the configuration needs. */
export interface ResolveContext extends Pick<Checked, 'tree' | 'variables' | 'keys'> {
  readonly values: FileValues;
  readonly source: Source;
  readonly report: Report;
  readonly files: FileReader;
  /** Name of this machine or pod. */
  readonly hostName: string;
  /** Every file read so far. */
  readonly read: Set<string>;
}

/** What surely is no key: keys of gateways and of other providers look like anything. */
const NO_KEYS: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'is empty'],
  [/[^\x21-\x7e]/, 'has white space, or characters that are not ASCII'],
  [/^c2stYW50/, 'is encoded in base64; in a Secret, it belongs under stringData'],
  [/^[$%"'`<([{]|[}%"'`>)\],;]$|.sk-ant-/i, 'has something around it: a dollar sign, quotes, brackets or a name'],
  [/^sk-ant-(?:admin|sid)/, 'is of a kind that reads no environment'],
];
const OF_THE_OTHER_KIND = {
  api_key: [/^sk-ant-oat/, 'looks like an environment key or an OAuth token'],
  environment_key: [/^sk-ant-api/, 'looks like an API key'],
} as const;

function keyFault(value: string, kind: CredentialKind): Fault | null {
  const found = [...NO_KEYS, OF_THE_OTHER_KIND[kind]].find(([shape]) => shape.test(value));
  if (found === undefined) return null;
  const remedy = `put nothing but the right key there, as plain text; the configuration file may also say \${NAME} for an environment variable`;
  return { what: `the ${CREDENTIAL_NAMES[kind]} ${found[1]}`, remedy };
}

/** Longer than any key; a larger file is not one. */
export const SECRET_FILE_LIMIT = 16 * 1024;

/** Reads a key from a file, without one trailing newline. */
async function readKeyFile(path: string, kind: CredentialKind, files: FileReader): Promise<Secret | Fault> {
  const bytes = await readBytes(path, SECRET_FILE_LIMIT, files);
  if ('what' in bytes) return bytes;
  const value = Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  const fault = keyFault(value, kind);
  if (fault !== null) return { ...fault, what: `${fault.what} (file ${path})` };
  return new Secret(value, `file ${path}`, path);
}

type KeyValues = { readonly [option in CredentialKind | `${CredentialKind}_file`]?: string | undefined };

/** The key that `api_key` or `api_key_file` under `parent` gives, or `environment_key` and its file; null: none, or a problem. */
export async function resolveKey(
  parent: Path,
  kind: CredentialKind,
  values: KeyValues,
  { report, source, variables, files, read, keys }: ResolveContext,
): Promise<Secret | null> {
  const [inline, file] = [values[kind], values[`${kind}_file`]];
  const refuse = (option: string, { what, remedy }: Fault): null => {
    report.problem([...parent, option], what, remedy);
    return null;
  };
  if (inline !== undefined && file !== undefined)
    return refuse(`${kind}_file`, { what: `${kind} and ${kind}_file are both set`, remedy: 'keep one of them' });
  if (file !== undefined) {
    const path = absolutePath(file, source.file);
    read.add(path);
    const key = await readKeyFile(path, kind, files);
    if (!(key instanceof Secret)) return refuse(`${kind}_file`, key);
    keys.push(key.reveal());
    return key;
  }
  if (inline === undefined) return null;
  const fault = keyFault(inline, kind);
  if (fault !== null) return refuse(kind, fault);
  const variable = variables.get(pathText([...parent, kind]));
  return new Secret(
    inline,
    variable === undefined ? `${kind} in ${source.origin}` : `environment variable ${variable}`,
  );
}

const DIRECTORY: Path = ['discovery', 'environment_keys_dir'];

/** The keys in the directory of environment keys. One bad key concerns one environment, so it is a notice; an unreadable directory concerns all. */
export async function readKeyDirectory(
  directory: string,
  { report, files, read }: ResolveContext,
): Promise<Pick<DiscoveryConfig, 'environmentKeys' | 'unusableKeys'>> {
  const environmentKeys = new Map<string, Secret>();
  const unusableKeys = new Map<string, Fault>();
  let entries: readonly string[] = [];
  try {
    entries = await files.readdir(directory);
  } catch (error) {
    report.problem(DIRECTORY, `directory ${directory} ${fileFault(error)}`, fileRemedy(error));
  }
  // Kubernetes keeps its `..data` links next to the keys. Where all keys are entries of one Secret, the API key is one, too.
  const named = entries.filter((name) => !name.startsWith('.') && !read.has(join(directory, name))).toSorted();
  for (const entry of named.filter((each) => !ENVIRONMENT_ID.test(each)))
    report.notice(DIRECTORY, `file ${quote(entry)} is not named after an environment id`, 'rename or remove it');
  // In parallel: a file that does not answer must not delay reading the others.
  const usable = named.filter((entry) => ENVIRONMENT_ID.test(entry));
  const keys = await Promise.all(usable.map((entry) => readKeyFile(join(directory, entry), 'environment_key', files)));
  for (const [index, entry] of usable.entries()) {
    const key = keys[index]!;
    read.add(join(directory, entry));
    if (key instanceof Secret) environmentKeys.set(entry, key);
    else {
      unusableKeys.set(entry, key);
      report.notice(DIRECTORY, key.what, key.remedy);
    }
  }
  return { environmentKeys, unusableKeys };
}
