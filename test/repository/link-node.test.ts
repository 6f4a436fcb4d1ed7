import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import manifest from '../../scripts/node/package.json' with { type: 'json' };

const SCRIPT = join(import.meta.dirname, '../../scripts/link-node.sh');
const [PACKAGE] = Object.keys(manifest.optionalDependencies);

function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'link-node-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(SCRIPT, join(folder, 'scripts/link-node.sh'));
  return folder;
}

function program(file: string, text = 'echo here'): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

const link = (folder: string, bin = '', env = {}) =>
  spawnSync('sh', [join(folder, 'scripts/link-node.sh')], {
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env.PATH}`, npm_node_execpath: process.execPath, ...env },
  });
const brought = (folder: string, name: string) => join(folder, 'scripts/node/node_modules', name, 'bin/node');
const linked = (folder: string) => join(folder, 'node_modules/.bin/node');

it.each(Object.keys(manifest.optionalDependencies))('links the program of %s, as often as it is asked', (name) => {
  const folder = checkout();
  program(brought(folder, name));
  for (let run = 0; run < 2; run++) {
    expect(link(folder)).toMatchObject({ status: 0, stderr: '' });
    expect(spawnSync(linked(folder), { encoding: 'utf8' }).stdout).toBe('here\n');
  }
});

it('installs the library that Node lacks, and says so', () => {
  const folder = checkout();
  program(brought(folder, PACKAGE!), 'echo "error while loading shared libraries: libatomic.so.1" >&2; exit 127');
  program(join(folder, 'bin/apt-get'), 'echo "apt-get $*"');
  program(join(folder, 'bin/sudo'), 'exec "$@"');
  const { status, stderr } = link(folder, join(folder, 'bin'));
  expect(status).toBe(0);
  expect(stderr).toContain('needs libatomic.so.1');
  expect(stderr).toContain('\napt-get install -y -qq --no-install-recommends libatomic1\n');
});

it('has npm install on the new Node what it left out on an old one', () => {
  const folder = checkout();
  program(brought(folder, PACKAGE!), 'echo "the new Node: $*" >&2');
  program(join(folder, 'bin/old-node'), 'echo v18.20.4');
  const env = { npm_node_execpath: join(folder, 'bin/old-node'), npm_execpath: 'npm-cli.js' };
  expect(link(folder, '', env).stderr).toBe('the new Node: npm-cli.js install --no-save --ignore-scripts\n');
});

it('links nothing where there is no such package', () => {
  const folder = checkout();
  expect(link(folder)).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(linked(folder))).toBe(false);
});
