import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OPTIONS, optionOf } from '../../src/config/option-tree.ts';
import { configurationExample } from '../../src/docs/configuration-example.ts';
import { configurationPage, generatedFiles } from '../../src/docs/configuration-page.ts';
import { configOf, MINIMAL } from '../config/support.ts';

describe('docs/configuration.md', () => {
  it.each(generatedFiles())('$path is what the generator writes', ({ path, text }) => {
    expect(readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8')).toBe(text);
  });

  it('has a row for every option, with its default and help, and every variable and flag', () => {
    const page = configurationPage();
    const rows = page.split('\n');
    for (const { path, schema } of OPTIONS) {
      const option = optionOf(schema);
      // These are said to be those of another section.
      if (
        path.startsWith('api.') ||
        /^environments\[\]\.(?:poll|sessions|thresholds|slo|scaling|metadata|exemplars)/.test(path)
      )
        continue;
      const row = rows.find((line) => line.startsWith(`| \`${path}\` |`));
      for (const part of [option.description, option.kind]) expect(row, path).toContain(part);
      for (const way of [option.env, option.flag]) {
        if (way !== undefined) expect(page).toMatch(new RegExp(`\\| \`${way}\` \\|`));
      }
    }
  });

  it('the whole file loads and changes no default', async () => {
    const files = { '/run/secrets/api-key': 'a', '/run/secrets/prod-key': 'e' };
    const example = await configOf(configurationExample(), { files });
    const minimal = await configOf(MINIMAL);
    const { id: _id, name: _name, labels, thresholds, ...settings } = example.environments[0]!.environment;
    expect(minimal.environments[0]!.environment).toMatchObject(settings);
    expect(labels).toEqual({ owner: 'agents', tier: 'prod' });
    expect(thresholds.queueAgeSeconds).toEqual({ warning: 120, critical: 900 });
    expect(example.server).toEqual(minimal.server);
    expect(example.discovery).toEqual(minimal.discovery);
    expect({ ...example.connections[0], apiKey: null }).toEqual({ ...minimal.connections[0], apiKey: null });
  });
});
