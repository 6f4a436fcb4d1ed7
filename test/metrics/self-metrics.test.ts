import { Counter, Gauge, register } from 'prom-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CATALOGUE, SELF_CATALOGUE, type SelfMetricName } from '../../src/metrics/catalogue.ts';
import { createExposition } from '../../src/metrics/exposition.ts';
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

interface Case {
  readonly does: (self: SelfMetrics) => void;
  readonly after: readonly string[];
  /** What is there before; absent unless said. */
  readonly before?: readonly string[];
}

const request = { connection: 'main', operation: 'list', durationSeconds: 0.3 } as const;
const reload = { ok: true, hash: 2 ** 53 - 1, at: NOW } as const;

const CASES: Readonly<Record<Exclude<SelfMetricName, 'anthropic_work_api_request_duration_seconds'>, Case>> = {
  anthropic_work_api_clock_skew_seconds: {
    does: (self) => self.clockSkew('main', -1500),
    after: ['{connection="main"} -1.5'],
  },
  anthropic_work_api_budget_limit_requests_per_minute: {
    does: (self) => self.budgetLimit('main', 240),
    after: ['{connection="main"} 240'],
  },
  anthropic_work_api_budget_requests_total: {
    does: (self) => {
      self.budgetLimit('main', 240);
      self.budgetLimit('other', 240);
      self.requestEnded(request);
      self.requestSent('main');
    },
    after: ['{connection="main"} 2', '{connection="other"} 0'],
  },
  anthropic_work_credential_rejected: {
    does: (self) => {
      self.credentialRejected('main', 'env_1', true);
      self.credentialRejected('main', 'api_key', false);
    },
    after: ['{connection="main",credential="env_1"} 1', '{connection="main",credential="api_key"} 0'],
  },
  anthropic_work_credential_expiry_timestamp_seconds: {
    does: (self) => self.credentialExpires('main', 'api_key', NOW),
    after: [`{connection="main",credential="api_key"} ${NOW_SECONDS}`],
  },
  anthropic_work_api_unknown_values_total: {
    does: (self) => self.unknownValue('field'),
    after: ['{kind="state"} 0', '{kind="work_type"} 0', '{kind="field"} 1'],
    before: ['{kind="state"} 0', '{kind="work_type"} 0', '{kind="field"} 0'],
  },
  anthropic_work_clamped_negative_durations_total: {
    does: (self) => self.negativeDurationsClamped(),
    after: ['1'],
    before: ['0'],
  },
  anthropic_work_discovery_up: { does: (self) => self.discoveryStarted('main'), after: ['{connection="main"} 0'] },
  anthropic_work_discovery_last_success_timestamp_seconds: {
    does: (self) => {
      self.discoveryEnded('main', true, NOW);
      self.discoveryEnded('main', false, NOW + 1000);
    },
    after: [`{connection="main"} ${NOW_SECONDS}`],
  },
  anthropic_work_exporter_build_info: {
    does: () => {},
    after: ['{version="1.2.3",revision="abc",node_version="v26.0.0"} 1'],
    before: ['{version="1.2.3",revision="abc",node_version="v26.0.0"} 1'],
  },
  anthropic_work_exporter_time_seconds: {
    does: () => {},
    before: [`${NOW_SECONDS}`],
    after: [`${NOW_SECONDS}`],
  },
  anthropic_work_exporter_environments: {
    does: (self) => self.environments({ watched: 3, dropped: 2, archived: 1 }),
    after: ['{status="watched"} 3', '{status="dropped"} 2', '{status="archived"} 1'],
  },
  anthropic_work_exporter_shards: { does: () => {}, after: ['1'], before: ['1'] },
  anthropic_work_exporter_shard_info: { does: () => {}, after: ['{shard="0/1"} 1'], before: ['{shard="0/1"} 1'] },
  anthropic_work_exporter_config_last_reload_successful: {
    does: (self) => {
      self.configReloaded(reload);
      self.configReloaded({ ok: false });
    },
    after: ['0'],
  },
  anthropic_work_exporter_config_last_reload_success_timestamp_seconds: {
    does: (self) => {
      self.configReloaded(reload);
      self.configReloaded({ ok: false });
    },
    after: [`${NOW_SECONDS}`],
  },
  anthropic_work_exporter_config_hash: { does: (self) => self.configReloaded(reload), after: ['9007199254740991'] },
  anthropic_work_state_file_ok: { does: (self) => self.stateFile(false), after: ['0'] },
};

describe.each(Object.entries(CASES))('%s', (name, { does, after, before = [] }) => {
  it('is absent until it is known, and then says so', async () => {
    const self = selfMetrics();
    expect(await linesOf(self, name)).toEqual(before);
    does(self);
    expect(await linesOf(self, name)).toEqual(after);
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
    self.requestEnded(request);
    // Nothing is known of how long it would have taken.
    self.requestSent('main');
    expect(await linesOf(self, count)).toEqual(none.with(1, '{operation="list"} 1'));
    const buckets = await linesOf(self, 'anthropic_work_api_request_duration_seconds_bucket{operation="list",');
    expect(buckets.slice(3, 6)).toEqual(['le="0.25"} 0', 'le="0.5"} 1', 'le="1.0"} 1']);
    expect(buckets.at(-1)).toBe('le="+Inf"} 1');
  });
});

describe('what is removed leaves no series', () => {
  it('of an environment: its key', async () => {
    const self = selfMetrics();
    self.credentialRejected('main', 'env_1', true);
    self.credentialExpires('main', 'env_1', NOW);
    self.credentialRejected('main', 'env_2', false);
    self.environmentRemoved('main', 'env_1');
    expect(await linesOf(self, 'anthropic_work_credential')).toEqual([
      '_rejected{connection="main",credential="env_2"} 0',
    ]);
  });

  it('of a connection: everything, and of no other one', async () => {
    const self = selfMetrics();
    for (const connection of ['main', 'other']) {
      self.budgetLimit(connection, 60);
      self.requestEnded({ ...request, connection });
      self.clockSkew(connection, 5);
      self.discoveryEnded(connection, true, NOW);
      self.credentialRejected(connection, 'api_key', false);
      self.credentialExpires(connection, 'api_key', NOW);
    }
    self.connectionRemoved('main');
    const text = await self.write('prometheus', NOW);
    expect(text).not.toContain('connection="main"');
    expect(text.match(/connection="other"/g)).toHaveLength(7);
  });

  it('of a setting that was taken away', async () => {
    const self = selfMetrics();
    self.stateFile(true);
    self.stateFile(null);
    self.clockSkew('main', 5);
    self.clockSkew('main', null);
    self.credentialExpires('main', 'api_key', NOW);
    self.credentialExpires('main', 'api_key', null);
    self.discoveryEnded('main', true, NOW);
    self.discoveryRemoved('main');
    for (const name of [
      'discovery',
      'state_file_ok',
      'api_clock_skew_seconds',
      'credential_expiry_timestamp_seconds',
    ]) {
      expect(await linesOf(self, `anthropic_work_${name}`)).toEqual([]);
    }
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
    const deps = { states: fixedStates([]), self, clock: { now: () => NOW }, skewMs: () => 0 };
    const text = Buffer.concat(await createExposition(deps).render('prometheus')).toString();
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
