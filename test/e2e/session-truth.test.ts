import { describe, expect, it } from 'vitest';
import type { EnvironmentTruth } from '../../src/simulator/start-simulator.ts';
import { PRESETS, PROVIDERS, type ProviderName } from '../../src/wire/presets.ts';
import { PROD } from '../support/simulated-api.ts';
import { RecordedRun } from './recorded-run.ts';

const TIMEOUT_MS = 720_000;

/** What the exporter said of prod: values by metric and own label, without the prefix. */
function saidIn(exposition: string): ReadonlyMap<string, number> {
  const lines = exposition.split('\n');
  const values = new Map<string, number>();
  for (const line of lines) {
    const match = /^anthropic_work_(\w+)\{(.*)\} (\S+)$/.exec(line);
    if (match === null || !match[2]!.includes(`environment_id="${PROD}"`)) continue;
    const own = /(?:status|reason)="(\w+)"/.exec(match[2]!)?.[1];
    if (!match[2]!.includes('operation='))
      values.set(own === undefined ? match[1]! : `${match[1]} ${own}`, Number(match[3]));
  }
  return values;
}

async function play(scenario: string, preset: ProviderName, minutes: number) {
  await using run = await RecordedRun.start({ scenario, preset, seed: 3 });
  const prod = (): EnvironmentTruth => run.truth().environments[PROD]!;
  const before = prod();
  await run.play(scenario, { seconds: minutes * 60, everySeconds: 60 });
  const all = run.moments.map(({ exposition }) => saidIn(exposition));
  return { said: all.at(-1)!, all, before, after: prod() };
}

const SCENARIOS = ['wedged-session', 'awaiting-approval', 'terminated-session', 'stillborn', 'steady'] as const;

describe.each(PROVIDERS)('%s', (preset) => {
  it.each(SCENARIOS)('%s: what sessions do is what the exporter says', { timeout: TIMEOUT_MS }, async (scenario) => {
    const { said, after } = await play(scenario, preset, 5);
    const { items, waiting, oldest_wait } = after.sessions;
    if (PRESETS[preset].credentials.session.length === 0) {
      expect(said.get('session_attempted')).toBe(0);
      expect([...said.keys()].filter((name) => name.startsWith('session_') && name !== 'session_attempted')).toEqual(
        [],
      );
      return;
    }
    expect(said.get('session_attempted')).toBe(1);
    const anyLong = items.running + items.idle + items.terminated > 0;
    // Where nothing was ever long, nothing was ever read.
    expect(said.get('session_items idle')).toBe(anyLong ? items.idle : undefined);
    expect(said.get('session_items terminated')).toBe(anyLong ? items.terminated : undefined);
    expect(said.get('session_waiting_items requires_action') ?? 0).toBe(waiting.requires_action ?? 0);
    const since = oldest_wait.requires_action;
    const stamp = said.get('session_oldest_wait_timestamp_seconds requires_action');
    if (since === undefined) expect(stamp).toBeUndefined();
    else expect(stamp).toBeCloseTo(Date.parse(since) / 1000, 3);
    expect(said.get('redelivered_items')).toBe(0);
  });

  it('redelivery-loop: each delivery after a lapse is counted once', { timeout: TIMEOUT_MS }, async () => {
    const { all, before, after } = await play('redelivery-loop', preset, 30);
    // For a while nothing is known of an item that has got another id, far down in a long list.
    const said = all.findLast((each) => each.get('redelivered_items') === 1)!;
    const more = after.sessions.deliveries_max - before.sessions.deliveries_max;
    expect(more).toBeGreaterThan(3);
    // What was before the first read is not known, and a lapse soon after a read may pass unseen.
    expect(said.get('item_deliveries_max')).toBeGreaterThanOrEqual(more - 1);
    expect(said.get('item_deliveries_max')).toBeLessThanOrEqual(more + 1);
    expect(said.get('redelivered_items')).toBe(1);
  });

  it.each(['requeue-storm', 'deploy'])(
    '%s: sessions that wake up are not delivered again',
    { timeout: TIMEOUT_MS },
    async (scenario) => {
      const { said } = await play(scenario, preset, 20);
      expect(said.get('item_deliveries_max')).toBeLessThanOrEqual(2);
      expect(said.get('redelivered_items')).toBe(0);
    },
  );
});
