import { expect, it } from 'vitest';
import { OPTIONS } from '../../src/config/options.ts';
import { configurationExample } from '../../src/docs/options.ts';
import { filled } from '../../src/docs/tables.ts';
import { configOf, MINIMAL } from '../config/support.ts';
import { pageOf } from './pages.ts';

it('docs/configuration.md has a row for every option, and every variable and flag', () => {
  const { text } = pageOf('docs/configuration.md');
  for (const { path, option } of OPTIONS) {
    const ways = [option.env, option.flag].filter((way) => way !== undefined);
    for (const way of ways) expect(text).toMatch(new RegExp(`\\| \`${way}\` \\|`));
    // These are said to be those of another section.
    if (path.startsWith('api.') || /^environments\[\]\.(?:\w+\.|exemplars)/.test(path)) continue;
    expect(text.includes(`\n- \`${path}\` (${option.kind};`), `${path}: npm run generate`).toBe(true);
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

it('a page without the place for a generated part is told, not left as it is', () => {
  const place = '<!-- generated: a -->\nold\n<!-- end -->\n';
  expect(filled(`x\n${place}y\n`, { a: 'new' })).toBe('x\n<!-- generated: a -->\n\nnew\n\n<!-- end -->\ny\n');
  expect(() => filled('x\n', { a: 'new' })).toThrow('a');
});
