import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DURATION_BUCKETS, emptyHistogram, observe } from '../../src/domain/histogram.ts';
import { OBSERVED_METRICS, SELF_CATALOGUE } from '../../src/metrics/catalogue.ts';
import { Exposition } from '../../src/metrics/exposition.ts';
import type { Format } from '../../src/metrics/format.ts';
import type { MetricDefinition } from '../../src/metrics/metric.ts';
import { countedTotals, selfMetrics } from '../support/expositions.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildSessions,
  buildState,
  failingOperation,
  fixedStates,
  longRun,
  NOW,
} from '../support/states.ts';

const OBSERVED_METRIC_NAMES = OBSERVED_METRICS.map(([name]) => name);

/** An exposition in which every metric of the catalogue has samples. */
async function everything(format: Format): Promise<string> {
  const self = selfMetrics({ processMetrics: true });
  for (const [name, { type, labels }] of Object.entries<MetricDefinition>(SELF_CATALOGUE)) {
    const some = Object.fromEntries(Object.entries(labels).map(([label, values]) => [label, values?.[0] ?? 'main']));
    if (type === 'gauge') self.set(name as 'anthropic_work_state_file_ok', some, NOW / 1000);
    else if (type === 'counter') self.add(name as 'anthropic_work_clamped_negative_durations_total', some);
  }
  const exemplar = { labels: { work_id: 'a}b{c,d="e"\\' }, value: 3, timestampSeconds: NOW / 1000 };
  const state = buildState('env_1', {
    environment: buildEnvironment('env_1', {
      name: 'a "b" \\ c',
      labels: { team: 'x' },
      metadata: { keys: ['team'], maxValues: 3 },
      exemplars: true,
    }),
    operations: { stats: buildOperation(), list: failingOperation('timeout', { backoffUntil: NOW + 1000 }) },
    items: buildItems(
      [
        buildItem('a', {
          metadata: { team: 'red' },
          state: 'active',
          acknowledgedAt: NOW - 1,
          latestHeartbeatAt: NOW - 1,
        }),
        longRun('waits'),
      ],
      { shownMetadata: new Map([['team', new Set(['red'])]]) },
    ),
    sessions: buildSessions({ waits: ['idle', 'requires_action', NOW - 1] }),
    ledger: countedTotals({ wait: observe(emptyHistogram(DURATION_BUCKETS), 3, exemplar) }),
    archivedAt: NOW,
  });
  const states = fixedStates([state]);
  const exposition = new Exposition({
    states,
    self,
    clock: { now: () => NOW },
    skewMs: () => 0,
    pausedUntil: () => null,
  });
  return Buffer.concat(await exposition.render(format)).toString();
}

describe('with everything there is to show', () => {
  it('promtool finds nothing to say', async () => {
    const text = await everything('prometheus');
    const absent = [...OBSERVED_METRIC_NAMES, ...Object.keys(SELF_CATALOGUE)].filter(
      (name) => !text.includes(`\n# TYPE ${name} `),
    );
    expect(absent).toEqual([]);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  const folder = mkdtempSync(join(tmpdir(), 'exposition-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("Prometheus' own reader of OpenMetrics takes every line", async () => {
    const text = await everything('openmetrics');
    // Backfilling is the only command that reads the format; it wants a time for every sample.
    const stamped = text.replaceAll(/^([^#\n]+?\S) ([^\s{}"]+)( # \{.*)?$/gm, `$1 $2 ${NOW / 1000}$3`);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    expect(stamped.split(` ${NOW / 1000}`).length).toBeGreaterThan(samples);
    writeFileSync(join(folder, 'metrics'), stamped);
    const arguments_ = ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'metrics'), join(folder, 'data')];
    const output = execFileSync('promtool', arguments_, { encoding: 'utf8' });
    expect(output).toMatch(new RegExp(`\\s${samples}\\s`));
  });
});
