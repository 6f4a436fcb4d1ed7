import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Go modules that hold definitions which others made, and their checksums. */
const MODULES = {
  operator: {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    folder: 'example/prometheus-operator-crd',
  },
  keda: {
    module: 'github.com/kedacore/keda/v2@v2.21.0',
    sum: 'h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=',
    folder: 'config/crd/bases',
  },
  compose: {
    module: 'github.com/compose-spec/compose-go/v2@v2.16.2',
    sum: 'h1:pTp1DqQwJzFd85GzlWsSszKA1ABrV/ySqsClujIcWA8=',
    folder: 'schema',
  },
} as const;

/** The folder of a module that holds them, in Go's own cache. Throws when it is not what was pinned. */
export function definitionsOf(name: keyof typeof MODULES): string {
  const { module, sum, folder } = MODULES[name];
  const args = ['mod', 'download', '-json', module];
  const { error, stdout, stderr, status } = spawnSync('go', args, { cwd: tmpdir(), encoding: 'utf8' });
  if (status !== 0) throw new Error(`${module} was not downloaded: ${error?.message ?? stdout + stderr}`);
  const { Dir, Sum } = JSON.parse(stdout) as { Dir: string; Sum: string };
  if (Sum !== sum) throw new Error(`${module} has the checksum ${Sum}, and not ${sum}`);
  return join(Dir, folder);
}
