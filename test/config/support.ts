import type { FileReader } from '../../src/base/files.ts';
import type { Config } from '../../src/config/config.ts';
import { type LoadOptions, loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { Variables } from '../../src/config/values.ts';

export const CONFIG_PATH = '/etc/exporter/config.yaml';

/** Files in memory, by absolute path; an Error instead of a text is thrown. */
export function memoryFiles(contents: Readonly<Record<string, string | Error>>): FileReader {
  return {
    readFile(path, limit) {
      const content = contents[path];
      if (content === undefined) throw Object.assign(systemError('ENOENT'), { path });
      if (content instanceof Error) throw content;
      return Buffer.from(content).subarray(0, limit + 1);
    },
    readdir(path) {
      const names = Object.keys(contents).filter((file) => file.startsWith(`${path}/`));
      if (names.length === 0) throw systemError('ENOENT');
      return names.map((file) => file.slice(path.length + 1));
    },
  };
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no luck`), { code });
}

interface Given {
  readonly env?: Variables;
  readonly files?: Readonly<Record<string, string | Error>>;
  readonly flags?: LoadOptions['flags'];
  readonly hostName?: string;
}

export function loadYaml(yaml: string, { env = {}, files = {}, flags = {}, hostName = '' }: Given = {}) {
  return loadConfig({ path: CONFIG_PATH, env, flags, hostName, files: memoryFiles({ [CONFIG_PATH]: yaml, ...files }) });
}

export function loadEnv(env: Variables) {
  return loadConfig({ path: null, env, files: memoryFiles({}) });
}

/** The configuration, or a failed test that shows why there is none. */
export async function configOf(yaml: string, given: Given = {}): Promise<Config> {
  const result = await loadYaml(yaml, given);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config;
}

export async function noticesOf(yaml: string, given: Given = {}): Promise<string[]> {
  const result = await loadYaml(yaml, given);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.notices.map(formatProblem);
}

/** The problems as lines, without the path of the file. */
export async function problemsOf(yaml: string, given: Given = {}): Promise<string[]> {
  const result = await loadYaml(yaml, given);
  return result.ok ? [] : result.problems.map((problem) => formatProblem(problem).replace(`${CONFIG_PATH}:`, ''));
}

/** A key and one environment: what a file needs at least. */
export const MINIMAL = `
api: {api_key: k}
environments: [{id: env_1, environment_key: e}]
`;
