import { readFileSync } from 'node:fs';
import { packageFile } from '../base/package-files.ts';

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

/** What the source needs, before the build has put `using` into older words. */
const FOR_SOURCE = '24.0';

/**
 * One sentence for the user of a Node that is too old, otherwise null.
 * @param version MAJOR.MINOR.PATCH
 * @param isSource whether a checkout's src/main.ts was started, and not what is built of it
 */
export function oldNodeComplaint(
  version: string,
  path: string,
  isSource = import.meta.url.endsWith('.ts'),
): string | null {
  const oldest = isSource ? FOR_SOURCE : oldestNode();
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldest.split('.').map(Number);
  if (major! > oldestMajor! || (major === oldestMajor && minor! >= oldestMinor!)) return null;
  const [program, remedy] = isSource
    ? ['src/main.ts', 'run `npm ci`, which brings a newer one, and `npm run --silent cli -- …`']
    : ['anthropic-work-exporter', 'install a newer Node.js, or use the container image'];
  return `${program} needs Node.js ${oldest} or later and was started with ${version} (${path}): ${remedy}.`;
}
