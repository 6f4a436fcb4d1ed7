import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ROOT, runProgram, TestProcess } from '../support/processes.ts';
import { ALERT_NAMES } from '../support/rule-texts.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type InstalledPackage, installPackedFile, oldestAllowedNode } from './packed-file.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

/** For those who work on the exporter: it stands in the repository only. */
const REPOSITORY_ONLY = /^(?:CONTRIBUTING\.md|Dockerfile|bench\/README\.md|docs\/images\/.*)$/;

let installed: InstalledPackage;
let oldest: string;
beforeAll(() => {
  installed = installPackedFile();
  oldest = oldestAllowedNode();
});
afterAll(() => installed[Symbol.dispose]());

const NODES: readonly (readonly [string, () => string])[] = [
  ['the Node of the tests', () => process.execPath],
  ['the oldest Node that is allowed', () => oldest],
];

/** An empty folder that is current for the process, and a PATH that finds this Node first. */
function start(node: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): TestProcess {
  const bin = join(installed.modules, '.bin/anthropic-work-exporter');
  return new TestProcess(bin, args, { env: { PATH: `${dirname(node)}:/usr/bin:/bin`, ...env } });
}

describe.each(NODES)('the packed file on %s', (_, node) => {
  it('the packed file prints its version', async () => {
    await using run = start(node(), ['--version']);
    expect(await run.exit).toMatchObject({ code: 0, stdout: expect.stringContaining(manifest.version) });
  });

  it('runs `demo`, to a /metrics with numbers', async () => {
    await using demo = start(node(), ['demo', '--json', '--listen', '127.0.0.1:0']);
    const [line] = await demo.saw(/^\{.*\}$/m, 'stdout');
    const { exporter } = JSON.parse(line);
    const metrics = async () => (await fetch(`${exporter}/metrics`)).text();
    await waitUntil(async () => /^anthropic_work_queue_depth\{.*\} \d+$/m.test(await metrics()), { everyMs: 50 });
    demo.kill('SIGTERM');
    expect((await demo.exit).code).toBe(0);
  });

  it('runs `serve` with a file, and says when there is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serve-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'exporter.yaml');
    writeFileSync(file, 'api: {base_url: "http://127.0.0.1:9", api_key: k}\nenvironments: [{id: env_1}]\n');
    await using serve = start(node(), ['serve', '--config', file, '--listen', '127.0.0.1:0', '--log-format', 'json']);
    const [, address] = await serve.saw(/"(http:\/\/127\.0\.0\.1:\d+)/);
    expect((await fetch(`${address}/-/healthy`)).status).toBe(200);
    serve.kill('SIGTERM');
    expect((await serve.exit).code).toBe(0);
    await using nothing = start(node(), ['serve']);
    expect(await nothing.exit).toMatchObject({ code: 2, stderr: expect.stringContaining('ANTHROPIC_API_KEY') });
  });

  it('writes the rules and the boards that it brings along', async () => {
    await using rules = start(node(), ['rules']);
    const committed = readFileSync(join(ROOT, 'alerts/anthropic-work-exporter.rules.yaml'), 'utf8');
    expect(await rules.exit).toMatchObject({ code: 0, stdout: committed });
    await using boards = start(node(), ['dashboards']);
    expect(JSON.parse((await boards.exit).stdout)).toHaveLength(4);
  });
});

describe('what is in the file', () => {
  it('is found by npx in the folder', async () => {
    const { code, stdout } = await runProgram(
      'npx',
      ['--offline', '--prefix', installed.folder, 'anthropic-work-exporter', '--version'],
      {
        env: { PATH: process.env.PATH!, HOME: process.env.HOME! },
      },
    );
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(manifest.version) });
  });

  it('is every runbook, board and manifest', () => {
    const named = [
      ...ALERT_NAMES.map((name) => `alerts/runbooks/${name}.md`),
      ...readdirSync(join(ROOT, 'grafana'))
        .filter((name) => name.endsWith('.json'))
        .map((name) => `grafana/${name}`),
      'alerts/alertmanager.example.yml',
      'deploy/helm/anthropic-work-exporter/values.schema.json',
      'deploy/helm/anthropic-work-exporter/.helmignore',
      'deploy/kustomize/base/deployment.yaml',
      'deploy/autoscaling/keda-metrics-api.yaml',
      'docs/configuration.schema.json',
      'LICENSE',
    ];
    expect(named.filter((path) => !installed.files.includes(path))).toEqual([]);
  });

  it('is neither source, test nor secret', () => {
    expect(installed.files.filter((path) => /^(?:src|test|bench|scripts)\/|\.env|\.npmrc|\.pem$/.test(path))).toEqual(
      [],
    );
  });

  it('links only to what is in it, as far as one can read it there', () => {
    const pages = installed.files.filter((path) => path.endsWith('.md'));
    const dead = pages.flatMap((page) => {
      const text = readFileSync(join(installed.modules, manifest.name, page), 'utf8');
      return [...text.matchAll(/\]\((?!https?:|#)([^)\s#]+)/g)]
        .map(([, target]) => normalize(join(dirname(page), target!)).replace(/\/$/, ''))
        .filter(
          (target) => !REPOSITORY_ONLY.test(target) && !existsSync(join(installed.modules, manifest.name, target)),
        )
        .map((target) => `${page}: ${target}`);
    });
    expect(dead).toEqual([]);
  });

  it('brings its dependencies, no development package and no Node', () => {
    const names = readdirSync(installed.modules, { recursive: true, encoding: 'utf8' });
    for (const name of Object.keys(manifest.dependencies)) expect(names).toContain(name);
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
    const development = Object.entries(lock.packages).flatMap(([path, { dev }]) => (dev === true ? path : []));
    expect(development.length).toBeGreaterThan(50);
    expect(development.filter((path) => existsSync(join(installed.folder, path)))).toEqual([]);
    expect(names.filter((name) => /(?:^|\/)(?:node-bin|node-linux|node-darwin)[^/]*$/.test(name))).toEqual([]);
  });
});
