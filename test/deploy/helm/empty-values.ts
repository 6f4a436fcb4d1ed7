import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { NEEDED_VALUES } from '../../../src/deploy/chart-values.ts';
import { ENVIRONMENT } from './chart-objects.ts';
import { CHART } from './helm.ts';

/** What the templates cannot do without, by section; those of no section first. */
export const NEEDED: Readonly<Record<string, readonly string[]>> = {
  '': NEEDED_VALUES,
  image: ['repository', 'pullPolicy'],
  // Nothing there would mean that nothing goes out, not even to DNS.
  networkPolicy: ['dnsPorts', 'egressPorts'],
  persistence: ['size'],
  service: ['port', 'type'],
  serviceMonitor: ['interval', 'scrapeTimeout'],
};

/** Sections that make objects of their own. */
export const ALL_OBJECTS = Object.fromEntries(
  ['persistence', 'serviceMonitor', 'prometheusRule', 'dashboards', 'networkPolicy', 'podDisruptionBudget'].map(
    (name) => [name, { enabled: true }],
  ),
);

/** Every object, and nothing under the name of any value that may be empty. */
export function emptyValues(): Readonly<Record<string, unknown>> {
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Record<string, unknown>;
  const empty = Object.entries(values).map(([name, value]) => {
    if (!NEEDED_VALUES.includes(name)) return [name, null] as const;
    if (typeof value !== 'object' || value === null) return [name, value] as const;
    const below = Object.keys(value).filter((key) => !NEEDED[name]?.includes(key));
    return [name, { ...Object.fromEntries(below.map((key) => [key, null])), ...ALL_OBJECTS[name] }] as const;
  });
  // The shortest configuration needs a Secret.
  return { ...Object.fromEntries(empty), config: { environments: [ENVIRONMENT] } };
}
