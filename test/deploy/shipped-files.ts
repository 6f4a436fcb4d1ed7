import { join, relative } from 'node:path';
import { filesBelow } from '../support/cached-run.ts';
import { ROOT } from '../support/processes.ts';

/** The folders of the checkout that charts and overlays read; one refers to files of another. */
export const SHIPPED_FOLDERS = ['alerts', 'deploy', 'grafana'] as const;

/** Paths of all that is in them, below another root if that has links to them. */
export function shippedFiles(root = ROOT): readonly string[] {
  const files = SHIPPED_FOLDERS.flatMap((folder) => filesBelow(join(ROOT, folder)));
  return files.map((path) => join(root, relative(ROOT, path)));
}
