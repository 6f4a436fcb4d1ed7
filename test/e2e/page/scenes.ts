import type { Charted, History } from '../../../src/diagnosis/history.ts';
import type { Condition, DiagnosisReport } from '../../../src/diagnosis/report.ts';
import type { ConnectionProblem, DrillInfo, ExporterProblem } from '../../../src/server/server-deps.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { condition, EXPLAINED, ofConnection, PENDING, reportOf, withClear } from '../../support/reports.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildState,
  buildStats,
  failingOperation,
  NOW,
  untriedOperation,
} from '../../support/states.ts';

/** What an exporter has to show. */
export interface Scene {
  readonly states: readonly EnvironmentState[];
  readonly report: DiagnosisReport;
  readonly path?: string;
  readonly problems?: readonly ConnectionProblem[];
  readonly exporterProblems?: readonly ExporterProblem[];
  readonly hour?: Pick<History<Charted>, 'numbersOf'>;
  readonly drill?: DrillInfo;
}

/** An environment `env_NAME` that is fine, but for `change`. */
export function stateOf(
  name: string,
  change: Partial<EnvironmentState> = {},
  labels: Readonly<Record<string, string>> = { owner: 'team-a' },
): EnvironmentState {
  return buildState(`env_${name}`, { environment: buildEnvironment(`env_${name}`, { name, labels }), ...change });
}

const scene = (states: readonly EnvironmentState[], conditions: readonly Condition[] = [], more: Partial<Scene> = {}) =>
  ({
    states,
    report: withClear(
      reportOf(...conditions),
      states.map(({ environment }) => environment.id.slice('env_'.length)),
    ),
    ...more,
  }) satisfies Scene;

const refused = failingOperation('unauthorized', { lastSuccessAt: NOW - 900_000 });
const dark = { operations: { stats: refused, list: refused }, queue: null, items: null };
const held = { operations: { stats: failingOperation('timeout'), list: failingOperation('timeout') } };
const untried = { operations: { stats: untriedOperation(), list: untriedOperation() }, queue: null, items: null };
const noWorkers = {
  queue: { observedAt: NOW - 5000, stats: buildStats({ workersPolling: 0, oldestQueuedAt: NOW - 312_000 }) },
};
const refusedLately = {
  operations: { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') },
};
const crowded = {
  queue: {
    observedAt: NOW - 5000,
    stats: buildStats({ depth: 123_456, pending: 12_345, workersPolling: 10_234, oldestQueuedAt: NOW - 86_399_000 }),
  },
};
const unreadable = (name: string) => condition(name, { name: 'key_refused', evidence: 'environment key, for 15 min' });
/** The same, where the key of the connection says why. */
const hidden = (name: string) => {
  const explainedBy = { name: 'api_key_refused', severity: 'critical' } as const;
  return { ...unreadable(name), ...EXPLAINED, explainedBy };
};
const saturated = (name: string, change: Partial<Condition> = {}) =>
  condition(name, { name: 'queue_too_deep', severity: 'warning', evidence: '41 items wait', ...change });
const renamed = (state: EnvironmentState, name: string): EnvironmentState => ({
  ...state,
  environment: { ...state.environment, name },
});
const ODD_NAMES = [
  '<script>alert(1)</script>',
  `it's "quoted" & more`,
  '👩🏽‍🚀 crew',
  'תור הזמנות',
  'عملاء (eu-1)',
  '待ち行列'.repeat(12),
];
const LONG = `a-name-as-long-as-somebody-could-think-of-${'without-space-'.repeat(2)}end`;
const items = buildItems([
  buildItem(`sesn_${'0123456789'.repeat(5)}`, { state: 'active', acknowledgedAt: NOW - 9000, startedAt: NOW - 8000 }),
  buildItem('work_b'),
]);

/** An hour in which workers went away, and a queue began to wait; the list was not read for a while. */
function hourOfTrouble(): Pick<History<Charted>, 'numbersOf'> {
  const valueAt = (name: Charted, moment: number): number => {
    const since = Math.max(0, moment - 90);
    const isListed = moment < 40 || moment > 52;
    if (!isListed && (name === 'live' || name === 'stale')) return Number.NaN;
    return {
      waiting: since === 0 ? moment % 3 : 2 + since,
      oldestSeconds: since === 0 ? (moment % 3) * 4 : since * 30,
      polling: since === 0 ? 2 : 0,
      live: since === 0 ? 4 - (moment % 2) : 1,
      stale: Math.min(1, since),
    }[name];
  };
  return { numbersOf: (name) => Array.from({ length: 120 }, (_, moment) => valueAt(name, moment)) };
}

const DRILL: DrillInfo = {
  condition: 'no_workers',
  severity: 'critical',
  environment_id: 'env_drill_no_workers',
  environment_name: 'DRILL no_workers',
  started_at: new Date(NOW - 60_000).toISOString(),
  ends_at: new Date(NOW + 600_000).toISOString(),
};

/** 300: a few that page, a few that cannot be read, the rest fine. */
function many(): Scene {
  const names = Array.from({ length: 300 }, (_, index) => `queue-${String(index).padStart(3, '0')}`);
  const change = (index: number) => (index < 6 ? noWorkers : index < 12 ? dark : {});
  return scene(
    names.map((name, index) => stateOf(name, change(index), { owner: `team-${index % 7}` })),
    [
      ...names.slice(0, 6).map((name) => condition(name)),
      ...names.slice(6, 12).map(unreadable),
      ...names.slice(12, 20).map((name) => saturated(name, PENDING)),
    ],
  );
}

/** Everything the pages can look like. */
export const SCENES: Readonly<Record<string, Scene>> = {
  'all fine': scene([stateOf('prod'), stateOf('staging'), stateOf('batch', {}, {})]),
  'one that pages, and more that fold up': scene(
    [stateOf('prod', noWorkers), ...Array.from({ length: 13 }, (_, index) => stateOf(`fine-${index}`))],
    [condition('prod')],
  ),
  'names in other scripts, with signs': scene(
    ODD_NAMES.map((name, index) => renamed(stateOf(`${index}`, noWorkers, { owner: '<i>פריט</i> "&' }), name)),
    ODD_NAMES.map((name, index) => {
      const subject = { kind: 'environment', id: `env_${index}`, name, connection: 'default' } as const;
      return condition(`${index}`, { subject });
    }),
  ),
  'nothing to watch': scene([]),
  'not read yet': scene([stateOf('prod', untried), stateOf('staging')]),
  'no workers': scene([stateOf('prod', noWorkers), stateOf('staging')], [condition('prod')]),
  'numbers as long as they get': scene(
    [stateOf('prod', { ...crowded, ...refusedLately }), stateOf('staging', crowded)],
    [condition('prod')],
  ),
  'keys refused': scene(
    [...['prod', 'staging', 'batch'].map((name) => stateOf(name, dark)), stateOf('other', held)],
    [
      ofConnection('default', ['env_batch', 'env_prod', 'env_staging'], { name: 'api_key_refused' }),
      ...['prod', 'staging', 'batch'].map(hidden),
    ],
  ),
  'coming and going': scene(
    [stateOf('prod'), stateOf('staging', held), stateOf(LONG, {}, { owner: LONG })],
    [condition(LONG, { phase: 'ending', since: NOW - 60_000 }), saturated('prod', PENDING)],
  ),
  'trouble of its own': scene([stateOf('prod')], [], {
    problems: [
      {
        connection: 'default',
        text: `discovery of connection default failed: ${'a very long answer of an API '.repeat(8)}`,
        remedy: 'Set api_key_file of connection default.',
      },
    ],
    exporterProblems: [{ text: 'the new configuration is rejected', remedy: 'The log says why.' }],
  }),
  'one environment': scene(
    [stateOf('prod', { ...noWorkers, items })],
    [condition('prod'), { ...saturated('prod'), ...EXPLAINED }],
    {
      hour: hourOfTrouble(),
      path: '/environments/env_prod',
    },
  ),
  'a drill': scene([stateOf('prod')], [condition('drill_no_workers')], { drill: DRILL }),
  'nobody judges': {
    ...scene([stateOf('prod', noWorkers), stateOf('staging')], [condition('prod')]),
    report: { ...reportOf(condition('prod')), at: NOW - 200_000 },
  },
  'one refused environment': scene([stateOf(LONG, { ...dark, items })], [unreadable(LONG)], {
    path: `/environments/env_${LONG}`,
  }),
  'all runbooks': scene([stateOf('prod')], [], { path: '/runbooks' }),
  'a runbook': scene([stateOf('prod')], [], { path: '/runbooks/AnthropicWorkNoWorkers' }),
  'three hundred environments, 300': many(),
};
