import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { TestProcess } from '../support/processes.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const text = readFileSync(resolve(ROOT, 'Dockerfile'), 'utf8');
const dockerfile = DockerfileParser.parse(text);
const ignored = readFileSync(resolve(ROOT, '.dockerignore'), 'utf8').split('\n');

const instructions = dockerfile.getInstructions();
const lastFrom = instructions.findLastIndex((instruction) => instruction.getKeyword() === 'FROM');
const runtime = instructions.slice(lastFrom);
const ofRuntime = (keyword: string) => runtime.filter((instruction) => instruction.getKeyword() === keyword);
const argumentsOf = (keyword: string) => ofRuntime(keyword).map((instruction) => instruction.getArgumentsContent());

describe('the Dockerfile', () => {
  it('has nothing that a linter objects to', () => {
    expect(validate(text)).toEqual([]);
  });

  it('builds in stages of one base image that is pinned to a major version, and by digest where one is given', () => {
    const images = dockerfile.getFROMs().map((from) => from.getImage());
    expect(images).toHaveLength(4);
    // The bracket would be a mistake in JavaScript, and is none in a Dockerfile.
    expect(new Set(images)).toEqual(new Set(['$' + '{BASE}']));
    const [base] = dockerfile.getInitialARGs().map((argument) => argument.getArgumentsContent());
    expect(base).toBe('BASE=node:26-slim');
  });

  it('runs as a user that is not root, by number', () => {
    expect(argumentsOf('USER')).toEqual(['1000:1000']);
  });

  it('starts the exporter without a shell, so that signals reach it', () => {
    expect(argumentsOf('ENTRYPOINT')).toEqual(['["node", "--disable-sigusr1", "dist/main.cjs"]']);
    expect(argumentsOf('CMD')).toEqual(['["serve"]']);
  });

  it('starts Node so that it opens no debugger on a signal, also before the program has taken any', async () => {
    const [, ...flags] = JSON.parse(argumentsOf('ENTRYPOINT')[0]!) as readonly string[];
    const program = 'process.on("SIGHUP", () => process.exit()); setInterval(() => {}, 1000); console.log("begun")';
    await using node = new TestProcess(process.execPath, [...flags.slice(0, -1), '--eval', program]);
    await node.saw(/begun/, 'stdout');
    node.kill('SIGUSR1');
    node.kill('SIGHUP');
    expect(await node.exit).toMatchObject({ code: 0, stderr: '' });
  });

  it('runs no script of a dependency and leaves development behind', () => {
    const installs = instructions
      .filter((instruction) => instruction.getKeyword() === 'RUN')
      .map((instruction) => instruction.getArgumentsContent() ?? '')
      .filter((command) => command.includes('npm ci'));
    expect(installs.every((command) => command.includes('--ignore-scripts'))).toBe(true);
    expect(installs.at(-1)).toContain('--omit=dev');
    expect(ofRuntime('RUN')).toEqual([]);
  });

  it('copies only what the build context has', () => {
    const copied = instructions
      .filter((instruction) => instruction.getKeyword() === 'COPY')
      .map((instruction) => instruction.getArguments().map((argument) => argument.getValue()))
      .filter((words) => !words[0]!.startsWith('/app'))
      .flatMap((words) => words.slice(0, -1));
    const allowed = copied.map((path) => `!${path.replace('./', '')}`);
    expect(ignored[0]).toBe('**');
    expect(ignored).toEqual(expect.arrayContaining(allowed));
  });

  it('asks for health at the port that it exposes', () => {
    const port = argumentsOf('EXPOSE')[0];
    expect(port).toBe('9877');
    expect(argumentsOf('HEALTHCHECK')[0]).toContain(`://127.0.0.1:${port}/-/healthy`);
  });
});
