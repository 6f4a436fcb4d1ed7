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

export const WAYS_TO_START = [
  'export ANTHROPIC_ENVIRONMENT_ID=env_… ANTHROPIC_ENVIRONMENT_KEY=sk-ant-oat… (one environment, including its item list)',
  'export ANTHROPIC_API_KEY=sk-ant-api… (every environment of the workspace, without the list of items)',
  'anthropic-work-exporter demo (no key needed)',
] as const;

/** The variables of options: those of the SDKs count only without a file. */
function variableNames(): { readonly sdk: readonly string[]; readonly own: readonly string[] } {
  const names = new Set(OPTIONS.flatMap(({ about }) => about.env ?? []));
  const isOwn = (name: string) => name.startsWith(PREFIX);
  return { sdk: [...names].filter((name) => !isOwn(name)), own: [...names].filter(isOwn) };
}

export const sdkVariables = (): readonly string[] => variableNames().sdk;

/** What flags and variables say, a flag before its variable. @param hasFile then the variables of the SDKs do not count */
function given(env: Variables, flags: ConfigFlags, hasFile: boolean): Given[] {
  const all: Given[] = [];
  for (const { path: option, about } of OPTIONS) {
    const { env: variable, flag } = about;
    const byFlag =
      flag &&
      flags[flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) as keyof ConfigFlags];
    const isRead = variable !== undefined && (variable.startsWith(PREFIX) || (!hasFile && !option.startsWith('api.')));
    const name = byFlag === undefined ? variable : flag;
    const text = byFlag ?? (isRead ? env[variable] : undefined);
    if (name === undefined || text === undefined || (byFlag === undefined && text === '')) continue;
    const texts = option.startsWith('environments[]') ? listIn(text) : [text];
    for (const [index, each] of texts.entries())
      all.push({
        path: option
          .split('.')
          .flatMap((step) => (step === '*' ? 'default' : step.endsWith('[]') ? [step.slice(0, -2), index] : step)),
        text: each,
        name,
      });
  }
  return all;
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
  const problem = (name: string, what: string, remedy: string) =>
    problems.push({ ...outsideFiles(name), what, remedy });
  for (const [name, list] of [
    [IDS, ids],
    [KEYS, keys],
  ] as const) {
    if (list.includes('')) problem(name, 'has a comma with nothing before or after it', 'remove that comma');
  }
  if (ids.some((id) => /\s/.test(id))) problem(IDS, 'has a space between ids', 'separate them by commas');
  if (problems.length === 0 && keys.length > 0 && keys.length !== ids.length) {
    const remedy = 'give as many of both, in the same order and separated by commas, or no environment key at all';
    problem(KEYS, `has ${counted(keys.length, ['key', 'keys'])} for ${counted(ids.length)} of ${IDS}`, remedy);
  }
  if (ids.length === 0 && keys.length === 0 && !env[API_KEY]) {
    const empty = [`${PREFIX}CONFIG`, API_KEY, IDS, KEYS]
      .filter((name) => env[name] === '')
      .map((name) => ` (${name} is set, and empty)`);
    const ways = WAYS_TO_START.map((way, index) => `${index + 1}. ${way}`).join(', ');
    problem(
      '',
      `there is nothing to watch: no configuration file and no variables${empty.join('')}`,
      `name a file with --config, or one of: ${ways}`,
    );
  }
  const variables = new Map(OPTIONS.map(({ path, about }) => [path, about.env ?? '']));
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

/** A notice for each variable that does nothing, where one was surely meant to. @param used those that the file names */
export function unreadVariables(env: Variables, file: string | null, used: ReadonlySet<string>): Problem[] {
  const { sdk, own } = variableNames();
  const isSet = (name: string) => (env[name] ?? '') !== '';
  const read = new Set([...sdk, ...own, `${PREFIX}CONFIG`, `${PREFIX}REVISION`, ...used]);
  const unread = Object.keys(env).filter((name) => isSet(name) && !read.has(name) && /^\w{1,64}$/.test(name));
  return unread.toSorted().flatMap((name): Problem[] => {
    const isOwn = name.startsWith(PREFIX) && !OF_A_SERVICE.test(name);
    const known = isOwn ? [...own, `${PREFIX}CONFIG`] : sdk;
    // Without the common beginning, which would make all names similar.
    const short = (one: string) => one.replace(isOwn ? PREFIX : 'ANTHROPIC_', '');
    const near =
      isOwn || (file === null && /^anthropic_/i.test(name))
        ? nearest(short(name.toUpperCase()), known.map(short))
        : null;
    const meant = known.find((one) => short(one) === near);
    if (!isOwn && (meant === undefined || isSet(meant))) return [];
    const remedy = meant === undefined ? `the exporter reads ${known.join(', ')}` : `did you mean ${meant}?`;
    return [{ ...outsideFiles(name), what: 'is set, and the exporter reads no variable of this name', remedy }];
  });
}

/** The same, and what else there is to say of variables. */
export function variableNotices(env: Variables, file: string | null, used: ReadonlySet<string>): Problem[] {
  const notices = unreadVariables(env, file, used);
  const { sdk } = variableNames();
  const isSet = (name: string) => (env[name] ?? '') !== '';
  const ignored = file === null ? [] : sdk.filter((name) => isSet(name) && !used.has(name));
  if (ignored.length > 0) {
    const what = `${ignored.join(', ')} ${ignored.length === 1 ? 'is' : 'are'} set and ignored, because there is a configuration file`;
    notices.unshift({ ...wholeFile(file), what, remedy: `write \${${ignored[0]}} where the file should use it` });
  }
  // The vendor warns of it: tool calls of an agent read what its worker's host has, and this key is the organization's.
  if (isSet(API_KEY) && isSet(KEYS)) {
    const what = `is set beside ${KEYS}: on a worker's host, tool calls of the agent can read it`;
    notices.unshift({
      ...outsideFiles(API_KEY),
      what,
      remedy: 'remove it there: the environment key alone reads statistics and lists',
    });
  }
  return notices;
}
