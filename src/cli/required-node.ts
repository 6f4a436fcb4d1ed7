import { readFileSync } from 'node:fs';
import { packageFile } from '../base/package-files.ts';

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
