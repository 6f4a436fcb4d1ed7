import { counted } from '../base/text.ts';
import { OPTIONS, type Path } from './option-tree.ts';
import { nearest, outsideFiles, type Problem, pathText, type Source, type Tree, wholeFile } from './problem.ts';
import type { Variables } from './values.ts';

const PREFIX = 'ANTHROPIC_WORK_EXPORTER_';
const IDS = 'ANTHROPIC_ENVIRONMENT_ID';
const KEYS = 'ANTHROPIC_ENVIRONMENT_KEY';
const API_KEY = 'ANTHROPIC_API_KEY';

/** Command-line flags, named in camel case. */
export interface ConfigFlags {
  readonly listen?: string | undefined;
  readonly shard?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly logFormat?: string | undefined;
}

/** A text that a variable or a flag gives for an option. */
interface Given {
  readonly path: Path;
  readonly text: string;
  /** Of the variable or the flag. */
  readonly name: string;
}

/** The `origin` of a configuration without a file. */
export const FROM_VARIABLES = 'environment variables';

const WAYS_TO_START = [
  'export ANTHROPIC_ENVIRONMENT_ID=env_… ANTHROPIC_ENVIRONMENT_KEY=sk-ant-oat… (one environment, including its item list)',
  'export ANTHROPIC_API_KEY=sk-ant-api… (every environment of the workspace, without the list of items)',
  'anthropic-work-exporter demo (no key needed)',
] as const;

const NAMES = [...new Set(OPTIONS.flatMap(({ option }) => option.env ?? []))];
const OWN = NAMES.filter((name) => name.startsWith(PREFIX));
/** Those of the SDKs count only without a file. */
export const SDK_VARIABLES: readonly string[] = NAMES.filter((name) => !OWN.includes(name));

/** What flags and variables say, a flag before its variable. @param hasFile then the variables of the SDKs do not count */
function given(env: Variables, flags: ConfigFlags, hasFile: boolean): Given[] {
  return OPTIONS.flatMap(({ path: option, option: { env: variable, flag } }) => {
    const camel = flag?.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const byFlag = flags[camel as keyof ConfigFlags];
    const isRead = variable !== undefined && (OWN.includes(variable) || (!hasFile && !option.startsWith('api.')));
    const [name, text] = byFlag === undefined ? [variable, (isRead && env[variable]) || undefined] : [flag, byFlag];
    if (name === undefined || text === undefined) return [];
    const texts = option.startsWith('environments[]') ? listIn(text) : [text];
    const pathOf = (index: number) =>
      option
        .split('.')
        .flatMap((step) => (step === '*' ? 'default' : step.endsWith('[]') ? [step.slice(0, -2), index] : step));
    return texts.map((each, index) => ({ path: pathOf(index), text: each, name }));
  });
}

const listIn = (text: string) => text.split(',').map((part) => part.trim());

/** A source with what flags and variables say in it, and the name of each by path. */
export function withGiven(
  source: Source,
  env: Variables,
  flags: ConfigFlags,
): { readonly source: Source; readonly names: Map<string, string> } {
  const all = given(env, flags, source.file !== null);
  const names = new Map(all.map(({ path, name }) => [pathText(path), name]));
  const tree = all.reduce((under, { path, text }) => withText(under, path, text) as Tree, source.tree);
  const locate: Source['locate'] = (path, what) => {
    const name = names.get(pathText(path));
    return name === undefined ? source.locate(path, what) : outsideFiles(name);
  };
  return { source: { ...source, tree, locate }, names };
}

/** What is no map stays, so that it is reported as an error. */
function withText(under: unknown, [step, ...rest]: Path, text: string): unknown {
  if (step === undefined) return text;
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(under) ? [...under] : [];
    list[step] = withText(list[step], rest, text);
    return list;
  }
  if (under !== undefined && under !== null && (typeof under !== 'object' || Array.isArray(under))) return under;
  return { ...under, [step]: withText((under as Tree | undefined)?.[step], rest, text) };
}

/** The source of a configuration without a file, before its variables, and what is wrong with these together. */
export function environmentSource(env: Variables): { readonly source: Source; readonly problems: readonly Problem[] } {
  const [ids, keys] = [IDS, KEYS].map((name) => (env[name] ? listIn(env[name]) : [])) as [string[], string[]];
  const problems: Problem[] = [];
  if (keys.length > 0 && keys.length !== ids.length)
    problems.push({
      ...outsideFiles(KEYS),
      what: `has ${counted(keys.length, ['key', 'keys'])} for ${counted(ids.length)} of ${IDS}`,
      remedy: 'give as many of both, in the same order and separated by commas, or no environment key at all',
    });
  if (ids.length === 0 && keys.length === 0 && !env[API_KEY])
    problems.push({
      ...outsideFiles(''),
      what: 'there is nothing to watch: no configuration file, and no variables that are set',
      remedy: `name a file with --config, or one of: ${WAYS_TO_START.map((way, index) => `${index + 1}. ${way}`).join(', ')}`,
    });
  const variables = new Map(OPTIONS.map(({ path, option }) => [path, option.env ?? '']));
  const locate: Source['locate'] = (path) =>
    outsideFiles(
      variables.get(
        pathText(path)
          .replace('connections.default', 'connections.*')
          .replace(/\[\d+\]/, '[]'),
      ) ?? '',
    );
  const tree = { connections: { default: {} }, discovery: { enabled: ids.length === 0 && Boolean(env[API_KEY]) } };
  return { source: { origin: FROM_VARIABLES, file: null, tree, locate }, problems };
}

/** Kubernetes tells each pod of a namespace about a Service of this name. */
const OF_A_SERVICE = /_(?:SERVICE_HOST|(?:SERVICE_)?PORT(?:_[A-Z0-9_]+)?)$/;

const isSetIn = (env: Variables) => (name: string) => (env[name] ?? '') !== '';

/** A notice for each variable that does nothing, where one was surely meant to. @param used those that the file names */
export function unreadVariables(env: Variables, file: string | null, used: ReadonlySet<string>): Problem[] {
  const isSet = isSetIn(env);
  const read = new Set([...NAMES, `${PREFIX}CONFIG`, `${PREFIX}REVISION`, ...used]);
  const unread = Object.keys(env).filter((name) => isSet(name) && !read.has(name) && /^\w{1,64}$/.test(name));
  return unread.toSorted().flatMap((name): Problem[] => {
    const isOwn = name.startsWith(PREFIX) && !OF_A_SERVICE.test(name);
    if (!isOwn && (file !== null || !/^anthropic_/i.test(name))) return [];
    // Without the common beginning, which would make all names similar.
    const [prefix, known] = isOwn ? [PREFIX, [...OWN, `${PREFIX}CONFIG`]] : ['ANTHROPIC_', SDK_VARIABLES];
    const short = (one: string) => one.slice(prefix.length);
    const near = nearest(short(name.toUpperCase()), known.map(short));
    if (!isOwn && (near === null || isSet(prefix + near))) return [];
    const remedy = near === null ? `the exporter reads ${known.join(', ')}` : `did you mean ${prefix}${near}?`;
    return [{ ...outsideFiles(name), what: 'is set, and the exporter reads no variable of this name', remedy }];
  });
}

/** The same, and what else there is to say of variables. */
export function variableNotices(env: Variables, file: string | null, used: ReadonlySet<string>): Problem[] {
  const notices = unreadVariables(env, file, used);
  const isSet = isSetIn(env);
  const ignored = file === null ? [] : SDK_VARIABLES.filter((name) => isSet(name) && !used.has(name));
  if (ignored.length > 0) {
    const what = `${ignored.join(', ')} ${ignored.length === 1 ? 'is' : 'are'} set and ignored, because there is a configuration file`;
    notices.unshift({ ...wholeFile(file), what, remedy: `write \${${ignored[0]}} where the file should use it` });
  }
  // The vendor warns of it: tool calls of an agent read what its worker's host has, and this key is the organization's.
  if (isSet(API_KEY) && isSet(KEYS)) {
    const what = `is set beside ${KEYS}: on a worker's host, tool calls of the agent can read it`;
    const remedy = 'remove it there: the environment key alone reads statistics and lists';
    notices.unshift({ ...outsideFiles(API_KEY), what, remedy });
  }
  return notices;
}
