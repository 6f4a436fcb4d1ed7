import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, type TestProcess } from '../support/processes.ts';
import { configurationOf, simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { BuiltImage } from './built-image.ts';

const CONFIGURATION = '/etc/exporter.yaml';

let image: BuiltImage;
let api: TestSimulator;
let exporter: TestProcess;
let url: string;

beforeAll(async () => {
  image = new BuiltImage('0123abc');
  api = await simulatedApi();
  image.place(CONFIGURATION, JSON.stringify(configurationOf(api)));
  const { Entrypoint, Cmd } = image.config;
  exporter = image.run([...Entrypoint, ...Cmd, '--config', CONFIGURATION, '--listen', '127.0.0.1:0']);
  url = (await exporter.saw(/"url":"([^"]+)"/))[1]!;
}, 1_200_000);
afterAll(async () => {
  await exporter?.[Symbol.asyncDispose]();
  await api?.stop();
  image?.[Symbol.dispose]();
}, 1_200_000);

async function exposition(): Promise<string> {
  return await (await fetch(`${url}/metrics`)).text();
}

describe('the image, built from the Dockerfile', () => {
  it('is scraped, as a user without rights on a filesystem that nobody can write to', async () => {
    await waitUntil(async () => /^anthropic_work_up\{.*operation="list".*\} 1$/m.test(await exposition()));
    expect(await exposition()).toMatch(/^anthropic_work_exporter_build_info\{.*revision="0123abc".*\} 1$/m);
    const { code, stderr } = await image.run(['sh', '-c', 'id -u; touch dist/x']).exit;
    expect(code).not.toBe(0);
    expect(stderr).toContain('Read-only file system');
    expect((await image.run(['id', '-u']).exit).stdout).toBe('1000\n');
  });

  it('takes from its cache what it would have to compile, and cannot change it', async () => {
    const trace = ['env', 'NODE_DEBUG_NATIVE=COMPILE_CACHE', 'node', 'dist/main.cjs', '--version'] as const;
    const { stderr } = await image.run(trace).exit;
    expect(stderr).toMatch(/program\.cjs was accepted/);
    expect(stderr).not.toMatch(/program\.cjs was (?:rejected|not)/);
    const { stdout } = await image.run(['find', '.cache', '-perm', '/022', '-o', '-user', '1000']).exit;
    expect(stdout).toBe('');
  });

  it('asks for its health by the command that it names', async () => {
    const [kind, program, ...words] = image.config.Healthcheck.Test;
    expect(kind).toBe('CMD');
    const { port } = new URL(url);
    const command = words.map((word) => word.replace('9877', port));
    const { code, stderr } = await image.run([program!, ...command]).exit;
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('has the packages of production, the rules and the boards, and nothing of development', () => {
    const modules = join(image.root, 'app/node_modules');
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; link?: boolean }>;
    };
    const shipped = Object.entries(lock.packages).filter(
      ([, { dev, devOptional, link }]) => !dev && !devOptional && !link,
    );
    const expected = shipped.flatMap(([path]) => /^node_modules\/([^/]+)/.exec(path)?.[1] ?? []);
    expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual([...new Set(expected)].toSorted());
    const parts = ['.cache', 'LICENSE', 'alerts', 'dist', 'node_modules', 'package.json'];
    expect(readdirSync(join(image.root, 'app')).toSorted()).toEqual(parts);
  });

  it('ends in peace when it is told to', async () => {
    exporter.kill('SIGTERM');
    expect(await exporter.exit).toMatchObject({ code: 0 });
  });
});
