import { counted } from '../base/text.ts';
import { OPTIONS } from './options.ts';
import {
  nearest,
  outsideFiles,
  type Path,
  type Problem,
  pathText,
  type Source,
  type Tree,
  wholeFile,
} from './problem.ts';
import type { Variables } from './values.ts';

const PREFIX = 'ANTHROPIC_WORK_EXPORTER_';
const IDS = 'ANTHROPIC_ENVIRONMENT_ID';
const KEYS = 'ANTHROPIC_ENVIRONMENT_KEY';
const API_KEY = 'ANTHROPIC_API_KEY';

/** Command-line flags, named in camel case. */
export type ConfigFlags = {
  readonly [flag in 'listen' | 'shard' | 'logLevel' | 'logFormat']?: string | undefined;
};

/** The `origin` of a configuration without a file. */
export const FROM_VARIABLES = 'environment variables';

/** The options that a variable gives, too. */
export const GIVEN = OPTIONS.flatMap(({ path, option: { env, flag } }) =>
  env === undefined || path.startsWith('api.') ? [] : [{ path, env, flag }],
);
/** The variables of this program and, which count only without a file, those of the SDKs. */
const isOwn = (name: string) => name.startsWith(PREFIX);
const OWN = [...GIVEN.map(({ env }) => env).filter(isOwn), `${PREFIX}CONFIG`];
const SDK_VARIABLES = GIVEN.map(({ env }) => env).filter((env) => !isOwn(env));

const listIn = (text = '') => (text === '' ? [] : text.split(',').map((part) => part.trim()));

/** A source with what flags and variables say in it, a flag before its variable, and the name of each by path. */
export function withGiven(source: Source, env: Variables, flags: ConfigFlags) {
  const names = new Map<string, string>();
  let tree = source.tree;
  for (const { path, env: variable, flag = '' } of GIVEN) {
    const camel = flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const byFlag = flags[camel as keyof ConfigFlags];
    const text = byFlag ?? (source.file === null || isOwn(variable) ? env[variable] : '');
    if (!text && byFlag === undefined) continue;
    for (const [index, each] of (path.startsWith('environments[]') ? listIn(text) : [text!]).entries()) {
      const at = path
        .split('.')
        .flatMap((step) => (step === '*' ? 'default' : step === 'environments[]' ? ['environments', index] : step));
      names.set(pathText(at), byFlag === undefined ? variable : flag);
      tree = withText(tree, at, each) as Tree;
    }
  }
  const locate: Source['locate'] = (path, what) => {
    const name = names.get(pathText(path));
    return name === undefined ? source.locate(path, what) : outsideFiles(name);
  };
  return { source: { ...source, tree, locate }, names };
}

/** A tree with this text at a path. Copies: a YAML file may use a part of it in several places. What is no map stays, and is reported. */
function withText(tree: unknown, [step, ...rest]: Path, text: string): unknown {
  if (step === undefined) return text;
  const group = tree ?? (typeof step === 'number' ? [] : {});
  if (typeof group !== 'object') return group;
  const copy = (Array.isArray(group) ? [...group] : { ...group }) as Tree;
  copy[step] = withText(copy[step], rest, text);
  return copy;
}

/** The source of a configuration without a file, before its variables, and what is wrong with these together. */
export function environmentSource(env: Variables) {
  const [ids, keys] = [listIn(env[IDS]), listIn(env[KEYS])];
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
      remedy:
        'name a file with --config, or one of: ' +
        `1. export ${IDS}=env_… ${KEYS}=sk-ant-oat… (one environment, including its item list), ` +
        `2. export ${API_KEY}=sk-ant-api… (every environment of the workspace, without the list of items), ` +
        '3. anthropic-work-exporter demo (no key needed)',
    });
  const locate = ([first]: Path) => outsideFiles(first === 'environments' ? IDS : '');
  const tree = { connections: { default: {} }, discovery: { enabled: ids.length === 0 && Boolean(env[API_KEY]) } };
  return { ok: true, source: { origin: FROM_VARIABLES, file: null, tree, locate }, problems } as const;
}

/** A notice for each variable that is nearly one of this program's. @param used those that the file names */
export function misspeltVariables(env: Variables, used: ReadonlySet<string>): Problem[] {
  // Without the common beginning, which would make all names similar.
  const known = OWN.map((name) => name.slice(PREFIX.length));
  const names = Object.keys(env).filter((name) => isOwn(name) && !OWN.includes(name) && !used.has(name));
  return names.toSorted().flatMap((name) => {
    const near = nearest(name.slice(PREFIX.length), known);
    const what = 'is set, and the exporter reads no variable of this name';
    return near === null ? [] : [{ ...outsideFiles(name), what, remedy: `did you mean ${PREFIX}${near}?` }];
  });
}

/** The same, and what else there is to say of variables. */
export function variableNotices(env: Variables, file: string | null, used: ReadonlySet<string>): Problem[] {
  const notices = misspeltVariables(env, used);
  const ignored = file === null ? [] : SDK_VARIABLES.filter((name) => env[name] && !used.has(name));
  if (ignored.length > 0) {
    const what = `set and ignored, because there is a configuration file: ${ignored.join(', ')}`;
    notices.unshift({ ...wholeFile(file), what, remedy: `write \${${ignored[0]}} where the file should use it` });
  }
  // The vendor warns of it: tool calls of an agent read what its worker's host has, and this key is the organization's.
  if (env[API_KEY] && env[KEYS]) {
    const what = `is set beside ${KEYS}: on a worker's host, tool calls of the agent can read it`;
    const remedy = 'remove it there: the environment key alone reads statistics and lists';
    notices.unshift({ ...outsideFiles(API_KEY), what, remedy });
  }
  return notices;
}
