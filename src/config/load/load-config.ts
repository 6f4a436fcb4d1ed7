import { resolve } from 'node:path';
import { type FileReader, fileFault, fileRemedy, nodeFiles } from '../../base/files.ts';
import type { Config } from '../config.ts';
import { checkValues } from '../file/check-values.ts';
import { decodeText } from '../file/decode-text.ts';
import { sdkVariables, sdkVariablesSet, sourceFromEnvironment } from '../file/environment-source.ts';
import { interpolate, type Variables } from '../file/interpolate.ts';
import { reportCopiesOfKeys, reportKeysInHeaders, withoutMisplacedKeys } from '../file/misplaced-keys.ts';
import { type ConfigFlags, withOverrides } from '../file/overrides.ts';
import { firstProblems, foldNotices, outsideFiles, type Problem, sortProblems, wholeFile } from '../file/problem.ts';
import { Report } from '../file/report.ts';
import type { Source } from '../file/sources.ts';
import { misnamedNotices, misnamedVariables } from '../file/variable-aliases.ts';
import { resolveConfig } from '../resolve/resolve-config.ts';
import { parseYaml } from '../yaml/yaml-source.ts';
import { pathProblem } from './path-problem.ts';
import { unknownVariables } from './unknown-variables.ts';

/** A longer file is not a configuration. */
const CONFIG_FILE_LIMIT = 4 * 1024 * 1024;

export interface LoadOptions {
  /** From `--config`; null: `ANTHROPIC_WORK_EXPORTER_CONFIG`, otherwise no file. */
  readonly path: string | null;
  readonly env: Variables;
  readonly flags?: ConfigFlags;
  readonly files?: FileReader;
  /** Name of this machine or pod, for `shard: auto/N`. */
  readonly hostName?: string;
  /** What messages call the configuration if it is not a file that the user could open. */
  readonly origin?: string;
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly notices: readonly Problem[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /**
       * The files that were read, or could not be: a change of their content may fix it. Absent: no file was involved.
       */
      readonly files?: readonly string[];
    };

/**
 * Reads, checks and resolves the configuration: flag, environment variable, file, default, in this order.
 *
 * Never throws for what a user wrote: it returns all problems at once, each with its place and a remedy; of more than a
 * hundred, the first and how many more there are.
 */
export async function loadConfig({
  path,
  env,
  flags = {},
  files = nodeFiles,
  hostName = '',
  origin,
}: LoadOptions): Promise<LoadResult> {
  const named = path ?? (env.ANTHROPIC_WORK_EXPORTER_CONFIG || null);
  const notAPath = named === null ? null : pathProblem(named);
  if (notAPath !== null) return { ok: false, problems: [notAPath] };
  const file = named === null ? null : resolve(named);
  const { source: base, problems } =
    file === null ? sourceFromEnvironment(env) : await sourceFromFile(file, path, files);
  if (base === null) {
    const all = firstProblems([...wrongFlags(flags), ...problems]);
    return { ok: false, problems: all, files: file === null ? [] : [file] };
  }
  const source = withOverrides(origin === undefined ? base : { ...base, origin }, env, flags);
  const report = new Report(source);
  report.problems.push(...problems);
  const { tree: written, variables } = interpolate(source.tree, source.file === null ? {} : env, report);
  const tree = withoutMisplacedKeys(written, report);
  const values = checkValues(tree, report, variables);
  const read = new Set<string>(file === null ? [] : [file]);
  const config = await resolveConfig({ values, source, report, variables, files, hostName, read });
  reportCopiesOfKeys(tree, keysOf(config), report);
  reportKeysInHeaders(config.server.web.headers, keysOf(config), report);
  if (report.problems.length > 0) {
    // A variable that is misspelt may be why there is nothing to watch.
    const all = [...sortProblems(report.problems), ...(file === null ? unknownVariables(env, []) : [])];
    return { ok: false, problems: firstProblems(all), files: [...read] };
  }
  const used = new Set(variables.values());
  const misnamed = file === null ? misnamedNotices(misnamedVariables(env, sdkVariables())) : [];
  const ofVariables = [
    ...ignoredVariables(file, env, used),
    ...apiKeyOfWorker(env),
    ...misnamed,
    ...unknownVariables(env, used),
  ];
  return { ok: true, config, notices: [...ofVariables, ...foldNotices(sortProblems(report.notices))] };
}

/** Problems with the flags themselves, which are reported even if the file cannot be read. */
function wrongFlags(flags: ConfigFlags): Problem[] {
  const source = withOverrides({ origin: '', file: null, tree: {}, locate: () => outsideFiles('') }, {}, flags);
  const report = new Report(source);
  checkValues(source.tree, report, new Map());
  return report.problems.filter(({ option }) => option !== '');
}

function keysOf({ connections, environments }: Config): string[] {
  const secrets = [...connections.map(({ apiKey }) => apiKey), ...environments.map((each) => each.environmentKey)];
  return secrets.flatMap((secret) => secret?.reveal() ?? []);
}

interface SourceResult {
  /** Null: there is nothing to check. */
  readonly source: Source | null;
  readonly problems: readonly Problem[];
}

async function sourceFromFile(file: string, path: string | null, files: FileReader): Promise<SourceResult> {
  const fail = (what: string, remedy: string): SourceResult => ({
    source: null,
    problems: [{ ...wholeFile(file), what, remedy }],
  });
  let bytes: Uint8Array;
  try {
    bytes = await files.readFile(file, CONFIG_FILE_LIMIT);
  } catch (error) {
    const remedy = path === '-' ? 'standard input is not read: save the text to a file and name that' : null;
    const which = path === null ? ' that ANTHROPIC_WORK_EXPORTER_CONFIG names' : '';
    return fail(`the configuration file${which} ${fileFault(error)}`, remedy ?? fileRemedy(error));
  }
  if (bytes.length > CONFIG_FILE_LIMIT) return fail('the file is longer than 4 MiB', 'name a configuration file');
  const decoded = decodeText(bytes);
  if (!decoded.ok) return fail(decoded.what, decoded.remedy);
  const parsed = parseYaml(file, decoded.text);
  return { source: parsed.ok ? parsed.source : null, problems: parsed.problems };
}

/** One notice: a configuration file makes the SDK variables ineffective, but for those that it names itself. */
function ignoredVariables(file: string | null, env: Variables, used: ReadonlySet<string>): Problem[] {
  const set = file === null ? [] : sdkVariablesSet(env).filter((name) => !used.has(name));
  if (set.length === 0) return [];
  const what = `${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set and ignored, because there is a configuration file`;
  return [{ ...wholeFile(file), what, remedy: `write \${${set[0]}} where the file should use it` }];
}

/** The vendor warns of it: tool calls of an agent read what its worker's host has, and this key is the organization's. */
function apiKeyOfWorker(env: Variables): Problem[] {
  if (!sdkVariablesSet(env).includes('ANTHROPIC_API_KEY') || !env.ANTHROPIC_ENVIRONMENT_KEY) return [];
  const what = "is set beside ANTHROPIC_ENVIRONMENT_KEY: on a worker's host, tool calls of the agent can read it";
  const remedy = 'remove it there: the environment key alone reads statistics and lists';
  return [{ ...outsideFiles('ANTHROPIC_API_KEY'), what, remedy }];
}
