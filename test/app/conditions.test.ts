import { expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { type ParsedSample, parseExposition } from '../support/exposition-parser.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { configurationOf, PROD, simulatedApi } from '../support/simulated-api.ts';
import { StillClock } from '../support/still-clock.ts';
import { StillExporter } from '../support/still-exporter.ts';
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
    const { expires, ...others } = change;
    const whole = configurationOf(this.simulator, { poll: {}, ...others });
    const configuration = expires === undefined ? whole : { ...whole, api: { ...whole.api, expires } };
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

it('a fleet that dies shows as a condition with its beginning, and its return as the end', async () => {
  await using world = await JudgedWorld.start('steady');
  const { still, simulator } = world;
  await world.read();
  await still.clock.advance(10 * MINUTE);
  expect(await world.value('no_workers')).toBe(0);
  simulator.setScenario('no-workers');
  await still.clock.advance(15 * MINUTE);
  expect(await world.value('no_workers')).toBe(1);
  const [since] = await world.samples('anthropic_work_condition_since_timestamp_seconds');
  expect(since!.labels).toMatchObject({ environment_id: PROD, condition: 'no_workers', severity: 'critical' });
  expect(still.clock.now() / 1000 - since!.value).toBeGreaterThan(5 * 60);
  simulator.setScenario('steady');
  await still.clock.advance(30 * MINUTE);
  expect(await world.value('no_workers')).toBe(0);
});

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

it('a connection has conditions of its own: a key that expires, and an API that cannot be read', async () => {
  await using world = await JudgedWorld.start('steady', { expires: '2026-12-01' });
  await world.read();
  const { clock } = world.still;
  const said = async () =>
    (await world.samples('anthropic_work_connection_condition')).flatMap(({ labels, value }) =>
      value === 1 ? labels.condition : [],
    );
  await clock.advance(10 * MINUTE);
  expect(await said()).toEqual(['key_expiring']);
  world.simulator.setScenario('api-down');
  await clock.advance(10 * MINUTE);
  expect(await said()).toEqual(['api_unreachable', 'key_expiring']);
});
