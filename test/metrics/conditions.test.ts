import { describe, expect, it } from 'vitest';
import type { Condition, DiagnosisReport } from '../../src/diagnosis/report.ts';
import { writeConditions } from '../../src/metrics/condition-metrics.ts';
import type { Format } from '../../src/metrics/format.ts';
import { Pieces } from '../../src/metrics/text.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { buildCondition, HOLDS } from '../support/reports.ts';
import { NOW } from '../support/states.ts';

const NAME = 'a "b"\\\n';

const condition = (change: Partial<Condition>) =>
  buildCondition({ subject: { kind: 'environment', id: 'env_1', name: NAME, connection: 'default' }, ...change });

const REPORT: DiagnosisReport = {
  at: NOW,
  environments: new Map([
    [
      'env_1',
      [
        condition(HOLDS),
        condition({ name: 'runs_lost' }),
        condition({ name: 'runs_lost', severity: 'warning', phase: 'pending', value: null, since: NOW }),
      ],
    ],
  ]),
  connections: new Map([
    ['default', [condition({ ...HOLDS, name: 'rate_limited', subject: { kind: 'connection', name: 'default' } })]],
  ]),
};

function conditionText(format: Format): string {
  const pieces = new Pieces();
  writeConditions(pieces, REPORT, format);
  return Buffer.concat(pieces.end()).toString();
}

describe('the series of the conditions', () => {
  it('are 1, 0, or absent while nobody can tell; with since when, while they are 1', () => {
    const samples = conditionText('prometheus')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const e = 'environment_id="env_1",environment_name="a \\"b\\"\\\\\\n"';
    const since = `${NOW / 1000 - 60}`;
    expect(samples).toEqual([
      `anthropic_work_condition{${e},condition="no_workers",severity="critical"} 1`,
      `anthropic_work_condition{${e},condition="runs_lost",severity="critical"} 0`,
      `anthropic_work_condition_since_timestamp_seconds{${e},condition="no_workers",severity="critical"} ${since}`,
      `anthropic_work_condition_recent{${e},condition="no_workers",severity="critical"} 1`,
      'anthropic_work_connection_condition{connection="default",condition="rate_limited",severity="critical"} 1',
      `anthropic_work_connection_condition_since_timestamp_seconds{connection="default",condition="rate_limited",severity="critical"} ${since}`,
      'anthropic_work_connection_condition_recent{connection="default",condition="rate_limited",severity="critical"} 1',
    ]);
  });

  it('can be read in both formats, and are the same in both', () => {
    const families = (format: 'prometheus' | 'openmetrics') =>
      parseExposition(`${conditionText(format)}${format === 'openmetrics' ? '# EOF\n' : ''}`, format);
    const open = families('openmetrics');
    expect(open).toHaveLength(6);
    expect(families('prometheus').map(({ samples }) => samples)).toEqual(open.map(({ samples }) => samples));
    expect(open[0]!.samples[0]!.labels.environment_name).toBe(NAME);
  });
});
