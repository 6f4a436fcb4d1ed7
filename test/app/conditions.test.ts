import { expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { type ParsedSample, parseExposition } from '../support/exposition-parser.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import { silentLogger } from '../support/silent.ts';
import { configurationOf, PROD, simulatedApi } from '../support/simulated-api.ts';
import { StillExporter } from '../support/still-exporter.ts';
import { StillClock } from '../support/under-way.ts';
import { RunningApp } from './running-app.ts';

const MINUTE = 60_000;

/** A simulated fleet and an exporter that judges it, on a clock that stands still while a request is under way. */
class JudgedWorld implements AsyncDisposable {
  readonly still = new StillClock();
  readonly disk = new MemoryDisk();
  simulator!: Simulator;
  #exporter!: StillExporter;

  static async start(scenario: string, change: Readonly<Record<string, unknown>> = {}): Promise<JudgedWorld> {
    const world = new JudgedWorld();
    world.simulator = await startSimulator({ scenario, seed: 7, clock: world.still.api, logger: silentLogger });
    await world.begin(change);
    return world;
  }

  /** A new process of the exporter. */
  async begin(change: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const configuration = configurationOf(this.simulator, { poll: {}, ...change });
    this.#exporter = await StillExporter.prepared(this.still, configuration, { stateDisk: this.disk });
    this.#exporter.judge();
  }

  /** It begins to read; the first reads are over on return. */
  read(): Promise<void> {
    return this.#exporter.start();
  }

  /** It ends without a last word. */
  async kill(): Promise<void> {
    const kept = new Map(this.disk.files);
    await this.#exporter.stop();
    this.disk.files.clear();
    for (const [path, text] of kept) this.disk.files.set(path, text);
  }

  async samples(name: string): Promise<readonly ParsedSample[]> {
    const text = Buffer.concat(await this.#exporter.render('openmetrics')).toString();
    return parseExposition(text, 'openmetrics').find((family) => family.name === name)?.samples ?? [];
  }

  /** Of a condition of one environment; undefined where nobody can tell. */
  async value(condition: string): Promise<number | undefined> {
    const samples = await this.samples('anthropic_work_condition');
    return samples.find(
      ({ labels }) =>
        labels.environment_id === PROD && labels.condition === condition && labels.severity === 'critical',
    )?.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exporter.stop();
    await this.simulator.stop();
  }
}

/** What is said of the fleet from the moment of a restart on, each five seconds. */
async function afterRestart(stateFile: string | null): Promise<readonly (number | undefined)[]> {
  const change = stateFile === null ? {} : { state_file: stateFile };
  await using world = await JudgedWorld.start('no-workers', change);
  await world.read();
  await world.still.clock.advance(15 * MINUTE);
  expect(await world.value('no_workers')).toBe(1);
  await world.kill();
  await world.begin(change);
  const said = [await world.value('no_workers')];
  await world.read();
  for (let look = 0; look < 120; look++) {
    said.push(await world.value('no_workers'));
    await world.still.clock.advance(5000);
  }
  return said;
}

it('after a start, no list that was not tried yet is said to be unreadable', async () => {
  await using api = await simulatedApi({ environments: 30 });
  await using running = await RunningApp.start(configurationOf(api, { poll: {} }));
  running.app.watchConditions();
  await running.waitUntil(() => running.app.diagnosis.at !== null);
  expect(await running.samples('condition')).not.toContainEqual(expect.objectContaining({ value: 1 }));
  expect(await running.page()).not.toContain('May alert soon');
});

it('a restart with a state file goes on with what was said', async () => {
  expect(new Set(await afterRestart('/state.json'))).toEqual(new Set([1]));
});

it('a restart without a state file says nothing until it has judged, and never that all is well', async () => {
  const said = await afterRestart(null);
  expect(said[0]).toBeUndefined();
  expect(new Set(said)).toEqual(new Set([undefined, 1]));
});

it('a wall clock that is set does not make a fleet seem unread, and moves the beginning of a condition along', async () => {
  await using world = await JudgedWorld.start('no-workers');
  const { clock } = world.still;
  await world.read();
  await clock.advance(15 * MINUTE);
  const since = async () => (await world.samples('anthropic_work_condition_since_timestamp_seconds'))[0]!.value;
  const before = await since();
  clock.jumpWall(60 * MINUTE);
  await clock.advance(2 * MINUTE);
  expect(await world.value('no_workers')).toBe(1);
  expect(await world.value('not_readable')).toBe(0);
  expect((await since()) - before).toBeCloseTo(3600, -1);
});

it.each(['api_key', PROD])('that a key expires soon is a condition of its connection: %s', async (credential) => {
  await using api = await simulatedApi({ scenario: 'idle' });
  await using running = new RunningApp();
  const at = running.clock.now() + 48 * 60 * MINUTE;
  const expires = new Date(at).toISOString();
  const { api: connection, environments, ...rest } = configurationOf(api);
  const [prod, ...others] = environments;
  const change = (isIt: boolean) => (isIt ? { expires } : {});
  running.configure({
    ...rest,
    api: { ...connection, ...change(credential === 'api_key') },
    environments: [{ ...prod, ...change(credential === PROD) }, ...others],
  });
  await running.serve();
  running.app.watchConditions();
  await running.clock.advance(10 * MINUTE);
  expect(await running.value('connection_condition', { condition: 'key_expiring', severity: 'warning' })).toBe(1);
  expect(await running.value('credential_expiry_timestamp_seconds', { credential })).toBe(at / 1000);
});
