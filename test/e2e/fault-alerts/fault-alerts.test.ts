import { expect, it } from 'vitest';
import { FaultRig } from '../faults/fault-rig.ts';
import { FAULTS, type MatrixCase } from '../faults/matrix-cases.ts';
import { RowConditions } from '../faults/row-conditions.ts';
import { type Firing, RowsUnderRules } from './rows-under-rules.ts';

/** One of each kind of failure that the rules tell from others. After a 429 chance decides which reads only wait, and so which alerts fire. */
const NAMES = ['no answer', '401', '404', 'no oldest_queued_at while work waits'];
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
/**
 * Minutes. The slowest alert looks back over 15 minutes and then waits for 15 more; the others are margin, so that no row depends
 * on the second at which a read failed.
 */
const LONG_AFTER = 36;

it('docs/fault-alerts.md says which alerts fire long after each fault began, and the exporter says the same', {
  timeout: 900_000,
}, async () => {
  await using rig = await FaultRig.start(CASES);
  const rules = new RowsUnderRules();
  const own = await RowConditions.start(CASES.map(() => true));
  for (let minute = 0; minute < HEALTHY + LONG_AFTER; minute++) {
    if (minute === HEALTHY) rig.begin();
    await rig.pass(60);
    const expositions = await rig.expositions();
    for (const { text, rows } of expositions) rules.scraped(minute, text, rows);
    await own.scraped(minute, expositions);
  }
  const firing = await rules.firing(HEALTHY + LONG_AFTER - 1);
  for (const row of CASES.keys()) {
    const all = firing.get(row) ?? [];
    const ownFiring = own.holding(row).filter(({ fires }) => fires);
    // The fault matrix asks the exporter's own evaluator alone.
    expect([row, keysOf(ownFiring)]).toEqual([row, keysOf(all.filter(({ alert }) => alert !== 'Watchdog'))]);
  }
  const rows = CASES.map(({ name, operation, scope }, row) => {
    const [hit, other] = rig.connections[row]!.environmentIds;
    const all = firing.get(row) ?? [];
    const cells = [name, operation, scope, named(all, [hit, null]), named(all, [other])];
    return `| ${cells.join(' | ')} |`;
  });
  await expect(page(rows)).toMatchFileSnapshot('../../../docs/fault-alerts.md');
});

function keysOf(firing: readonly Firing[]): readonly string[] {
  return [
    ...new Set(firing.map(({ alert, severity, environmentId }) => `${alert} ${severity} ${environmentId}`)),
  ].toSorted();
}

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

The alerts that fire ${LONG_AFTER} minutes after an API fault began, when each has had time to fire. A test scrapes the exporter and runs the shipped
rules over the samples; \`npx vitest run test/e2e/fault-alerts -u\` rewrites the table. [reliability.md](reliability.md) shows what the
exporter itself says about more faults.

Two environments share a connection, and in both work waits that nobody takes: without a fault \`AnthropicWorkNoWorkers\` fires for
each. The fault hits the reads of one of them, or of both; the list of environments belongs to both. Names are without
\`AnthropicWork\`, and those that page are bold. \`ListNotConfigured\` belongs to the setting: discovered environments have no
environment key here.

| fault | read | hits | alerts of the environment that is hit, its connection and the exporter | alerts of the other environment |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
