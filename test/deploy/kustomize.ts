import { spawnSync } from 'node:child_process';
import { cachedRunSync, filesBelow } from '../support/cached-run.ts';
import { FRUGAL_GO } from '../support/frugal-go.ts';
import { ROOT } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';
import { shippedFiles } from './shipped-files.ts';

/**
 * What kustomize builds of an overlay, which may refer to whatever we ship. The result is cached.
 * @param root - the checkout, or a folder with the overlay that has links to what the checkout ships
 * @throws what kustomize complains about, and be it a warning
 */
export function kustomized(overlay: string, root = ROOT): string {
  const args = ['build', overlay];
  const { status, stdout, stderr } = cachedRunSync(
    {
      program: toolPath('kustomize'),
      args,
      folder: root,
      files: [...new Set([...shippedFiles(root), ...filesBelow(overlay)])],
    },
    () => {
      const { status, stdout, stderr } = spawnSync(toolPath('kustomize'), args, {
        encoding: 'utf8',
        env: { ...process.env, ...FRUGAL_GO },
      });
      return { status, stdout, stderr };
    },
    ({ status, stderr }) => status === 0 && stderr === '',
  );
  if (status !== 0 || stderr !== '') throw new Error(stderr);
  return stdout;
}
