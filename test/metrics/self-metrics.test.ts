import { Counter, Gauge, register } from 'prom-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CATALOGUE, SELF_CATALOGUE, type SelfMetricName } from '../../src/metrics/catalogue.ts';
import { Exposition } from '../../src/metrics/exposition.ts';
import type { Format } from '../../src/metrics/format.ts';
import { SelfMetrics } from '../../src/metrics/self-metrics.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { selfMetrics } from '../support/expositions.ts';
import { fixedStates, NOW } from '../support/states.ts';

const NOW_SECONDS = NOW / 1000;

async function linesOf(self: SelfMetrics, name: string, format: Format = 'prometheus'): Promise<string[]> {
  const lines = (await self.write(format, NOW)).split('\n');
  return lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length).trim());
}

const SKEW = 'anthropic_work_api_clock_skew_seconds';
const REJECTED = 'anthropic_work_credential_rejected';
const SENT = 'anthropic_work_api_budget_requests_total';

describe('what the exporter says of itself', () => {
  it('is absent until it is known, and again once it is unknown', async () => {
    const self = selfMetrics();
    expect(await linesOf(self, SKEW)).toEqual([]);
    self.set(SKEW, { connection: 'main' }, -1.5);
    expect(await linesOf(self, SKEW)).toEqual(['{connection="main"} -1.5']);
    self.set(SKEW, { connection: 'main' }, null);
    expect(await linesOf(self, SKEW)).toEqual([]);
  });

  it('has its labels in the order of the table, and the last value of each series', async () => {
    const self = selfMetrics();
    self.set(REJECTED, { credential: 'env_1', connection: 'main' }, false);
    self.set(REJECTED, { connection: 'main', credential: 'api_key' }, false);
    self.set(REJECTED, { connection: 'main', credential: 'env_1' }, true);
    expect(await linesOf(self, REJECTED)).toEqual([
      '{connection="main",credential="env_1"} 1',
      '{connection="main",credential="api_key"} 0',
    ]);
  });

  it('counts from 0 where that is known before the first event', async () => {
    const self = selfMetrics();
    expect(await linesOf(self, 'anthropic_work_api_unknown_values_total')).toEqual([
      '{kind="state"} 0',
      '{kind="work_type"} 0',
      '{kind="field"} 0',
    ]);
    self.add(SENT, { connection: 'main' }, 0);
    expect(await linesOf(self, SENT)).toEqual(['{connection="main"} 0']);
    self.add(SENT, { connection: 'main' });
    self.add(SENT, { connection: 'main' }, 2);
    expect(await linesOf(self, SENT)).toEqual(['{connection="main"} 3']);
  });

  it.each([
    ['anthropic_work_exporter_build_info', '{version="1.2.3",revision="abc",node_version="v26.0.0"} 1'],
    ['anthropic_work_exporter_shard_info', '{shard="0/1"} 1'],
    ['anthropic_work_exporter_shards', '1'],
    ['anthropic_work_exporter_time_seconds', `${NOW_SECONDS}`],
    ['anthropic_work_clamped_negative_durations_total', '0'],
  ])('begins with %s', async (name, line) => {
    expect(await linesOf(selfMetrics(), name)).toEqual([line]);
  });

  it('forgets a connection, or one of its keys, and nothing of others', async () => {
    const self = selfMetrics();
    for (const connection of ['main', 'other']) {
      self.add(SENT, { connection });
      self.set(SKEW, { connection }, 5);
      for (const credential of ['api_key', 'env_1']) self.set(REJECTED, { connection, credential }, false);
    }
    self.remove('main', 'env_1');
    const of = async (connection: string) =>
      (await self.write('prometheus', NOW)).split(`connection="${connection}"`).length - 1;
    expect([await of('main'), await of('other')]).toEqual([3, 4]);
    self.remove('main');
    expect([await of('main'), await of('other')]).toEqual([0, 4]);
  });
});

describe('the histogram of requests', () => {
  it('exists at 0 for every operation and then counts', async () => {
    const self = selfMetrics();
    const count = 'anthropic_work_api_request_duration_seconds_count';
    const none = ['stats', 'list', 'environments', 'retrieve', 'session'].map(
      (operation) => `{operation="${operation}"} 0`,
    );
    expect(await linesOf(self, count)).toEqual(none);
    self.requestEnded('list', 0.3);
    expect(await linesOf(self, count)).toEqual(none.with(1, '{operation="list"} 1'));
    const buckets = await linesOf(self, 'anthropic_work_api_request_duration_seconds_bucket{operation="list",');
    expect(buckets.slice(3, 6)).toEqual(['le="0.25"} 0', 'le="0.5"} 1', 'le="1.0"} 1']);
    expect(buckets.at(-1)).toBe('le="+Inf"} 1');
  });
});

describe('prom-client', () => {
  it('is used with a registry of its own, never the global one', () => {
    selfMetrics({ processMetrics: true });
    expect(register.getMetricsAsArray()).toEqual([]);
  });

  it('takes part in both formats through the same encoder, process metrics included', async () => {
    const self = selfMetrics({ processMetrics: true });
    for (const format of ['prometheus', 'openmetrics'] as const) {
      const end = format === 'openmetrics' ? '# EOF\n' : '';
      const families = parseExposition((await self.write(format, NOW)) + end, format);
      const names = families.map(({ name }) => name);
      expect(names).toContain('process_start_time_seconds');
      expect(names).toContain(format === 'openmetrics' ? 'process_cpu_seconds' : 'process_cpu_seconds_total');
      for (const name of Object.keys(SELF_CATALOGUE) as SelfMetricName[]) {
        const samples = families.find((family) => family.name === name)?.samples ?? [];
        for (const { labels } of samples.filter(({ labels }) => !('le' in labels))) {
          expect(Object.keys(labels)).toEqual(Object.keys(CATALOGUE[name].labels));
        }
      }
    }
  });

  it('never asks Node for its active handles, which ends the process where one of them was just freed', async () => {
    const asked = vi.spyOn(process as unknown as { _getActiveHandles(): object[] }, '_getActiveHandles');
    onTestFinished(() => asked.mockRestore());
    const text = await selfMetrics({ processMetrics: true }).write('prometheus', NOW);
    expect(asked).not.toHaveBeenCalled();
    expect(text).toContain('nodejs_active_resources{');
  });

  it('does not take the scrape down when one collector throws', async () => {
    const failures: unknown[] = [];
    const self = new SelfMetrics({
      build: { version: '1', revision: 'a', nodeVersion: 'v26' },
      shard: '2/3',
      processMetrics: false,
      onCollectFailed: (failure) => failures.push(failure),
    });
    const broken = () => {
      throw new Error('no such file');
    };
    new Gauge({ name: 'broken', help: 'Broken.', registers: [self.registry], collect: broken });
    new Counter({ name: 'fine_total', help: 'Fine.', registers: [self.registry] });
    const deps = { states: fixedStates([]), self, clock: { now: () => NOW }, skewMs: () => 0, pausedUntil: () => null };
    const text = Buffer.concat(await new Exposition(deps).render('prometheus')).toString();
    expect(text).toContain('fine_total 0');
    expect(text).toContain('anthropic_work_exporter_shards 3');
    expect(text).not.toContain('broken');
    expect(failures).toEqual([{ metric: 'broken', error: 'no such file' }]);
  });
});

it('says how late timers were since the last scrape, and nothing before there was one', async () => {
  const self = selfMetrics({ processMetrics: true });
  onTestFinished(() => self.stop());
  const longest = 'nodejs_eventloop_lag_max_seconds';
  expect(await linesOf(self, longest)).toEqual([]);
  // One looks each second whether it is late: here by 0.3 s and the time that the first scrape took.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1300);
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(Number((await linesOf(self, longest))[0])).toBeGreaterThan(0.25);
  expect(await linesOf(self, longest)).toEqual([]);
});
