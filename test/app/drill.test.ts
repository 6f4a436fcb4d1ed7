import { expect, it } from 'vitest';
import { Drill } from '../../src/app/drill.ts';
import { CONDITIONS, ENVIRONMENT_CONDITIONS } from '../../src/diagnosis/conditions.ts';
import { NO_REPORT } from '../../src/diagnosis/report.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { NOW } from '../support/states.ts';
import { RunningApp } from './running-app.ts';

const MINUTE_MS = 60_000;
const ID = 'env_drill_no_workers';

function rehearsed() {
  const clock = new ManualClock(NOW);
  const drill = new Drill(clock);
  const values = (id = ID) =>
    drill
      .addTo(NO_REPORT)
      .environments.get(id)
      ?.map(({ value }) => value);
  return { clock, drill, values };
}

it('is 1 for its minutes, then 0 for so long that Prometheus sees it, then gone', () => {
  const { clock, drill, values } = rehearsed();
  expect(values()).toBeUndefined();
  drill.start('no_workers', 10);
  expect(values()).toEqual([1]);
  clock.advanceNow(10 * MINUTE_MS - 1);
  expect(values()).toEqual([1]);
  clock.advanceNow(1);
  expect(drill.info).toBeNull();
  expect(values()).toEqual([0]);
  clock.advanceNow(15 * MINUTE_MS - 1);
  expect(values()).toEqual([0]);
  clock.advanceNow(1);
  expect(values()).toBeUndefined();
});

it('has its own time, also when the one before was ended early', () => {
  const { clock, drill, values } = rehearsed();
  drill.start('no_workers', 10);
  clock.advanceNow(5 * MINUTE_MS);
  expect(drill.end()).toBe(true);
  expect(drill.start('no_workers', 10)).not.toBeNull();
  expect(drill.start('runs_lost', 10)).toBeNull();
  clock.advanceNow(6 * MINUTE_MS);
  expect(values()).toEqual([1]);
  expect(drill.end()).toBe(true);
  expect(drill.end()).toBe(false);
});

it.each(ENVIRONMENT_CONDITIONS)('%s is rehearsed at its gravest', (name) => {
  const { drill } = rehearsed();
  expect(drill.start(name, 1)!.severity).toBe(Object.keys(CONDITIONS[name].severities)[0]);
});

it('an exporter shows it on /metrics, on its page and in its JSON, and no environment of its own changes', async () => {
  await using api = await simulatedApi({ environments: 1 });
  await using running = await RunningApp.start(configurationOf(api, { poll: {} }));
  running.app.watchConditions();
  const read = async (path: string) => (await fetch(`${running.url}${path}`)).text();
  const drill = (method: string) => fetch(`${running.url}/-/drill?condition=runs_lost`, { method });
  const labels = { environment_id: 'env_drill_runs_lost', environment_name: 'DRILL runs_lost', severity: 'critical' };
  expect((await drill('POST')).status).toBe(200);
  expect(await running.value('condition', { ...labels, condition: 'runs_lost' })).toBe(1);
  expect(await read('/')).toContain('DRILL runs_lost: runs lose their workers');
  const { conditions, environments } = JSON.parse(await read('/api/v1/environments'));
  expect(conditions).toMatchObject([
    { condition: 'runs_lost', state: 'firing', environments: ['env_drill_runs_lost'] },
  ]);
  expect(environments).toHaveLength(1);

  expect((await drill('DELETE')).status).toBe(200);
  expect(await running.value('condition', { ...labels, condition: 'runs_lost' })).toBe(0);
  expect(await read('/')).not.toContain('DRILL');
  expect(JSON.parse(await read('/api/v1/environments')).conditions).toEqual([]);
});
