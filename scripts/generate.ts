/**
 * Writes every generated file of the repository; with `--check` it writes nothing and fails when one differs.
 * A new kind of generated file joins the list of `generators`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { GeneratedFile } from '../src/base/package-files.ts';
import { configurationSchema } from '../src/config/options.ts';
import { generateDashboardFiles } from '../src/dashboards/files.ts';
import { generateDeployFiles } from '../src/deploy/files.ts';
import { configurationExample, configurationParts } from '../src/docs/options.ts';
import { alertsTable, filled, metricsParts } from '../src/docs/tables.ts';
import { generateRuleFiles } from '../src/rules/render.ts';

const root = resolve(import.meta.dirname, '..');

const generators: ReadonlyArray<() => readonly GeneratedFile[] | Promise<readonly GeneratedFile[]>> = [
  () => [
    page('docs/configuration.md', configurationParts()),
    { path: 'docs/exporter.example.yaml', text: configurationExample() },
    { path: 'docs/configuration.schema.json', text: `${JSON.stringify(configurationSchema(), null, 2)}\n` },
    page('docs/metrics.md', metricsParts()),
    page('alerts/runbooks/README.md', { alerts: alertsTable() }),
  ],
  generateRuleFiles,
  generateDashboardFiles,
  () => generateDeployFiles(JSON.parse(textOf('package.json')).version, textOf),
];

/** A page of ours with its generated parts. */
const page = (path: string, parts: Readonly<Record<string, string>>) => ({ path, text: filled(textOf(path), parts) });

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
