import { copyFileSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { configurationOf, QUICK, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

const ENVIRONMENT = 'env_sim_prod';
const HOUR = 3_600_000;

/** The exporter's machine may be set to another time; the API's goes on. */
function worldWithTwoClocks(running: RunningApp) {
  const { clock } = running;
  let setBy = 0;
  const ofApi: Clock = {
    now: () => clock.now() - setBy,
    monotonic: () => clock.monotonic(),
    setTimer: (delayMs, run) => clock.setTimer(delayMs, run),
  };
  const set = (by: number) => {
    setBy += by;
    clock.jumpWall(by);
  };
  return { ofApi, set };
}

/** While the exporter is away, three items are created: whether they count depends on how long that is by the API's clock. */
const AWAY: Readonly<Record<string, { before?: number; after?: number; downMs: number; counts: boolean }>> = {
  'its clock was set two hours ahead just before it was killed': { before: 2 * HOUR, downMs: 60_000, counts: true },
  'its clock was set two hours back just before it was killed': { before: -2 * HOUR, downMs: 60_000, counts: true },
  'its clock was set two hours ahead while it was away': { after: 2 * HOUR, downMs: 60_000, counts: true },
  'its clock was set two hours back while it was away': { after: -2 * HOUR, downMs: 60_000, counts: true },
  'its clock was set a day ahead, and it was away for two hours': { after: 24 * HOUR, downMs: 2 * HOUR, counts: false },
  'nobody set its clock, and it was away for two hours': { downMs: 2 * HOUR, counts: false },
};

it.each(Object.entries(AWAY))(
  'the state file goes on as the clock of the API says: %s',
  async (_, { before = 0, after = 0, downMs, counts }) => {
    await using running = new RunningApp();
    const { ofApi, set } = worldWithTwoClocks(running);
    await using api = await simulatedApi({ scenario: 'idle', environments: 1, clock: ofApi });
    const [file, copy] = [running.path('state.json'), running.path('copy.json')];
    running.configure(configurationOf(api, { poll: QUICK, state_file: file }));
    const created = () => running.value('items_created_total', { environment_id: ENVIRONMENT });
    await running.serve();
    await running.waitUntil(() => running.readSince(ENVIRONMENT, 'list'));
    await running.clock.advance(1000);
    api.enqueue(ENVIRONMENT);
    await running.waitUntil(async () => (await created()) === 1);
    set(before);
    // Long enough for reads, and too short for a write of what they only saw.
    await running.clock.advance(30_000);
    copyFileSync(file, copy);
    await running.app.stop();
    // As a crash leaves it: nothing was written at the end.
    copyFileSync(copy, file);
    await running.clock.advance(downMs);
    for (let n = 0; n < 3; n++) api.enqueue(ENVIRONMENT);
    await running.clock.advance(1000);
    set(after);
    await running.serve();
    expect(await created()).toBe(1);
    const since = running.clock.now();
    await running.waitUntil(() => running.readSince(ENVIRONMENT, 'list', since));
    expect(await created()).toBe(counts ? 4 : 1);
    await running.clock.advance(1000);
    api.enqueue(ENVIRONMENT);
    await running.waitUntil(async () => (await created()) === (counts ? 5 : 2));
  },
);

it('the state file holds an environment that moved to a connection through which it cannot be read', async () => {
  await using exporter = new RunningApp();
  await using api = await simulatedApi({ scenario: 'idle', environments: 2, clock: exporter.clock });
  const whole = configurationOf(api, { poll: QUICK, state_file: exporter.path('state.json') });
  exporter.configure(whole);
  await exporter.serve();
  await exporter.waitUntil(() => exporter.readSince(ENVIRONMENT, 'list'));
  expect(await exporter.value('state_file_ok')).toBe(1);
  await exporter.clock.advance(1000);
  for (let n = 0; n < 3; n++) api.enqueue(ENVIRONMENT);
  const counter = (environment_id: string) => exporter.value('items_created_total', { environment_id });
  await exporter.waitUntil(async () => (await counter(ENVIRONMENT)) === 3);
  const { api: reachable, environments, ...rest } = whole;
  const moved = environments.map((one) => (one.id === ENVIRONMENT ? { ...one, connection: 'away' } : one));
  const connections = { default: reachable, away: { ...reachable, base_url: 'http://127.0.0.1:1' } };
  exporter.configure({ ...rest, connections, environments: moved });
  expect(await exporter.app.reload()).toMatchObject({ ok: true });
  await exporter.clock.advance(3_700_000);
  const [other] = environments.flatMap(({ id }) => (id === ENVIRONMENT ? [] : [id]));
  api.enqueue(other!);
  await exporter.waitUntil(async () => (await counter(other!)) === 1);
  const kept = () => JSON.parse(readFileSync(exporter.path('state.json'), 'utf8')).environments;
  // The clock of the test runs ahead of the disk, so what was counted may be shown before it is written.
  await exporter.waitUntil(() => kept()[other!].counters.created === 1);
  expect(kept()[ENVIRONMENT]).toMatchObject({ counters: { created: 3 } });
});
