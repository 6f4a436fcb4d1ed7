import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { CHART, type HelmResult, helmWith, VERSION } from './helm.ts';

type ValueMap = Readonly<Record<string, unknown>>;

/**
 * What one process of Helm makes of the chart with each of these values: a chart contains it once for each, as `case-0`,
 * `case-1` and so on. Helm holds all of them to the schema before it renders any. A process for each takes twice the CPU.
 * The names of the objects of the first begin with `work-case-0`.
 */
export function templateTogether(all: readonly ValueMap[], ...flags: readonly string[]): HelmResult {
  const parent = mkdtempSync(join(tmpdir(), 'together-'));
  try {
    const name = basename(CHART);
    const dependencies = all.map((_, index) => ({ name, version: VERSION, alias: `case-${index}` }));
    writeFileSync(
      join(parent, 'Chart.yaml'),
      stringify({ apiVersion: 'v2', name: 'together', version: '1.0.0', dependencies }),
    );
    mkdirSync(join(parent, 'charts'));
    cpSync(CHART, join(parent, 'charts', name), { recursive: true });
    return helmWith(
      ['template', 'work', parent, '--namespace', 'monitoring', ...flags],
      Object.fromEntries(all.map((values, index) => [`case-${index}`, values])),
      parent,
    );
  } finally {
    rmSync(parent, { recursive: true });
  }
}

/** What the schema says of the values of each chart that it refuses, by the number of the chart; of a chart alone, by 0. */
export function refusals({ stderr }: HelmResult): ReadonlyMap<number, string> {
  const [, said = ''] = stderr.split('in the following chart(s):\n');
  const [, ...parts] = said.split(/^(?:case-(\d+)|anthropic-work-exporter):\n/m);
  return new Map(
    Array.from({ length: parts.length / 2 }, (_, index) => [
      Number(parts[2 * index] ?? 0),
      parts[2 * index + 1]!.trim(),
    ]),
  );
}
