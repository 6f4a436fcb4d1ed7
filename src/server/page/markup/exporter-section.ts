import type { EpochMs } from '../../../base/clock.ts';
import { counted } from '../../../base/text.ts';
import { configuredIntervalMs, OPERATIONS } from '../../../domain/environment.ts';
import { nextAttemptAt } from '../../../state/changes.ts';
import type { EnvironmentState } from '../../../state/environment-state.ts';
import type { ConnectionHealth, DrillInfo } from '../../http/server-deps.ts';
import { capitalised, durationText } from '../view/human-text.ts';
import { type Html, html } from './html.ts';
import { timeHtml } from './time-html.ts';

/** Intervals end in whole milliseconds. */
const STRETCHED_FROM = 1.01;

/** What the exporter has to say of itself: its connections with their budgets, clocks and pace. */
export function exporterSection(
  connections: readonly ConnectionHealth[],
  states: readonly EnvironmentState[],
  now: EpochMs,
): Html | null {
  if (connections.length === 0) return null;
  const lines = connections.map((connection) => ({ connection, remarks: remarksOn(connection, states, now) }));
  const unusual = lines.flatMap(({ remarks }) => remarks);
  const summary = unusual.length === 0 ? 'reads run at the configured intervals' : unusual.join('; ');
  return html`<details data-key="exporter"><summary>${counted(connections.length, ['connection', 'connections'])}: ${summary}</summary>
<ul>${lines.map(({ connection, remarks }) => html`<li><strong>${connection.name}</strong> ${budgetText(connection)}${remarks.length === 0 ? null : `. ${capitalised(remarks.join('; '))}`}.</li>`)}</ul></details>`;
}

function budgetText({ sentLastMinute, requestsPerMinute, allowedPerMinute }: ConnectionHealth): string {
  const used = `${sentLastMinute} of ${counted(requestsPerMinute, ['request', 'requests'])} in the last minute`;
  return allowedPerMinute < requestsPerMinute ? `${used}, ${Math.floor(allowedPerMinute)} allowed after a 429` : used;
}

function remarksOn(
  { name, skewMs, requestsPerMinute, allowedPerMinute }: ConnectionHealth,
  states: readonly EnvironmentState[],
  now: EpochMs,
) {
  const own = states.filter(({ environment }) => environment.connection === name);
  const factor = longestFactor(own);
  const triedAgainAt = nextTryAt(own);
  return [
    ...(triedAgainAt === null
      ? []
      : [
          `reads of connection ${name} that fail are tried again after growing waits, the next in ${durationText(Math.ceil(Math.max(1000, triedAgainAt - now) / 1000))}`,
        ]),
    ...(factor > STRETCHED_FROM
      ? [
          `intervals of connection ${name} are up to ${factor.toFixed(1)} times as long as configured, to fit its budget`,
        ]
      : []),
    ...(allowedPerMinute < requestsPerMinute ? [`the API rate-limits connection ${name}`] : []),
    ...(skewMs === 0
      ? []
      : [
          `the API clock of connection ${name} is ${durationText(Math.abs(skewMs) / 1000)} ${skewMs > 0 ? 'ahead of' : 'behind'} ours, and ages are corrected by it`,
        ]),
  ];
}

/** The most that an interval in force is longer than configured. */
function longestFactor(states: readonly EnvironmentState[]): number {
  const factors = states.flatMap(({ environment, operations }) =>
    OPERATIONS.filter((name) => operations[name].attempted).map(
      (name) => operations[name].scheduledIntervalMs / configuredIntervalMs(environment.poll, name),
    ),
  );
  return Math.max(1, ...factors);
}

/** When the first of the reads is tried again that wait longer than their interval, because they failed; null: none does. */
function nextTryAt(states: readonly EnvironmentState[]): EpochMs | null {
  const times = states.flatMap((state) =>
    OPERATIONS.flatMap((name) => {
      const { attempted, backoffUntil } = state.operations[name];
      return attempted && backoffUntil !== null ? (nextAttemptAt(state, name) ?? []) : [];
    }),
  );
  return times.length === 0 ? null : Math.min(...times);
}

/** A drill looks like an incident, and must never be taken for one. */
export function drillBanner(drill: DrillInfo | null, now: number): Html | null {
  if (drill === null) return null;
  return html`<p class="drill" role="note" data-key="drill"><strong>A drill is running: ${drill.condition}.</strong> ${drill.environmentName} is made up, and so is its alert. It ends ${timeHtml(drill.endsAt, now)}, or with <code>DELETE /-/drill</code>.</p>`;
}
