import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';

/** What users take over as it is: rules, boards, the chart, manifests, the package's own description. */
const SHIPPED = globSync(['{alerts,deploy,grafana}/**/*.*', 'package.json'], { cwd: ROOT })
  // Pages may show an address in an example; so may the Alertmanager example, whose receivers are to be filled in, and the schema
  // of the chart's values, whose errors say what a value looks like.
  .filter((path) => !/\.md$|alertmanager\.example\.yml$|values\.schema\.json$|\/ci\//.test(path));

it('what is shipped names no address that stands for another, and no repository, as none is published', () => {
  const words = /example\.(?:com|org|net)|TODO|CHANGEME|github\.com|ghcr\.io|docker\.io|quay\.io/i;
  expect(SHIPPED.length).toBeGreaterThan(40);
  expect(SHIPPED.filter((path) => words.test(readFileSync(join(ROOT, path), 'utf8')))).toEqual([]);
});
