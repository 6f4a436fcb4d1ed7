import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';

/** What users take over as it is: rules, boards, the chart, manifests, the package's own description. */
const SHIPPED = ['alerts', 'deploy', 'grafana']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name))),
  )
  // Pages may show an address in an example; so may the Alertmanager example, whose receivers are to be filled in, and the schema
  // of the chart's values, whose errors say what a value looks like.
  .filter((path) => !/\.md$|alertmanager\.example\.yml$|values\.schema\.json$|\/ci\//.test(path))
  .concat('package.json')
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

describe('what is shipped', () => {
  it('what is shipped is searched for placeholders at all', () => {
    expect(SHIPPED.length).toBeGreaterThan(40);
  });

  it.each(SHIPPED)('$path names no address that stands for another', ({ text }) => {
    expect(text).not.toMatch(/example\.(?:com|org|net)|TODO|CHANGEME/i);
  });

  it.each(SHIPPED)('$path names no repository, as none is published', ({ text }) => {
    expect(text).not.toMatch(/github\.com|ghcr\.io|docker\.io|quay\.io/);
  });
});
