import type { EpochMs } from '../base/clock.ts';
import { counted } from '../base/text.ts';
import { configuredIntervalMs, OPERATIONS } from '../domain/environment.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { type Html, html } from './html.ts';
import type { ConnectionHealth } from './server-deps.ts';
import { capitalised, durationText } from './words.ts';

/** Intervals end in whole milliseconds. */
const STRETCHED_FROM = 1.01;

/** The connections with their budgets, clocks and pace. */
export function connectionSection(
  connections: readonly ConnectionHealth[],
  states: readonly EnvironmentState[],
  now: EpochMs,
): Html | null {
  if (connections.length === 0) return null;
  const all = connections.map((connection) => ({ connection, remarks: remarksOn(connection, states, now) }));
  const unusual = all.flatMap(({ remarks }) => remarks);
  const lines = all.map(({ connection: { name, sentLastMinute, requestsPerMinute }, remarks }) => {
    const used = `${sentLastMinute} of ${counted(requestsPerMinute, ['request', 'requests'])} in the last minute`;
    return html`<li><strong>${name}</strong> ${[used, ...remarks.map(capitalised)].join('. ')}.</li>`;
  });
  return html`<details data-key="exporter"><summary>${counted(connections.length, ['connection', 'connections'])}: ${unusual.length === 0 ? 'reads run at the configured intervals' : unusual.join('; ')}</summary>
<ul>${lines}</ul></details>`;
}

/** What is not as usual. */
function remarksOn(
  { name, skewMs, requestsPerMinute, allowedPerMinute }: ConnectionHealth,
  states: readonly EnvironmentState[],
  now: EpochMs,
): readonly string[] {
  const reads = states
    .filter(({ environment }) => environment.connection === name)
    .flatMap(({ environment: { poll }, operations }) =>
      OPERATIONS.map((one) => ({ ...operations[one], configuredMs: configuredIntervalMs(poll, one) })),
    )
    .filter(({ attempted }) => attempted);
  const factor = Math.max(1, ...reads.map((read) => read.scheduledIntervalMs / read.configuredMs));
  const retriedAt = Math.min(...reads.flatMap(({ backoffUntil }) => backoffUntil ?? []));
  const skew = durationText(Math.abs(skewMs) / 1000);
  return [
    Number.isFinite(retriedAt)
      ? `reads of connection ${name} that fail are tried again after growing waits, the next in ${durationText(Math.ceil(Math.max(1000, retriedAt - now) / 1000))}`
      : [],
    factor > STRETCHED_FROM
      ? `intervals of connection ${name} are up to ${factor.toFixed(1)} times as long as configured, to fit its budget`
      : [],
    allowedPerMinute < requestsPerMinute
      ? `the API rate-limits connection ${name}: ${Math.floor(allowedPerMinute)} requests a minute are allowed`
      : [],
    skewMs === 0
      ? []
      : `the API clock of connection ${name} is ${skew} ${skewMs > 0 ? 'ahead of' : 'behind'} ours, and ages are corrected by it`,
  ].flat();
}
