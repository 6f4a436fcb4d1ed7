import { during, type Line } from './lines.ts';
import type { ShortName } from './rule-case.ts';
import type { Inputs, Outcome } from './rule-table.ts';
import { JOB, type Series } from './series.ts';

/** Up to the end of the table. */
export const ON = 1e9;

/** Fires once. */
export const from = (minute: number, to = ON): Outcome => ({ fires: [[minute, to]] });

/** Absent at this minute alone. */
export const butNotAt = (minute: number): Line => during(minute, minute + 0.5, [0, null]);

/** A page is firing, from the first minute to the last or as the line says. */
export const pages = (alert: ShortName, line: Line = 1): Inputs => ({ alerts: [[alert, 'critical', line]] });

/** The page that a shard is missing is firing, as the line says. */
export const shardMissing = (line: Line): Series => ({
  name: 'ALERTS',
  labels: { job: JOB, alertname: 'AnthropicWorkExporterShardMissing', severity: 'critical', alertstate: 'firing' },
  line,
});
