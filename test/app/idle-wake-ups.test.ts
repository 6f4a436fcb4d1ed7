import { expect, it } from 'vitest';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const ID = 'env_01quiet';
const MINUTE_MS = 60_000;

/** The moments of a minute in which a timer ran: however many are due at once, the process wakes up once. */
async function momentsOfAMinute({ clock }: RunningApp): Promise<number> {
  const moments = new Set<number>();
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (delayMs, run) => {
    return setTimer(delayMs, () => {
      moments.add(clock.monotonic());
      run();
    });
  };
  // What was set before is not counted: by the second minute, all has been set again.
  await clock.advance(MINUTE_MS);
  moments.clear();
  await clock.advance(MINUTE_MS);
  return moments.size;
}

/** Everything was read once, and the rules are evaluated. */
async function quietApp(api: { readonly url: string }): Promise<RunningApp> {
  const running = await RunningApp.start({
    api: { base_url: api.url, api_key: 'sk-ant-api03-quiet' },
    poll: { stats_interval: '1d', list_interval: '1d', max_stats_interval: '1d', max_list_interval: '1d' },
    sessions: { enabled: 'off' },
    environments: [{ id: ID, environment_key: 'sk-ant-oat01-quiet' }],
  });
  running.app.watchConditions();
  await running.waitUntil(() => running.readSince(ID, 'stats') && running.readSince(ID, 'list'));
  await running.waitUntil(async () => {
    const answer = await fetch(`${running.url}/api/v1/environments`);
    return ((await answer.json()) as { evaluated_at: string | null }).evaluated_at !== null;
  });
  return running;
}

it('an exporter with nothing to read wakes up every ten seconds, for the rules in the same moments', async () => {
  await using api = await environmentsApi([]);
  await using running = await quietApp(api);
  expect(await momentsOfAMinute(running)).toBe(6);
});
