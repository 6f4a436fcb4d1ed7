import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS } from '../../src/dashboards/expressions/queue-expressions.ts';
import { startCommand } from '../support/processes.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { waitUntil } from '../support/wait-until.ts';
import { allExpressions } from './support/board-parts.ts';
import { interpolate } from './support/interpolate.ts';

/**
 * The boards over the real chain: simulator, exporter, Prometheus. The scripted history has every act and exact
 * expectations; this is proof that what is scraped is what the boards ask for.
 */
const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

let prometheus: LivePrometheus;
let simulatorUrl: string;
let exporterUrl: string;
let environments: readonly { readonly id: string; readonly name: string }[];

/** Small enough for the acts to follow each other within seconds. */
const SETTINGS = {
  poll: { stats_interval: '5s', list_interval: '10s', stale_after: '15s' },
  thresholds: { queue_age: { warning: '5s', critical: '10s' } },
};
const PATIENCE = { timeoutMs: 60_000, everyMs: 500 };

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboards-live-'));
  resources.defer(() => rmSync(folder, { recursive: true }));
  const simulator = resources.use(
    startCommand(['simulate', '--listen', '127.0.0.1:0', '--scenario', 'idle', '--json']),
  );
  const fleet = JSON.parse((await simulator.saw(/^\{.*\}$/m, 'stdout'))[0]);
  simulatorUrl = fleet.simulator;
  environments = fleet.environments;
  const config = join(folder, 'config.yaml');
  const api = { base_url: fleet.simulator, api_key: fleet.api_key };
  writeFileSync(config, JSON.stringify({ api, environments, ...SETTINGS }));
  const exporter = resources.use(startCommand(['serve', '--config', config, '--listen', '127.0.0.1:0']));
  const [, url] = await exporter.saw(/"url":"([^"]+)"/);
  exporterUrl = url!;
  prometheus = resources.use(await LivePrometheus.start({ jobs: { 'anthropic-work-exporter': url! } }));
  // Everything is read, and scraped often enough since for rates.
  const ready = 'count(min_over_time(anthropic_work_up[5s]) == 1 and count_over_time(anthropic_work_up[5s]) >= 4)';
  await waitUntil(async () => (await ask(ready))[0]?.value === 6, PATIENCE);
});

const ask = (expression: string) => prometheus.query(interpolate(expression));
const at = (where: string) => ask(allExpressions.find((one) => one.where === where)!.expr);

async function act(scenario: string): Promise<void> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ scenario }) };
  expect((await fetch(`${simulatorUrl}/_sim/scenario`, init)).status).toBe(200);
}

async function statuses(): Promise<number[]> {
  const series = await at('anthropic-work-overview / Environments, worst first / status');
  return series.map(({ value }) => value);
}

async function everyExpressionIsAccepted(): Promise<void> {
  for (const { where, expr } of allExpressions) await expect(ask(expr), where).resolves.toBeDefined();
}

/**
 * Empty in a quiet fleet without alert rules, options and trouble, or in the first minutes: windows are looked at on the
 * full minute, or five or ten of them.
 */
const MAY_BE_EMPTY =
  /Partly$|\/ reason$|\/ lost$|\/ none shown$|anthropic-work-slo|budget$|disagree|Worst wait|Pages|Empty in|In use|Workers polling|Environments, worst first \/ (drain|trend)|Waiting and pending \/ warning|annotation Drills|Event loop lag|Firing alerts|Issue since|annotation (Critical|Warning)|minimum|\/ critical$|Oldest heartbeat|Longest in one state|Wait, run and stop|Alerts|Failed|backoff|expiry|[Dd]iscovery|Unknown values|Environments, worst first \/ session|What sessions|Longest wait of a session|truncated|State file|p95|API latency|Clock of/;

describe('the boards over a real exporter', () => {
  it('call empty queues empty, and find a series for everything that always has one', async () => {
    expect(await statuses()).toEqual(environments.map(() => STATUS.empty));
    const needed = allExpressions.filter(({ where }) => !MAY_BE_EMPTY.test(where));
    // What compares two reads comes with the first pair of them that lies close enough together.
    let empty: string[] = [];
    const areAllThere = async () => {
      empty = [];
      for (const { where, expr } of needed) if ((await ask(expr)).length === 0) empty.push(where);
      return empty.length === 0;
    };
    await waitUntil(areAllThere, { ...PATIENCE, what: 'a series for everything', details: () => empty.join(', ') });
    const [wait] = await at('anthropic-work-overview / Worst wait / empty');
    expect(wait?.value).toBe(0);
  });

  it('find the environments over their limits when nobody works', async () => {
    await act('no-workers');
    const longest = () => at('anthropic-work-overview / Worst wait / critical');
    await waitUntil(async () => (await longest()).length > 0, PATIENCE);
    const [worst] = await longest();
    expect((await statuses()).some((status) => status >= STATUS.critical)).toBe(true);
    expect(environments.map(({ name }) => name)).toContain(worst!.labels.environment_name);
    await everyExpressionIsAccepted();
  });

  it('say that they cannot see when the API is down, and not that queues are empty', async () => {
    await act('api-down');
    await waitUntil(async () => (await statuses()).every((status) => status === STATUS.notVisible), PATIENCE);
    // Lists fail later than stats, and each question is asked at a time of its own.
    let seen: readonly unknown[] = [];
    const cannotSee = async () => {
      const reads = await at('anthropic-work-exporter / Reads, failing ones first / up');
      const [notVisible] = await at('anthropic-work-overview / Not visible / A');
      const empty = await at('anthropic-work-overview / Worst wait / empty');
      seen = [notVisible?.value, empty.length, ...reads.map(({ value }) => value)];
      return notVisible?.value === environments.length && empty.length === 0 && reads.every(({ value }) => value === 0);
    };
    await waitUntil(cannotSee, { ...PATIENCE, what: 'boards that cannot see', details: () => seen.join(', ') });
    await everyExpressionIsAccepted();
  });

  it('see again when it comes back', async () => {
    await act('idle');
    await waitUntil(async () => (await statuses()).every((status) => status < STATUS.notVisible), PATIENCE);
    const notVisible = () => at('anthropic-work-overview / Not visible / A');
    await waitUntil(async () => (await notVisible())[0]?.value === 0, PATIENCE);
  });

  it('mark a drill for as long as it runs', async () => {
    const drill = (method: string, query = '') => fetch(new URL(`/-/drill${query}`, exporterUrl), { method });
    const marks = () => at('anthropic-work-overview / annotation Drills');
    expect(await marks()).toEqual([]);
    expect((await drill('POST', '?condition=no_workers&minutes=5')).ok).toBe(true);
    await waitUntil(async () => (await marks()).length > 0, PATIENCE);
    expect((await marks())[0]!.labels.environment_name).toMatch(/^DRILL /);
    expect((await drill('DELETE')).ok).toBe(true);
    await waitUntil(async () => (await marks()).length === 0, PATIENCE);
  });
});
