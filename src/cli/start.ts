import { readFileSync } from 'node:fs';
import { packageFile } from '../base/package-files.ts';

/** What main.ts needs before the program is loaded. It therefore uses nothing that an old Node does not know. */

const OF_THE_PROGRAM: ReadonlySet<string> = new Set(['--help', '-h', '--version', '-V']);

/** The command that arguments name: options without a command are those of `serve`. */
export function commandOf([first = '']: readonly string[]): string {
  return first === '' || (first.startsWith('-') && !OF_THE_PROGRAM.has(first)) ? 'serve' : first;
}

/** Commands that end by themselves, with a result. A signal ends the others as it should. */
const PRINTING: ReadonlySet<string> = new Set(['once', 'check', 'schema', 'rehearse', 'rules', 'dashboards']);

/** Whether these arguments ask for a result, which is missing if a signal ends the command. */
export function printsResult(args: readonly string[]): boolean {
  return PRINTING.has(commandOf(args));
}

/**
 * One sentence for the user of a Node that is older than `engines` in package.json says, about which npm only warns;
 * otherwise null.
 *
 * @param version MAJOR.MINOR.PATCH
 */
export function oldNodeComplaint(version: string, path: string): string | null {
  const { engines } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { engines: { node: string } };
  const oldest = engines.node.replace('>=', '');
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldest.split('.').map(Number);
  if (major! > oldestMajor! || (major === oldestMajor && minor! >= oldestMinor!)) return null;
  return `anthropic-work-exporter needs Node.js ${oldest} or later and was started with ${version} (${path}): install a newer Node.js, or use the container image.`;
}
