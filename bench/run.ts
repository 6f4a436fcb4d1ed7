/** Runs every benchmark in a process of its own and fails when one of them does. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BENCHMARKS = ['scrape.ts', 'list-cost.ts', 'rule-evaluation.ts'];

let failed = 0;
for (const file of BENCHMARKS) {
  process.stdout.write(`\n${file}\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' });
  if (status !== 0) failed++;
}
process.stdout.write(`\n${BENCHMARKS.length - failed} of ${BENCHMARKS.length} benchmarks are within their limits\n`);
process.exitCode = failed === 0 ? 0 : 1;
