import { counted } from '../../base/counted.ts';
import type { Variables } from './interpolate.ts';
import { eachOption, optionAt } from './option-tree.ts';
import { outsideFiles, type Problem } from './problem.ts';
import type { Source } from './sources.ts';

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

export const WAYS_TO_START = [
  'export ANTHROPIC_ENVIRONMENT_ID=env_… ANTHROPIC_ENVIRONMENT_KEY=sk-ant-oat… (one environment, including its item list)',
  'export ANTHROPIC_API_KEY=sk-ant-api… (every environment of the workspace, without the list of items)',
  'anthropic-work-exporter demo (no key needed)',
] as const;

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
  const ids = list('ANTHROPIC_ENVIRONMENT_ID');
  const keys = list('ANTHROPIC_ENVIRONMENT_KEY');
  const connection = {
    api_key: given('ANTHROPIC_API_KEY'),
    base_url: given('ANTHROPIC_BASE_URL'),
    workspace_id: given('ANTHROPIC_WORKSPACE_ID'),
  };
  const problems: Problem[] = [];
  if (keys.length > 0 && keys.length !== ids.length) {
    problems.push({
      ...outsideFiles('ANTHROPIC_ENVIRONMENT_KEY'),
      what: `has ${counted(keys.length, ['key', 'keys'])} for ${counted(ids.length)} of ANTHROPIC_ENVIRONMENT_ID`,
      remedy: 'give as many of both, in the same order and separated by commas, or no environment key at all',
    });
  } else if (ids.length === 0 && connection.api_key === undefined) {
    const ways = WAYS_TO_START.map((way, index) => `${index + 1}. ${way}`).join(', ');
    problems.push({
      ...outsideFiles(''),
      what: 'there is nothing to watch: no configuration file and no variables',
      remedy: `one of: ${ways}`,
    });
  }
  // If the numbers differ, which is reported above, a missing key need not be reported as well.
  const source: Source = {
    origin: 'environment variables',
    file: null,
    tree: {
      connections: { default: dropUndefined(connection) },
      environments: ids.map((id, index) => dropUndefined({ id, environment_key: keys[index] ?? keys[0] })),
      discovery: { enabled: ids.length === 0 && connection.api_key !== undefined },
    },
    locate: (path) => outsideFiles(optionAt(path)?.env?.name ?? ''),
  };
  return { source, problems };
}

function dropUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
