import { dirname, join, resolve } from 'node:path';
import { type FileReader, fileFault, fileRemedy } from '../base/files.ts';
import { Secret } from '../base/secret.ts';
import { CREDENTIAL_NAMES, type CredentialKind } from '../domain/failure.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import type { ConnectionConfig, DiscoveryConfig } from './config.ts';
import type { Path } from './option-tree.ts';
import { ENVIRONMENT_ID, type FileValues } from './options.ts';
import { pathText, quote, type Report, type Source, type Tree } from './problem.ts';

/** What every step from checked values to the configuration needs. */
export interface ResolveContext {
  readonly values: FileValues;
  /** As written, without defaults. */
  readonly tree: Tree;
  readonly source: Source;
  readonly report: Report;
  /** The variable or flag that gave a value, by path. */
  readonly variables: ReadonlyMap<string, string>;
  readonly files: FileReader;
  /** Name of this machine or pod. */
  readonly hostName: string;
  /** Every file read so far. */
  readonly read: Set<string>;
}

/** Relative paths start at the configuration file, so that the working directory does not matter. */
export function absolutePath(path: string, { source }: Pick<ResolveContext, 'source'>): string {
  return source.file === null ? resolve(path) : resolve(dirname(source.file), path);
}

/** What is wrong, in words that never hold the key. */
interface KeyFault {
  readonly what: string;
  readonly remedy: string;
}

const NOTHING_ELSE = `put nothing but the key there, as plain text; the configuration file may also say \${NAME} for an environment variable`;

/** What surely is no key: keys of gateways and of other providers look like anything. */
const NO_KEYS: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'is empty'],
  [/[^\x21-\x7e]/, 'has white space, or characters that are not ASCII'],
  [/^c2stYW50/, 'is encoded in base64; in a Secret, it belongs under stringData'],
  [/^[$%"'`<([{]|[}%"'`>)\],;]$|.sk-ant-/i, 'has something around it: a dollar sign, quotes, brackets or a name'],
  [/^sk-ant-(?:admin|sid)/, 'is of a kind that reads no environment'],
];

function keyFault(value: string, kind: CredentialKind): KeyFault | null {
  const name = CREDENTIAL_NAMES[kind];
  const found = NO_KEYS.find(([shape]) => shape.test(value));
  if (found !== undefined) return { what: `the ${name} ${found[1]}`, remedy: NOTHING_ELSE };
  if (kind === 'api_key' && value.startsWith('sk-ant-oat'))
    return {
      what: 'the API key looks like an environment key or an OAuth token',
      remedy: 'move an environment key to its environment, and create an API key (Console → API keys)',
    };
  if (kind === 'environment_key' && value.startsWith('sk-ant-api'))
    return { what: 'the environment key looks like an API key', remedy: 'move it to api_key of the connection' };
  return null;
}

/** Longer than any key; a larger file is not one. */
export const SECRET_FILE_LIMIT = 16 * 1024;

/** Reads a key from a file, without one trailing newline. */
async function readKeyFile(path: string, kind: CredentialKind, files: FileReader): Promise<Secret | KeyFault> {
  try {
    const bytes = await files.readFile(path, SECRET_FILE_LIMIT);
    if (bytes.length > SECRET_FILE_LIMIT)
      return { what: `file ${path} is longer than 16 KiB`, remedy: 'name the file that contains only the key' };
    const value = Buffer.from(bytes)
      .toString('utf8')
      .replace(/\r?\n$/, '');
    const fault = keyFault(value, kind);
    return fault === null
      ? new Secret(value, `file ${path}`, path)
      : { ...fault, what: `${fault.what} (file ${path})` };
  } catch (error) {
    return { what: `file ${path} ${fileFault(error)}`, remedy: fileRemedy(error) };
  }
}

export interface ResolvedKey {
  readonly secret: Secret | null;
  /** A key was configured and is invalid, which has been reported: that there is none need not be reported as well. */
  readonly isInvalid: boolean;
}

export interface ResolvedConnection {
  readonly config: ConnectionConfig;
  readonly preset: ProviderPreset;
  readonly path: Path;
  readonly key: ResolvedKey;
}

export type ResolvedConnections = ReadonlyMap<string, ResolvedConnection>;

type KeyValues = { readonly [option in CredentialKind | `${CredentialKind}_file`]?: string | undefined } & {
  readonly expires?: number | undefined;
};

/** The key that `api_key` or `api_key_file` under `parent` gives, or `environment_key` and its file. */
export async function resolveKey(
  parent: Path,
  kind: CredentialKind,
  values: KeyValues,
  context: ResolveContext,
): Promise<ResolvedKey> {
  const { report, source, variables } = context;
  const [inline, file] = [values[kind], values[`${kind}_file`]];
  const invalid = (option: string, { what, remedy }: KeyFault): ResolvedKey => {
    report.problem([...parent, option], what, remedy);
    return { secret: null, isInvalid: true };
  };
  if (inline !== undefined && file !== undefined)
    return invalid(`${kind}_file`, { what: `${kind} and ${kind}_file are both set`, remedy: 'keep one of them' });
  if (file !== undefined) {
    const path = absolutePath(file, context);
    context.read.add(path);
    const secret = await readKeyFile(path, kind, context.files);
    return secret instanceof Secret ? { secret, isInvalid: false } : invalid(`${kind}_file`, secret);
  }
  if (inline === undefined) {
    const what = `there is no ${CREDENTIAL_NAMES[kind]} that could expire`;
    if (values.expires !== undefined)
      report.problem([...parent, 'expires'], what, `set ${kind} or ${kind}_file, or remove this`, 'key');
    return { secret: null, isInvalid: false };
  }
  const fault = keyFault(inline, kind);
  if (fault !== null) return invalid(kind, fault);
  const variable = variables.get(pathText([...parent, kind]));
  const from = variable === undefined ? `${kind} in ${source.origin}` : `environment variable ${variable}`;
  return { secret: new Secret(inline, from), isInvalid: false };
}

const DIRECTORY: Path = ['discovery', 'environment_keys_dir'];

/** The keys in the directory of environment keys. One bad key concerns one environment, so it is a notice; an unreadable directory concerns all. */
export async function readKeyDirectory(
  directory: string,
  context: ResolveContext,
): Promise<Pick<DiscoveryConfig, 'environmentKeys' | 'unusableKeys'>> {
  const { report, files } = context;
  const environmentKeys = new Map<string, Secret>();
  const unusableKeys = new Map<string, KeyFault>();
  let entries: readonly string[] = [];
  try {
    entries = await files.readdir(directory);
  } catch (error) {
    report.problem(DIRECTORY, `directory ${directory} ${fileFault(error)}`, fileRemedy(error));
  }
  // Kubernetes keeps its `..data` links next to the keys. Where all keys are entries of one Secret, the API key is one, too.
  const named = entries.filter((name) => !name.startsWith('.') && !context.read.has(join(directory, name))).toSorted();
  const usable = named.filter((entry) => ENVIRONMENT_ID.test(entry));
  for (const entry of named.filter((each) => !ENVIRONMENT_ID.test(each)))
    report.notice(DIRECTORY, `file ${quote(entry)} is not named after an environment id`, 'rename or remove it');
  // In parallel: a file that does not answer must not delay reading the others.
  const keys = await Promise.all(usable.map((entry) => readKeyFile(join(directory, entry), 'environment_key', files)));
  for (const [index, entry] of usable.entries()) {
    const key = keys[index]!;
    context.read.add(join(directory, entry));
    if (key instanceof Secret) environmentKeys.set(entry, key);
    else unusableKeys.set(entry, key);
  }
  for (const { what, remedy } of unusableKeys.values()) report.notice(DIRECTORY, what, remedy);
  return { environmentKeys, unusableKeys };
}

/** The file names in a directory of keys; a directory that cannot be read has none. */
export async function keyFileNames(directory: string, files: FileReader): Promise<readonly string[]> {
  try {
    return await files.readdir(directory);
  } catch {
    return [];
  }
}
