import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'rehearse-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string, name = 'scenario.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

interface Line {
  readonly event: string;
  readonly at: number;
  readonly condition?: string;
  readonly environment?: string;
  readonly severity?: string;
  readonly alert?: string;
  readonly evidence?: string;
}

async function rehearse(...args: readonly string[]): Promise<readonly Line[]> {
  const { code, stdout, stderr } = await runCli(['rehearse', '--format', 'json', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const pagesIn = (lines: readonly Line[]) => lines.filter(({ event }) => event === 'page');

const LEAVE = 'troubles: [{kind: workers_leave, from: 12, to: 32}]\n';

describe('rehearse', () => {
  it('says when a condition begins, pages and ends, beside the trouble and its repair', async () => {
    const lines = await rehearse('--scenario', fileWith(LEAVE));
    const own = lines.filter(({ condition }) => condition === undefined || condition === 'no_workers');
    expect(own.map(({ event }) => event)).toEqual(['trouble', 'begin', 'page', 'repair', 'end']);
    const [trouble, begin, page, repair, end] = own.map(({ at }) => at);
    expect([trouble, repair]).toEqual([12 * 60, 32 * 60]);
    expect(begin).toBeGreaterThan(trouble!);
    expect(page).toBeGreaterThan(begin!);
    expect(page).toBeLessThan(18 * 60);
    expect(end).toBeGreaterThan(repair!);
    expect(own[2]).toMatchObject({ environment: 'prod', severity: 'critical', alert: 'AnthropicWorkNoWorkers' });
    expect(own[2]!.evidence).toMatch(/waiting/);
  });

  it('ends a trouble that repeats as often as it begins it, also at fractions of minutes', async () => {
    const file = fileWith('troubles: [{kind: workers_leave, from: 4.1, to: 5.2, repeats: 10m}]\n');
    const own = (await rehearse('--scenario', file, '--minutes', '26')).filter(({ event }) =>
      /trouble|repair/.test(event),
    );
    expect(own.map(({ event, at }) => `${event} ${at}`)).toEqual([
      ...['trouble 246', 'repair 312', 'trouble 846', 'repair 912', 'trouble 1446', 'repair 1512'],
    ]);
  });

  it('tells the same in words, and says what explains what stays silent', async () => {
    const { stdout } = await runCli(['rehearse', '--scenario', fileWith(LEAVE)]);
    expect(stdout).toMatch(
      / 12:00 .*workers leave[\s\S]*PAGE AnthropicWorkNoWorkers[\s\S]* 32:00 .*repair[\s\S]*AnthropicWorkNoWorkers.* ends/,
    );
    expect(stdout).toMatch(/oldest_item_too_old .*no_workers\/critical explains it/);
    expect(stdout).toMatch(/1 page, 0 tickets/);
  });

  it('gives the same for the same seed, and other times for another', async () => {
    const file = fileWith(LEAVE);
    const all = await Promise.all(['3', '3', '4'].map((seed) => rehearse('--scenario', file, '--seed', seed)));
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).not.toEqual(all[0]);
  });

  it('plays what the simulator has by name, for as long as it is told', async () => {
    const lines = await rehearse('--scenario', 'no-workers', '--minutes', '8');
    expect(pagesIn(lines)).toMatchObject([{ condition: 'no_workers', environment: 'prod' }]);
    expect(Math.max(...lines.map(({ at }) => at))).toBeLessThanOrEqual(8 * 60);
  });

  it('takes environments, thresholds and intervals from a configuration, and none of its keys', async () => {
    const configuration = (limits: string) =>
      fileWith(
        `api: {api_key_file: /nowhere}\nenvironments:\n  - {id: env_1, name: own, environment_key: '\${NO_SUCH_VARIABLE}', thresholds: {queue_age: ${limits}}}\n`,
        'exporter.yaml',
      );
    const file = fileWith(LEAVE);
    const patient = await rehearse('--scenario', file, '--config', configuration('{warning: 1h, critical: 2h}'));
    expect(pagesIn(patient)).toEqual([]);
    const strict = await rehearse('--scenario', file, '--config', configuration('{warning: 2m, critical: 4m}'));
    expect(pagesIn(strict)).toMatchObject([{ condition: 'no_workers', environment: 'own' }]);
  });

  it('refuses to play what no pattern of the configuration finds, unless the scenario has patterns of its own', async () => {
    const config = fileWith('discovery: {enabled: true, include: ["eu-*"]}', 'exporter.yaml');
    const play = (scenario: string) =>
      runCli(['rehearse', '--minutes', '1', '--config', config, '--scenario', fileWith(scenario)]);
    const unwatched = await play('environments: [{name: prod}, {name: eu-1}]\n');
    expect(unwatched).toMatchObject({ code: 2, stdout: '' });
    expect(unwatched.stderr).toMatch(/exporter\.yaml:1:37: .*does not watch "prod"/);
    expect(unwatched.stderr).not.toContain('eu-1');
    expect(await play('environments: [{name: eu-1}]\n')).toMatchObject({ code: 0, stderr: '' });
    const meant = 'exporter: {config: {discovery: {include: [us-1]}}}\n';
    expect(await play(meant)).toMatchObject({ code: 0, stderr: '' });
  });

  it('notes environments of the configuration that the scenario leaves out', async () => {
    const config = fileWith('environments: [{id: env_1, name: own}, {id: env_2, name: both}]', 'exporter.yaml');
    const scenario = fileWith('environments: [{name: both}, {name: prod}]\n');
    const { code, stderr } = await runCli(['rehearse', '--minutes', '1', '--config', config, '--scenario', scenario]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Note: .*exporter\.yaml.*"own".*defaults.*"prod"\n$/);
    expect(stderr).not.toContain('both');
  });

  it('fails with --check where something else is told than the file expects', async () => {
    const right = `${LEAVE}expect: {pages: [{condition: no_workers, from: 13, to: 18, ended_by: 39}]}\n`;
    expect((await runCli(['rehearse', '--check', '--scenario', fileWith(right)])).code).toBe(0);
    const wrong = await runCli(['rehearse', '--check', '--scenario', fileWith(`${LEAVE}expect: {pages: none}\n`)]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/no_workers \(critical\) of prod was told in minute 1\d/);
  });
});

describe('a scenario that is wrong', () => {
  const wrong: readonly (readonly [text: string, said: RegExp])[] = [
    ['troubles: [{kind: wrkers_leave}]', /scenario\.yaml:1:19: .*did you mean workers_leave\?/],
    ['troubles:\n  - {kind: api_error, stats: 500}', /:2:23: .*unknown key "stats"; did you mean status\?/],
    [
      'troubles: [{kind: workers_die, share: 1}]',
      /:1:32: .*unknown key "share"; known here: kind, left, restart, lives, /,
    ],
    ['troubles: [{kind: workers_leave, environment: a}]', /:1:34: .*did you mean environments\?/],
    ['environments:\n  - {name: prod, run: 40}', /:2:23: .*must be a duration such as 40s, or a range/],
    ['environments:\n  - {name: prod, arrivals: [{per_minut: 2}]}', /:2:30: .*did you mean per_minute\?/],
    [
      'environments: [{name: prod}]\ntroubles:\n  - {kind: workers_leave, environments: prd}',
      /:3:41: .*there is no "prd" here; did you mean prod\?/,
    ],
    [
      'environments:\n  - {name: prod, thresholds: {queue_ages: 5m}}',
      /:2:43: .*queue_ages: unknown option; did you mean queue_age\?/,
    ],
    ['exporter: {config: {poll: {stats_interval: 1s}}}', /:1:44: .*stats_interval/],
    ['troubles: [{kind: workers_leave, from: 20, to: 10}]', /:1:48: .*must be later than from/],
    ['minutes: [60', /scenario\.yaml:1/],
  ];

  it.each(wrong)('%s', async (text, said) => {
    const { code, stderr } = await runCli(['rehearse', '--scenario', fileWith(text)]);
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
  });

  it('names the scenarios where there is none of that name', async () => {
    expect((await runCli(['rehearse', '--scenario', 'sunshine'])).stderr).toMatch(/steady, idle, burst/);
  });
});
