import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { TestProcess } from '../support/processes.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** Keyword and rest of each instruction; `npm run test:deploy` builds the image and runs it. */
const instructions = readFileSync(resolve(ROOT, 'Dockerfile'), 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .flatMap((line) => {
    const [, keyword, rest] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    return keyword === undefined ? [] : [[keyword, rest!] as const];
  });
const runtime = instructions.slice(instructions.findLastIndex(([keyword]) => keyword === 'FROM'));
const of = (keyword: string, all = runtime) => all.filter(([word]) => word === keyword).map(([, rest]) => rest);

it('the image runs as a user that is not root, by number, on a base that is pinned to a major version', () => {
  expect(of('ARG', instructions)[0]).toBe('BASE=node:26-slim');
  expect(of('USER')).toEqual(['1000:1000']);
});

it('it starts the exporter without a shell, and so that Node opens no debugger before the program runs', async () => {
  const [program, ...flags] = JSON.parse(of('ENTRYPOINT')[0]!) as readonly string[];
  expect([program, flags.at(-1), ...of('CMD')]).toEqual(['node', 'dist/main.cjs', '["serve"]']);
  const code = 'process.on("SIGHUP", () => process.exit()); setInterval(() => {}, 1000); console.log("begun")';
  await using node = new TestProcess(process.execPath, [...flags.slice(0, -1), '--eval', code]);
  await node.saw(/begun/, 'stdout');
  node.kill('SIGUSR1');
  node.kill('SIGHUP');
  expect(await node.exit).toMatchObject({ code: 0, stderr: '' });
});

it('its build runs no script of a dependency and leaves development behind', () => {
  const installs = of('RUN', instructions).filter((command) => command.includes('npm ci'));
  expect(installs.length).toBeGreaterThan(0);
  for (const command of installs) expect(command).toContain('--ignore-scripts');
  expect(installs.at(-1)).toContain('--omit=dev');
});

it('its build copies nothing but what .dockerignore lets through', () => {
  const [first, ...allowed] = readFileSync(resolve(ROOT, '.dockerignore'), 'utf8').split('\n');
  expect(first).toBe('**');
  const copied = of('COPY', instructions)
    .filter((rest) => !rest.startsWith('--from'))
    .flatMap((rest) => rest.split(/ +/).slice(0, -1));
  expect(allowed).toEqual(expect.arrayContaining(copied.map((path) => `!${path.replace('./', '')}`)));
});

it('it asks for its health at the port that it exposes', () => {
  expect(of('EXPOSE')).toEqual(['9877']);
  expect(of('HEALTHCHECK')[0]).toContain('://127.0.0.1:9877/-/healthy');
});
