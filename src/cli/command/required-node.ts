import { readFileSync } from 'node:fs';
import { packageFile } from '../../base/package-file.ts';

/**
 * The oldest Node that can run the program, as MAJOR.MINOR: `engines` in package.json, about which npm only warns.
 * @throws when `engines` has another form
 */
function oldestNode(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  const { engines } = JSON.parse(text) as { engines: { node: string } };
  const version = /^>=(\d+\.\d+)$/.exec(engines.node)?.[1];
  if (version === undefined) throw new Error(`package.json: engines.node must look like >=22.19, not ${engines.node}`);
  return version;
}

/** One sentence for the user of a Node that is too old, otherwise null. `version` is MAJOR.MINOR.PATCH. */
export function oldNodeComplaint(version: string, path: string): string | null {
  const oldest = oldestNode();
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldest.split('.').map(Number);
  if (major! > oldestMajor! || (major === oldestMajor && minor! >= oldestMinor!)) return null;
  return `anthropic-work-exporter needs Node.js ${oldest} or later and was started with ${version} (${path}): install a newer Node.js, or use the container image.`;
}
