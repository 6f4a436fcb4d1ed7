import { type Line, step } from '../support/lines.ts';
import type { Inputs, Row, RuleTable } from '../support/rule-table.ts';
import { from } from '../support/table-parts.ts';

/** A counter that grows by so much within the last half hour. */
const grows = (by: number): Line => step(20, 100, 100 + by);

const healthChecks: RuleTable = {
  rule: 'environment_instance:anthropic_work_health_checks:increase30m',
  until: 40,
  given: { raw: { acknowledged: grows(9), waits: grows(4), waitsUnknown: grows(3) } },
  rows: [
    ['two', {}, { samples: [[{ instance: 'a' }, 2.0056]] }],
    ['nearly one, as ranges see it', { raw: { waits: grows(5.1) } }, { samples: [[{ instance: 'a' }, 0.9025]] }],
    ['noise', { raw: { waits: grows(5.6) } }, null],
    ['none', { raw: { waits: grows(6) } }, null],
  ],
};

/** An item that hung before its first heartbeat. */
const stuck = (line: Line, state: string): Inputs => ({ alerts: [['ItemStuck', 'warning', line, { state }]] });

const redelivery: RuleTable = {
  rule: 'AnthropicWorkRedeliveryLoop warning',
  until: 60,
  given: { raw: { redelivered: 1 } },
  rows: [
    ['all the time', {}, from(1)],
    ['none', { raw: { redelivered: 0 } }, null],
    ['a page says why', { recorded: { causePaged: step(20, null, 1) } }, from(1, 30)],
    ['one that hung while it started', stuck(step(20, 1, null), 'starting'), from(41)],
    ['one that hung while it ran', stuck(1, 'active'), from(1)],
    ...(['critical', 'info'] as const).map(
      (severity): Row => [
        `one that hung, ${severity}`,
        { alerts: [['ItemStuck', severity, 1, { state: 'starting' }]] },
        from(1),
      ],
    ),
    ['one of two replicas sees it', { second: { redelivered: 0 } }, from(1)],
  ],
};

export const RUN_TABLES: readonly RuleTable[] = [healthChecks, redelivery];
