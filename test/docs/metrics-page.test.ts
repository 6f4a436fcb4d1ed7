import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { metricsPage } from '../../src/docs/metrics-page.ts';
import { CATALOGUE, METRIC_NAMES } from '../../src/metrics/catalogue/catalogue.ts';

const page = metricsPage();

it('docs/metrics.md is what the catalogue generates', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')).toBe(page);
});

it.each(METRIC_NAMES)('has one row for %s, with its type, its help and all its labels', (name) => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith(`| \`${name}\``) && line.includes(CATALOGUE[name].help));
  expect(rows).toHaveLength(1);
  expect(rows[0]).toContain(`| ${CATALOGUE[name].type} |`);
  for (const label of CATALOGUE[name].labels.filter((label) => !label.startsWith('environment_'))) {
    expect(rows[0]).toContain(`\`${label}\``);
  }
});

it('has tables whose rows have as many cells as their heads', () => {
  for (const table of page.match(/(?:^\|.*\n)+/gm) ?? []) {
    const cells = table
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/(?<!\\)\|/).length);
    expect(new Set(cells).size).toBe(1);
  }
});
