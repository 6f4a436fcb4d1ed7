import { dirname, resolve } from 'node:path';
import { errorText } from '../../base/errors.ts';
import type { FileReader } from '../../base/files.ts';
import { Secret } from '../../base/secret.ts';
import { NO_WEB_SECURITY, type WebSecurity } from '../../domain/server-settings.ts';
import { decodeText } from '../file/decode-text.ts';
import { type Position, type Problem, wholeFile } from '../file/problem.ts';
import { Report } from '../file/report.ts';
import { parseYaml } from '../yaml/yaml-source.ts';
import { checkWebFile } from './check-web-file.ts';
import { reportMisplacedWebKeys } from './misplaced-web-keys.ts';
import { readText } from './read-text.ts';
import { resolveTls } from './resolve-tls.ts';
import type { WebFile } from './web-file-schema.ts';

export interface WebConfigResult {
  readonly security: WebSecurity;
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
}

export interface WebConfigDeps {
  readonly files: FileReader;
  /** Each path that is read is added here. */
  readonly read: Set<string>;
  /** Loads what checks passwords, which is native code and may not fit the machine. */
  readonly loadBcrypt?: () => Promise<unknown>;
  /** The position of the option that names the file, for a file that cannot be read. */
  readonly namedAt?: Position;
}

/**
 * Reads a file in the format of Prometheus's exporter-toolkit, with the certificates that it names. Never throws for
 * what a user wrote; if there is a problem, `security` must not be used.
 */
export async function loadWebConfig(
  path: string,
  { files, read, namedAt, loadBcrypt = () => import('bcrypt') }: WebConfigDeps,
): Promise<WebConfigResult> {
  read.add(path);
  const text = await readText(path, files, decodeText);
  if (!text.ok) {
    const position = text.unread && namedAt !== undefined ? namedAt : wholeFile(path);
    return failed({ ...position, ...text.fault });
  }
  if (isEmpty(text.text)) return { security: NO_WEB_SECURITY, problems: [], notices: [] };
  const parsed = parseYaml(path, text.text);
  if (!parsed.ok) return failed(...parsed.problems.map(inWordsOfThisFile));
  const report = new Report(parsed.source);
  report.problems.push(...parsed.problems);
  reportMisplacedWebKeys(parsed.source.tree, report);
  const file = checkWebFile(parsed.source.tree, report);
  if (file === null || report.problems.length > 0) return failed(...report.problems);
  const readFile = async (name: string) => {
    const absolute = resolve(dirname(path), name);
    read.add(absolute);
    return readText(absolute, files);
  };
  const tls = await resolveTls(file, { report, readFile });
  if (Object.keys(file.basic_auth_users ?? {}).length > 0) await checkBcrypt(loadBcrypt, report);
  if (report.problems.length > 0) return failed(...report.problems);
  if (tls !== null && file.http_server_config?.http2 !== false) {
    report.notice(['http_server_config', 'http2'], 'HTTP/2 is not supported and stays off', 'clients use HTTP/1.1');
  }
  return { security: { tls, ...restOf(file) }, problems: [], notices: report.notices };
}

/** Checks at the start, not when the first user logs in, that bcrypt can be loaded. */
async function checkBcrypt(load: () => Promise<unknown>, report: Report): Promise<void> {
  try {
    await load();
  } catch (error) {
    const [reason] = errorText(error).split('\n');
    const what = `needs the package bcrypt, which cannot be loaded: ${reason}`;
    report.problem(['basic_auth_users'], what, 'install the exporter again, on this kind of machine', 'key');
  }
}

function restOf(file: WebFile): Omit<WebSecurity, 'tls'> {
  const headers = Object.entries(file.http_server_config?.headers ?? {});
  const { interval, burst } = file.rate_limit ?? {};
  return {
    users: Object.entries(file.basic_auth_users ?? {}).map(([name, hash]) => ({
      name,
      hash: new Secret(hash, 'basic_auth_users'),
    })),
    headers: Object.fromEntries(headers.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    rateLimit: interval ? { intervalMs: interval, burst: burst ?? 0 } : null,
  };
}

/** A file without a key configures nothing and is not an error. */
function isEmpty(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(?:#.*|---\s*(?:#.*)?)?$/.test(line));
}

function inWordsOfThisFile(problem: Problem): Problem {
  return problem.what === 'the file is not a map of options'
    ? { ...problem, remedy: 'begin with a key such as tls_server_config:' }
    : problem;
}

function failed(...problems: Problem[]): WebConfigResult {
  return { security: NO_WEB_SECURITY, problems, notices: [] };
}
