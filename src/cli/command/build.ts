import { readFileSync } from 'node:fs';
import { packageFile } from '../../base/package-files.ts';

/** Of the package that this process runs from. */
function packageVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

export interface Build {
  readonly version: string;
  /** The commit that the image was built from, or `unknown`. */
  readonly revision: string;
  readonly nodeVersion: string;
}

export function buildOf(env: Readonly<Record<string, string | undefined>>): Build {
  return {
    version: packageVersion(),
    revision: env.ANTHROPIC_WORK_EXPORTER_REVISION || 'unknown',
    nodeVersion: process.version,
  };
}
