import { counted } from '../../base/text.ts';
import type { Variables } from './interpolate.ts';
import { eachOption, optionAt } from './option-tree.ts';
import { outsideFiles, type Problem } from './problem.ts';
import type { Source } from './sources.ts';
import { misnamedVariables } from './variable-aliases.ts';

const IDS = 'ANTHROPIC_ENVIRONMENT_ID';
const KEYS = 'ANTHROPIC_ENVIRONMENT_KEY';

/** The variables of the SDKs, as the options table names them. */
export function sdkVariables(): string[] {
  const names: string[] = [];
  eachOption((_, { env }) => {
    if (env?.counts === 'without-file' && !names.includes(env.name)) names.push(env.name);
  });
  return names;
}

/** The SDK variables that are set and not empty. */
export function sdkVariablesSet(env: Variables): string[] {
  return sdkVariables().filter((name) => (env[name] ?? '') !== '');
}

/** The `origin` of a configuration without a file. */
export const FROM_VARIABLES = 'environment variables';

export const WAYS_TO_START = [
  'export ANTHROPIC_ENVIRONMENT_ID=env_… ANTHROPIC_ENVIRONMENT_KEY=sk-ant-oat… (one environment, including its item list)',
  'export ANTHROPIC_API_KEY=sk-ant-api… (every environment of the workspace, without the list of items)',
  'anthropic-work-exporter demo (no key needed)',
] as const;

/** Any of them would be enough to start with. A secret that is missing often leaves an empty variable. */
const STARTERS = ['ANTHROPIC_WORK_EXPORTER_CONFIG', 'ANTHROPIC_API_KEY', IDS, KEYS];

/** What the variables say, in the shape of a file; otherwise why that is not enough. */
export function sourceFromEnvironment(env: Variables): {
  readonly source: Source;
  readonly problems: readonly Problem[];
} {
  const given = (name: string) => ((env[name] ?? '') === '' ? undefined : env[name]);
  const list = (name: string) =>
    given(name)
      ?.split(',')
      .map((part) => part.trim()) ?? [];
  const ids = list(IDS);
  const keys = list(KEYS);
  const connection = {
    api_key: given('ANTHROPIC_API_KEY'),
    base_url: given('ANTHROPIC_BASE_URL'),
    workspace_id: given('ANTHROPIC_WORKSPACE_ID'),
  };
  const problems = [...listProblems(IDS, ids), ...listProblems(KEYS, keys)];
  // With a gap, which key belongs to which id is unknown.
  const paired = problems.length === 0;
  if (paired && keys.length > 0 && keys.length !== ids.length) {
    problems.push({
      ...outsideFiles(KEYS),
      what: `has ${counted(keys.length, ['key', 'keys'])} for ${counted(ids.length)} of ${IDS}`,
      remedy: 'give as many of both, in the same order and separated by commas, or no environment key at all',
    });
  } else if (paired && ids.length === 0 && connection.api_key === undefined) {
    problems.push(nothingToWatch(env));
  }
  // If the numbers differ, which is reported above, a missing key need not be reported as well.
  const source: Source = {
    origin: FROM_VARIABLES,
    file: null,
    tree: {
      connections: { default: dropUndefined(connection) },
      environments: paired
        ? ids.map((id, index) => dropUndefined({ id, environment_key: keys[index] ?? keys[0] }))
        : [],
      discovery: { enabled: ids.length === 0 && connection.api_key !== undefined },
    },
    locate: (path) => outsideFiles(optionAt(path)?.env?.name ?? ''),
  };
  return { source, problems };
}

function nothingToWatch(env: Variables): Problem {
  const empty = STARTERS.filter((name) => env[name] === '').map((name) => ` (${name} is set, and empty)`);
  const instead = misnamedVariables(env, sdkVariables()).map(
    ({ name, meant }) => ` (${name} is set, and only ${meant} is read)`,
  );
  const ways = WAYS_TO_START.map((way, index) => `${index + 1}. ${way}`).join(', ');
  return {
    ...outsideFiles(''),
    what: `there is nothing to watch: no configuration file and no variables${[...empty, ...instead].join('')}`,
    remedy: `name a file with --config, or one of: ${ways}`,
  };
}

/** Problems with entries that are probably mistakes: two ids with a space between them, or nothing beside a comma. */
function listProblems(variable: string, entries: readonly string[]): Problem[] {
  const about = (what: string, remedy: string) => [{ ...outsideFiles(variable), what, remedy }];
  if (entries.includes('')) return about('has a comma with nothing before or after it', 'remove that comma');
  const several = variable === IDS && entries.some((entry) => /\s/.test(entry));
  return several ? about('has a space between ids', 'separate them by commas') : [];
}

function dropUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
