import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first Go that fetches a newer Go by itself when go.mod asks for one. */
const FETCHES_ITSELF = 21;

/** Where a toolchain keeps the programs that it starts; files of a module are not executable. */
const PROGRAMS = ['bin', 'pkg/tool'];

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` failed: ${stderr?.trim()}`);
  return stdout.trim();
}

function makeExecutable(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o755);
}

/**
 * The Go that can build the module in a folder. Debian 12 has Go 1.19, which cannot even read a go.mod of today, but
 * can download the toolchain that it names as a module.
 * @throws when that download fails, with what Go says
 */
export function goCommand(folder: string): string {
  const minor = /go1\.(\d+)/.exec(run('go', ['version']))?.[1];
  if (minor === undefined || Number(minor) >= FETCHES_ITSELF) return 'go';
  const version = /^go (\S+)$/m.exec(readFileSync(join(folder, 'go.mod'), 'utf8'))![1];
  const platform = run('go', ['env', 'GOOS', 'GOARCH']).split('\n').join('-');
  const answer = run('go', ['mod', 'download', '-json', `golang.org/toolchain@v0.0.1-go${version}.${platform}`]);
  const { Dir } = JSON.parse(answer) as { readonly Dir: string };
  // The module cache is read-only; a file keeps its owner, who may change its mode.
  for (const programs of PROGRAMS) makeExecutable(join(Dir, programs));
  return join(Dir, 'bin/go');
}
