import { expect, it } from 'vitest';
import { FaultRig } from '../faults/fault-rig.ts';
import { FAULTS, type MatrixCase } from '../faults/matrix-cases.ts';
import { type Firing, RowsUnderRules } from './rows-under-rules.ts';

/** One of each kind of failure. After a 429 chance decides which reads only wait, and so which alerts fire. */
const NAMES = ['no answer', '401', '404', '500', 'no oldest_queued_at while work waits'];
const CASES: readonly MatrixCase[] = NAMES.flatMap((name) => {
  const fault = FAULTS.get(name)!;
  return [
    ...(['stats', 'list'] as const).flatMap((operation) =>
      (['one', 'all'] as const).map((scope) => ({ name, fault, operation, scope })),
    ),
    { name, fault, operation: 'environments', scope: 'all' },
  ];
});

const HEALTHY = 2;
/** Minutes. The longest that an alert takes: a discovery that fails for 15 minutes, for 15 more. */
const HALF_AN_HOUR = 31;

it('docs/fault-alerts.md says which alerts fire half an hour after each fault began', {
  timeout: 600_000,
}, async () => {
  await using rig = await FaultRig.start(CASES);
  const rules = new RowsUnderRules();
  const rowsOf = new Map(
    rig.exporters.map((running) => [
      running,
      rig.connections.flatMap((one, row) => (one.running === running ? [row] : [])),
    ]),
  );
  for (let minute = 0; minute < HEALTHY + HALF_AN_HOUR; minute++) {
    if (minute === HEALTHY) rig.begin();
    await rig.pass(60);
    for (const [running, rows] of rowsOf) rules.scraped(minute, await running.exposition(), rows);
  }
  const firing = await rules.firing(HEALTHY + HALF_AN_HOUR - 1);
  const rows = CASES.map(({ name, operation, scope }, row) => {
    const [hit, other] = rig.connections[row]!.environmentIds;
    const all = firing.get(row) ?? [];
    const cells = [name, operation, scope, named(all, [hit, null]), named(all, [other])];
    return `| ${cells.join(' | ')} |`;
  });
  await expect(page(rows)).toMatchFileSnapshot('../../../docs/fault-alerts.md');
});

/** Alerts of these environments, those that page in bold; null is the connection and the exporter. */
function named(firing: readonly Firing[], environments: readonly (string | null)[]): string {
  const names = firing
    // Drift is counted for the exporter as a whole, and the Watchdog always fires.
    .filter(({ alert, environmentId }) => !/Watchdog|ApiDrift/.test(alert) && environments.includes(environmentId))
    .map(({ alert, severity }) => (severity === 'critical' ? `**${alert}**` : alert));
  return [...new Set(names)].toSorted().join(', ') || '–';
}

function page(rows: readonly string[]): string {
  return `# Which alerts a fault brings

The alerts that fire half an hour after a fault of the API began: what a test scraped from the exporter, read by the shipped rules.
\`npx vitest run test/e2e/fault-alerts -u\` writes the table anew. What the exporter itself shows of more faults is in
[reliability.md](reliability.md).

Two environments share a connection, and in both work waits that nobody takes: without a fault \`AnthropicWorkNoWorkers\` fires for
each. The fault hits the reads of one of them, or of both; the list of environments belongs to both. Names are without
\`AnthropicWork\`, and those that page are bold. \`ListNotConfigured\` belongs to the setting: discovered environments have no
environment key here.

| fault | read | hits | alerts of the environment that is hit, its connection and the exporter | alerts of the other environment |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
