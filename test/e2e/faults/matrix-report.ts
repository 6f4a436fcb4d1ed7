import type { LogLine } from '../../app/running-app.ts';
import type { FaultConnection } from './fault-rig.ts';
import { isByChance, isRateLimit, type MatrixCase, usesUpBudget } from './matrix-cases.ts';
import type { Look, Shown } from './matrix-look.ts';
import type { Holding } from './row-conditions.ts';

/** One row of the page: what an operator sees of the environment that was hit. */
export function reportRow(
  connection: FaultConnection,
  seen: { soon: Look; later: Look; holding: readonly Holding[] },
): string {
  const { case: one, environmentIds, name, running } = connection;
  const [id] = environmentIds;
  const cells = [one.name, one.operation, one.scope];
  const rules = rulesText(one, seen.holding, id);
  const read = one.operation === 'stats' ? 'stats' : 'list';
  if (one.operation === 'environments') {
    const { soon, later } = seen;
    const failing = running.events('discovery.failing').find((line) => line.connection === name);
    const up = [soon, later].map((look) => look.value('discovery_up', { connection: name })).join(', ');
    const depths = [soon, later].map((look) => shownText(look.of(id).depth)).join(', ');
    const statuses = new Set([soon, later].map((look) => look.of(id).status));
    return row([...cells, `discovery_up ${up}`, depths, [...statuses].join(', '), reasonOf(failing), rules]);
  }
  if (isByChance(one)) return row([...cells, ...BY_CHANCE]);
  const [soon, later] = [seen.soon.of(id), seen.later.of(id)];
  const failing = running
    .events('environment.failing')
    .find((line) => line.environment_id === id && line.operation === read);
  const value = (shown: Shown) => shownText(one.operation === 'stats' ? shown.depth : shown.queued);
  const statuses = [soon.status, later.status];
  return row([
    ...cells,
    `up ${soon.up[read]}, ${later.up[read]}`,
    `${value(soon)}, ${value(later)}${soon.depth !== null && soon.age === null ? '; no age' : ''}`,
    usesUpBudget(one) ? 'ok or degraded' : [...new Set(statuses)].join(', '),
    reasonOf(failing),
    rules,
  ]);
}

const BY_CHANCE = [
  'up 0, or 1 where it only waits',
  'shown, or absent',
  'ok, degraded or blind',
  '`rate_limited`, or – where it only waits',
  'by chance',
];
/** Drift is counted for the exporter as a whole; the others come about now, a minute sooner or later by chance. */
const OF_NO_ROW: ReadonlySet<string> = new Set(['ApiDrift', 'WorkersUnknown', 'ClockSkew']);

/** Of this environment, its connection and the exporter: those that page in bold. */
function rulesText(one: MatrixCase, holding: readonly Holding[], id: string): string {
  if (isRateLimit(one) || usesUpBudget(one)) return 'by chance';
  const names = holding
    .filter(({ alert, environmentId }) => !OF_NO_ROW.has(alert) && (environmentId ?? id) === id)
    .map(({ alert, severity }) => (severity === 'critical' ? `**${alert}**` : alert));
  return [...new Set(names)].toSorted().join(', ') || '–';
}

const shownText = (value: number | null) => (value === null ? 'absent' : 'shown');
const reasonOf = (line: LogLine | undefined) => (line === undefined ? '–' : `\`${line.reason}\``);

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The whole page. */
export function reportPage(rows: readonly string[]): string {
  return `${HEAD}\n${rows.join('\n')}\n${FOOT}`;
}

const HEAD = `# Reliability

What the exporter shows while the API, or something in front of it, fails. A test produces the table by running every fault
of the [simulator](simulator.md) against every read; \`npx vitest run test/e2e/faults -u\` regenerates it.

In all of these cases

- work that waits, or its age, is never shown as 0;
- nothing older than [\`stale_after\`](design/freshness.md#stale_after) is shown;
- an unaffected environment is read as before, except after a 429, when the [whole connection waits](design/budget.md#after-a-429);
- no connection sends more than its \`requests_per_minute\` in any 60 seconds.

Two environments share a connection, and in both work waits that nobody takes. Everything is read once a minute. The fault affects the reads
of one of them, or of both; the list of environments belongs to both. 90 seconds later, and three minutes after that, the affected
environment shows the following. The last column names the alerts that are firing or pending another three minutes later by the shipped
rules: those of the environment, its connection and the exporter. Names are without \`AnthropicWork\`, and those that page are bold. After a
429, and where lists without end use up the budget, chance decides which reads only wait, and so which alerts there are. \`WorkersUnknown\`
and \`ClockSkew\` are left out: they come at about that time. [Which alerts a fault brings](fault-alerts.md) says what fires half an hour
after the fault began.

| fault | read | hits | \`anthropic_work_up\` | value | status | reason in the log | alerts |
| --- | --- | --- | --- | --- | --- | --- | --- |`;

const FOOT = `
The value is \`anthropic_work_queue_depth\` for stats and environments, \`anthropic_work_items\` for the list and single items. Reads of single
items are part of a read of the list, which continues without them; one that answers 404 proves that its item is gone. [Which answers are
believed](design/answers.md) says what happens to each kind of answer, and [the budget](design/budget.md#backoff) how soon a failed read
is retried.
`;
