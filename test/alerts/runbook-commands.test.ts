import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { App } from '../../src/app/app.ts';
import { seededRandom } from '../../src/base/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { scenarioSchema } from '../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../src/simulator/scenarios.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { BUILT_MAIN, ROOT, runProgram } from '../support/processes.ts';
import { ALERT_NAMES } from '../support/rule-texts.ts';
import { silentLogger } from '../support/silent.ts';
import { StillClock, TIMEOUT_MS } from '../support/under-way.ts';
import { placeholdersIn, type Replacements, runbookText, stepsOf } from './runbooks/runbook-steps.ts';
import { WORKER_LOG_LINES } from './runbooks/worker-log-lines.ts';

const MINUTES = 20;
const ENV = 'env_prod';
const folder = mkdtempSync(join(tmpdir(), 'runbooks-'));
const resources = new AsyncDisposableStack();
/** What a reader has in the place of the words in capitals. */
let words: Replacements;
let variables: Readonly<Record<string, string>>;

/** Sessions that wait for approvals, and two environments that cannot be read. */
const WORLD = scriptOf(
  scenarioSchema.parse({
    warm_up: '30m',
    environments: [
      { id: ENV, name: 'prod', workers: 12, arrivals: 6, run: ['20s', '60s'] },
      { id: 'env_unseen', name: 'unseen' },
      { id: 'env_unseen_too', name: 'unseen too' },
    ],
    troubles: [
      { kind: 'bad_sessions', conduct: 'awaits_approval', environments: 'prod', from: 'start' },
      { kind: 'api_error', environments: ['unseen', 'unseen too'], from: 'start' },
    ],
  }),
  { name: 'runbooks' },
);

beforeAll(async () => {
  const still = new StillClock(Date.now() - MINUTES * 60_000);
  const simulator = await startSimulator({ logger: silentLogger, clock: still.api, scenario: WORLD });
  resources.defer(() => simulator.stop());
  mkdirSync(join(folder, 'state'));
  const files = { STATE_FILE: 'state/exporter.json', FILE: 'exporter.yaml', WORKER_LOG: 'worker.log' };
  words = Object.fromEntries(Object.entries(files).map(([word, file]) => [word, join(folder, file)]));
  const configuration = {
    connections: { default: { base_url: simulator.url, api_key: simulator.apiKey, timeout: `${TIMEOUT_MS}ms` } },
    environments: simulator.environments.map(({ id, environmentKey }) => ({
      ...{ id, environment_key: environmentKey, thresholds: { session_wait: '5m' } },
    })),
    state_file: words.STATE_FILE,
    server: { listen: '127.0.0.1:0' },
  };
  writeFileSync(words.FILE!, JSON.stringify(configuration));
  writeFileSync(words.WORKER_LOG!, WORKER_LOG_LINES.flatMap((line) => Object.values(line)).join('\n'));
  const load = () => loadConfig({ path: words.FILE!, env: {} });
  const loaded = await load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const build = { version: '1.2.3', revision: 'abc', nodeVersion: process.version };
  const deps = { clock: still.clock, random: seededRandom(1), logger: silentLogger, env: {}, build, load };
  const app = await App.prepare(loaded.config, deps);
  const { url } = await app.serve([]);
  app.watchConditions();
  // Connections that somebody left open are closed after a while, so its clock has to go on.
  resources.defer(async () => {
    const stopped = app.stop();
    await Promise.race([stopped, still.clock.advance(60_000)]);
    await stopped;
  });
  for (let minute = 0; minute < MINUTES; minute++) await still.clock.advance(60_000);
  const answer = await fetch(`${url}/api/v1/environments/${ENV}`);
  const { worst_items } = (await answer.json()) as { worst_items: { id: string; session_wait_reason: unknown }[] };
  const { id } = worst_items.find(({ session_wait_reason: reason }) => reason !== null)!;
  words = {
    ...{ ENV, EXPORTER: url, API: simulator.url, JOB: 'anthropic-work-exporter', WORK_ID: id, SESSION: id },
    ...{ NAMESPACE: 'monitoring', POD: 'anthropic-work-exporter-0', ...words },
  };
  variables = { PATH: `${standIns()}:${process.env.PATH}`, ANTHROPIC_API_KEY: simulator.apiKey };
}, 300_000);
afterAll(async () => {
  await resources.disposeAsync();
  rmSync(folder, { recursive: true });
});

/** The command as it is installed, and programs of the host that the machine of a test does not have. */
function standIns(): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const programs = {
    'anthropic-work-exporter': `exec "${process.execPath}" "${BUILT_MAIN}" "$@"`,
    kubectl: 'echo a cluster',
    journalctl: 'echo a log',
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

const commandsOf = (alert: string, section: 'Diagnosis' | 'Mitigation') =>
  stepsOf(runbookText(alert), section, words).flatMap(({ language, lines }) => (language === 'sh' ? lines : []));
const answers = new Map<string, ReturnType<typeof runProgram>>();

/** A command of several runbooks is run once. */
async function mustTell(command: string): Promise<string> {
  expect(placeholdersIn(command), 'a word that nobody fills').toEqual([]);
  const running = answers.get(command) ?? runProgram('bash', ['-o', 'pipefail', '-c', command], { env: variables });
  answers.set(command, running);
  const { code, stdout, stderr } = await running;
  const said = `${command}\n${stdout}${stderr}`;
  // `check` says by its code that one environment cannot be read.
  expect(command.includes('check --live') ? [0, 1] : [0], said).toContain(code);
  expect(stdout.replaceAll('null', '').trim(), said).not.toBe('');
  return stdout;
}

describe.each(ALERT_NAMES)('%s', (alert) => {
  it('has commands that run and tell something', async () => {
    for (const command of commandsOf(alert, 'Diagnosis')) await mustTell(command);
  });
});

/** After all that only looks. */
it.each(ALERT_NAMES)('%s has remedies that the API takes', async (alert) => {
  for (const command of commandsOf(alert, 'Mitigation')) {
    const text = await mustTell(command);
    expect(text, command).not.toMatch(/error/);
    if (command.includes('/stop')) expect(text, command).toMatch(/"(stopped|stopping)"/);
  }
});

describe('the logs of the official workers', () => {
  const searches = ALERT_NAMES.flatMap((alert) =>
    stepsOf(runbookText(alert), 'Diagnosis').flatMap(({ lines: [command] }) => {
      const pattern = /^grep -hE '(.*)' WORKER_LOG$/.exec(command!)?.[1];
      return pattern === undefined ? [] : [{ alert, pattern }];
    }),
  );

  it('are searched by most runbooks about workers', () => {
    expect(searches.length).toBeGreaterThan(12);
  });

  it.each(searches)('are searched for an event in all languages: $alert', ({ pattern }) => {
    const search = new RegExp(pattern);
    for (const line of WORKER_LOG_LINES) {
      const found = Object.values(line).map((text) => search.test(text));
      expect(new Set(found).size, `${pattern}: ${JSON.stringify(line)}`).toBe(1);
    }
    for (const part of pattern.split('|'))
      expect(WORKER_LOG_LINES.flatMap((line) => Object.values(line)).join('\n')).toContain(part);
  });

  it('have the lines of the table: those of JavaScript as they are installed', () => {
    const sdk = join(ROOT, 'node_modules/@anthropic-ai/sdk');
    const files = globSync('lib/**/*.mjs', { cwd: sdk });
    const javascript = files.map((file) => readFileSync(join(sdk, file), 'utf8')).join('\n');
    for (const line of WORKER_LOG_LINES) expect(javascript).toContain(line.javascript);
  });
});
