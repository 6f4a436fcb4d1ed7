import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';

const PAGES = readdirSync(join(ROOT, 'deploy'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(join(ROOT, 'deploy', name), 'utf8'));
/** How a page names a file or a folder with a key, in the checkout. */
const KEY_FILES = [
  /--from-file=[\w-]+=\.\/([\w-]+)/g,
  /install -m 0600 ([\w-]+) /g,
  /--volume "\$PWD\/(keys):/g,
  /your API key into\s+`([\w/-]+)`/g,
  /such as `([\w/-]+\/env_\w+)`/g,
];

const named = [
  ...new Set(
    KEY_FILES.flatMap((pattern) => PAGES.flatMap((text) => [...text.matchAll(pattern)].map(([, path]) => path!))),
  ),
];

it('a key that lies where a page says can be committed by nobody', () => {
  const examples = ['api-key', 'prod-environment-key', 'keys', 'deploy/compose/api-key'];
  expect(named).toEqual(expect.arrayContaining([...examples, 'deploy/compose/environment-keys/env_0123456789abcdef']));
  const files = named.map((path) => (path === 'keys' ? 'keys/api-key' : path));
  const { stdout } = spawnSync('git', ['check-ignore', '--no-index', ...files], { cwd: ROOT, encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual(files);
});
