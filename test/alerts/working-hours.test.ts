import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pageOf } from '../docs/pages.ts';
import { runTool } from '../support/promtool.ts';
import { exampleWith } from './alertmanager-process.ts';

const ROUTE = 'AnthropicWork(NoWorkers|OldestItemTooOld|QueueTooDeep|WaitBudgetBurn)';

interface Recipe {
  readonly time_intervals: unknown;
  readonly route: { readonly routes: readonly Record<string, unknown>[] };
}

function recipe(): Recipe {
  const examples = [...pageOf('docs/alerting.md').text.matchAll(/```yaml\n(.*?)```/gs)];
  return parse(examples.find(([, yaml]) => yaml!.includes('time_intervals'))![1]!) as Recipe;
}

describe('the recipe for workers that are there at certain hours only', () => {
  let folder = '';
  let path = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hours-'));
    path = join(folder, 'alertmanager.yml');
    const { time_intervals, route } = recipe();
    const changed = await exampleWith((configuration) => {
      Object.assign(configuration, { time_intervals, templates: [] });
      configuration.route.routes.splice(1, 0, ...route.routes);
    });
    await writeFile(path, changed);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is a configuration, together with the example', async () => {
    const { ok, output } = await runTool('amtool', ['check-config', path]);
    expect(ok, output).toBe(true);
  });

  it.concurrent.each([
    ['NoWorkers', 'critical', 'ENV', true],
    ['OldestItemTooOld', 'critical', 'ENV', true],
    ['NoWorkers', 'critical', 'another', false],
    ['NoWorkers', 'warning', 'ENV', false],
    ['NotReadable', 'critical', 'ENV', false],
    ['RunsLost', 'critical', 'ENV', false],
    ['FleetsFailing', 'critical', '', false],
  ])('%s %s of %s is muted at those hours: %s', async (alert, severity, id, isMuted) => {
    const { ok, output } = await runTool('amtool', [
      ...['config', 'routes', 'test', '--tree', `--config.file=${path}`],
      ...[`alertname=AnthropicWork${alert}`, `severity=${severity}`, `environment_id=${id}`],
    ]);
    expect(ok, output).toBe(true);
    expect(output.includes(ROUTE), output).toBe(isMuted);
  });
});
