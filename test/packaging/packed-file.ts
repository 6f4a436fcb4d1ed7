import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/processes.ts';

/** What `npm pack` makes of this checkout, installed in a folder that held nothing. */
export interface InstalledPackage extends Disposable {
  /** The folder in which `npm install FILE` was run. */
  readonly folder: string;
  /** Its `node_modules`. */
  readonly modules: string;
  /** Paths in the file, without `package/`. */
  readonly files: readonly string[];
}

function npm(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** npm 9 would build once more, though it is told to run no scripts: nothing is there to build from. */
export function withoutScripts(folder: string): void {
  const { scripts: _, ...manifest } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
}

/** Packs what is built and installs the package, as a release would. */
export function installPackedFile(): InstalledPackage {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'));
  try {
    const staged = join(folder, 'staged');
    const installed = join(folder, 'installed');
    for (const made of [staged, installed]) mkdirSync(made);
    // Not the checkout itself: npm would look at all that lies beside it.
    for (const name of [
      'package.json',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'alerts',
      'grafana',
      'deploy',
      'docs',
      'examples',
      'dist',
    ])
      cpSync(join(ROOT, name), join(staged, name), { recursive: true });
    withoutScripts(staged);
    const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts'], staged)) as [
      { filename: string; files: { path: string }[] },
    ];
    // By its prefix: npm would take a folder above that has packages for the one that is meant.
    npm(['install', '--prefix', installed, '--prefer-offline', '--no-save', join(staged, packed.filename)], installed);
    const modules = join(installed, 'node_modules');
    return {
      folder: installed,
      modules,
      files: packed.files.map(({ path }) => path),
      [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
    };
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

/** The oldest Node that `engines` allows to run the package, from npm's own packages of Node, kept below `.cache`. */
export function oldestAllowedNode(): string {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
  const version = `${engines.node.replace('>=', '')}.0`;
  const platform = `node-${process.platform}-${process.arch}`;
  const folder = join(ROOT, '.cache', `node-${version}`);
  const node = join(folder, 'node_modules', platform, 'bin/node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  npm(['install', '--prefer-offline', '--no-save', '--prefix', folder, `${platform}@${version}`], folder);
  return node;
}
