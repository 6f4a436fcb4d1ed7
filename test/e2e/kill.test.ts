import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { startCommand } from '../support/processes.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Items that come while the exporter runs, and while it does not. */
const WHILE_UP = 3;
const WHILE_DOWN = 2;
const KILLS = 3;
/** The API tells its time in whole seconds. */
const CLOCKS_DIFFER_SECONDS = 3;

async function metricOf(url: string, metric: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = parseExposition(text, 'prometheus').flatMap((family) => family.samples);
  return samples.find(({ series }) => series === metric)?.value;
}

const created = (url: string) => metricOf(url, 'anthropic_work_items_created_total');

it('counts each item once through kill -9, whenever it comes', async () => {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'kill-'));
  resources.defer(() => rmSync(folder, { recursive: true }));
  const simulator = await startSimulator({
    clock: systemClock,
    logger: silentLogger,
    scenario: 'idle',
    environments: 1,
  });
  resources.defer(() => simulator.stop());
  const [environment] = simulator.environments;
  const { id, name, environmentKey } = environment!;
  const config = join(folder, 'config.yaml');
  const settings = {
    api: { base_url: simulator.url, api_key: simulator.apiKey },
    environments: [{ id, name, environment_key: environmentKey }],
    poll: { stats_interval: '5s', list_interval: '10s' },
    state_file: join(folder, 'state.json'),
  };
  writeFileSync(config, JSON.stringify(settings));
  let expected = 0;
  const enqueue = (count: number) => {
    for (let n = 0; n < count; n++) simulator.enqueue(id);
    expected += count;
  };
  for (let kill = 0; kill < KILLS; kill++) {
    await using exporter = startCommand(['serve', '--config', config, '--listen', '127.0.0.1:0']);
    const url = (await exporter.saw(/"url":"([^"]+)"/))[1]!;
    // The first scrape shows what the file holds, or already what came while nobody was there.
    expect(await created(url)).toBeGreaterThanOrEqual(expected - (kill === 0 ? 0 : WHILE_DOWN));
    await waitUntil(async () => (await created(url)) === expected, { everyMs: 50 });
    // An item as old as the first read of the list, within what two clocks may differ by, could have been there before.
    await waitUntil(async () => {
      const readAt = await metricOf(url, 'anthropic_work_list_last_full_read_timestamp_seconds');
      return readAt !== undefined && Date.now() / 1000 - readAt > CLOCKS_DIFFER_SECONDS;
    });
    enqueue(WHILE_UP);
    // An empty queue that fills is a reason to read the list at once; later the cadence brings it.
    await waitUntil(async () => (await created(url)) === expected, { everyMs: 100 });
    exporter.kill('SIGKILL');
    expect((await exporter.exit).signal).toBe('SIGKILL');
    enqueue(WHILE_DOWN);
  }
  expect(expected).toBe(KILLS * (WHILE_UP + WHILE_DOWN));
}, 900_000);
