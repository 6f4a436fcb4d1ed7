/**
 * Writes every generated file of the repository; with `--check` it writes nothing and fails when one differs.
 * A new kind of generated file joins the list of `generators`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { GeneratedFile } from '../src/base/package-files.ts';
import { generateDashboardFiles } from '../src/dashboards/files.ts';
import { generateChartFiles } from '../src/deploy/chart-files.ts';
import { generateComposeFiles } from '../src/deploy/compose-files.ts';
import { versionedFiles } from '../src/deploy/versioned-files.ts';
import { alertsTable } from '../src/docs/alerts-table.ts';
import { generatedFiles } from '../src/docs/configuration-page.ts';
import { metricsPage } from '../src/docs/metrics-page.ts';
import { generateRuleFiles } from '../src/rules/render.ts';

const root = resolve(import.meta.dirname, '..');
const RUNBOOKS = 'alerts/runbooks/README.md';

const generators: ReadonlyArray<() => readonly GeneratedFile[] | Promise<readonly GeneratedFile[]>> = [
  generatedFiles,
  () => [{ path: 'docs/metrics.md', text: metricsPage() }],
  generateRuleFiles,
  () => [{ path: RUNBOOKS, text: alertsTable(textOf(RUNBOOKS)) }],
  generateDashboardFiles,
  generateChartFiles,
  () => generateComposeFiles(textOf('alerts/alertmanager.example.yml')),
  () => versionedFiles(JSON.parse(textOf('package.json')).version, textOf),
];

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function currentText(path: string): string | null {
  try {
    return textOf(path);
  } catch {
    return null;
  }
}

const check = process.argv.includes('--check');
const files = (await Promise.all(generators.map((generate) => generate()))).flat();
const stale = files.filter(({ path, text }) => currentText(path) !== text);
for (const { path, text } of stale) {
  if (check) {
    process.stderr.write(`${path} is not what its generator writes: run \`npm run generate\` and commit the result\n`);
    continue;
  }
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  process.stdout.write(`wrote ${path}\n`);
}
if (check) process.stdout.write(`${files.length - stale.length} of ${files.length} generated files are current\n`);
process.exitCode = check && stale.length > 0 ? 1 : 0;
