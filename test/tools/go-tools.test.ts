import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toolPath } from '../support/tool-path.ts';
import { GO_TOOLS } from './go-tools.ts';
import { buildArguments, cachedTool, mainPackage, moduleVersion } from './tool-cache.ts';

const [prometheus] = GO_TOOLS;

/** An empty cache, and a `go` of a version that notes what it is to build and then does what `script` says. */
function fakeGo(script: string, version = 'go1.26.8') {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'bin'));
  const log = join(folder, 'log');
  const answer = `[ "$1" != version ] || { echo "go version ${version} linux/amd64"; exit; }`;
  writeFileSync(join(folder, 'bin/go'), `#!/bin/sh\n${answer}\necho "$@" >>${log}\n${script}`);
  chmodSync(join(folder, 'bin/go'), 0o755);
  const env = {
    ...process.env,
    PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
  const program = `
    import { buildTools } from ${JSON.stringify(join(import.meta.dirname, 'build-tools.ts'))};
    import { GO_TOOLS } from ${JSON.stringify(join(import.meta.dirname, 'go-tools.ts'))};
    buildTools(GO_TOOLS, console.log);
  `;
  const build = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => output.push(String(part)));
    const status = await new Promise((resolve) => child.on('close', resolve));
    return { status, output: output.join('') };
  };
  const built = () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []);
  return { folder, env, build, built };
}

/** Writes the file that `go build -o` asks for. */
const WRITES = 'echo "a program" >"$3"; chmod +x "$3"';

describe('building the pinned programs', () => {
  it('builds each once, also when two runs want them at the same time', async () => {
    const { env, build, built } = fakeGo(WRITES);
    const runs = await Promise.all([build(), build()]);
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    expect(built()).toHaveLength(GO_TOOLS.length);
    expect(GO_TOOLS.filter((tool) => !existsSync(cachedTool(tool, env)))).toEqual([]);
  });

  it('builds nothing when all of it is there', async () => {
    const { build, built } = fakeGo(WRITES);
    await build();
    expect(await build()).toEqual({ status: 0, output: '' });
    expect(built()).toHaveLength(GO_TOOLS.length);
  });

  it('says what it builds, since that takes minutes', async () => {
    const { output } = await fakeGo(WRITES).build();
    for (const { name } of GO_TOOLS) expect(output).toContain(`Building ${name} `);
  });

  it('fails with the name of the program, and leaves no half of it', async () => {
    const { env, build } = fakeGo('exit 1');
    const { status, output } = await build();
    expect(status).not.toBe(0);
    expect(output).toContain('prometheus-3 was not built: `go build` in test/tools/prometheus says why');
    expect(readdirSync(dirname(cachedTool(prometheus, env)))).toEqual(['lock']);
  });

  it('goes on after one that fails, and fails in the end', async () => {
    const { env, build } = fakeGo(`case "$3" in */helm.*) exit 1;; esac; ${WRITES}`);
    const { status, output } = await build();
    expect(status).not.toBe(0);
    expect(output).toContain('helm was not built: ');
    expect(GO_TOOLS.filter((tool) => !existsSync(cachedTool(tool, env))).map(({ name }) => name)).toEqual(['helm']);
  });
});

describe('a Go that is too old to fetch a newer one', () => {
  const OLD = 'go1.19.8';

  it('downloads the toolchain of go.mod as a module, and builds with that', async () => {
    const { folder, env, build, built } = fakeGo(
      `case "$1" in env) echo linux; echo amd64;; mod) echo '{"Dir": "'$XDG_CACHE_HOME'/toolchain"}';; *) exit 1;; esac`,
      OLD,
    );
    const toolchain = join(folder, 'cache/toolchain');
    mkdirSync(join(toolchain, 'bin'), { recursive: true });
    mkdirSync(join(toolchain, 'pkg/tool/linux_amd64'), { recursive: true });
    writeFileSync(join(toolchain, 'bin/go'), `#!/bin/sh\n${WRITES}`);
    writeFileSync(join(toolchain, 'pkg/tool/linux_amd64/compile'), '');
    expect(await build()).toMatchObject({ status: 0 });
    expect(GO_TOOLS.filter((tool) => !existsSync(cachedTool(tool, env)))).toEqual([]);
    expect(built()).toContain('mod download -json golang.org/toolchain@v0.0.1-go1.26.7.linux-amd64');
    expect(statSync(join(toolchain, 'pkg/tool/linux_amd64/compile')).mode & 0o111).toBe(0o111);
  });

  it('says so when that download fails', async () => {
    const { build } = fakeGo('case "$1" in env) echo linux; echo amd64;; *) echo "no network" >&2; exit 1;; esac', OLD);
    const { status, output } = await build();
    expect(status).not.toBe(0);
    expect(output).toContain(
      'helm was not built: `go mod download -json golang.org/toolchain@v0.0.1-go1.26.7.linux-amd64` failed: no network',
    );
  });
});

describe('the cache', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/cache', HOME: '/home/me' }, '/cache/anthropic-work-exporter/tools/prometheus-'],
    [{ XDG_CACHE_HOME: '', HOME: '/home/me' }, '/home/me/.cache/anthropic-work-exporter/tools/prometheus-'],
    [{ HOME: '/home/me' }, '/home/me/.cache/anthropic-work-exporter/tools/prometheus-'],
  ])('is outside the checkout: %o', (env, start) => {
    expect(cachedTool(prometheus, env).startsWith(start)).toBe(true);
  });

  it('is another for another way to build', () => {
    expect(cachedTool({ ...prometheus, flags: ['-race'] })).not.toBe(cachedTool(prometheus));
  });

  it('is another for another source of a program of ours', () => {
    const { folder } = fakeGo(WRITES);
    const tool = { name: 'ours', folder: relative(import.meta.dirname, folder), module: 'example.com/over' };
    writeFileSync(join(folder, 'go.mod'), 'module ours\n\nrequire example.com/over v1.2.3\n');
    writeFileSync(join(folder, 'main.go'), 'package main');
    const first = cachedTool(tool);
    expect(cachedTool(tool)).toBe(first);
    writeFileSync(join(folder, 'main.go'), 'package main // changed');
    expect(cachedTool(tool)).not.toBe(first);
    expect([moduleVersion(tool), mainPackage(tool)]).toEqual(['v1.2.3', '.']);
  });

  it('is one for programs of one go.mod', () => {
    const [promtool] = GO_TOOLS.filter(({ name }) => name === 'promtool-3');
    expect(dirname(cachedTool(promtool!))).toBe(dirname(cachedTool(prometheus)));
  });
});

describe('the version of a program', () => {
  it('is the one of its go.mod', () => {
    for (const tool of GO_TOOLS) expect(moduleVersion(tool)).toMatch(/^v\d+\.\d+\.\d+$/);
    expect(() => moduleVersion({ ...prometheus, module: 'example.com/nothing' })).toThrow(
      'test/tools/prometheus/go.mod does not require example.com/nothing',
    );
  });

  it.each([
    ['v0.316.0', '3.16.0'],
    ['v0.305.2', '3.5.2'],
    ['v0.300.10', '3.0.10'],
  ])("is Prometheus' own: %s is %s", (ofModule, expected) => {
    expect(prometheus.version?.of(ofModule)).toBe(expected);
  });

  it('is what the program says of itself', () => {
    expect(buildArguments(prometheus).at(-1)).toBe(
      '-ldflags=-s -w -X github.com/prometheus/common/version.Version=3.16.0',
    );
  });
});

describe('toolPath', () => {
  it('says what helps when the program is not built', () => {
    expect(() => toolPath('helm', { XDG_CACHE_HOME: '/nowhere' })).toThrow(
      'helm is not built: npm run test:deploy builds it',
    );
  });
});
