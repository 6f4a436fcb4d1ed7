import type { Condition, ConditionReport } from '../../../src/conditions/condition.ts';
import { RecentNumbers, SAMPLES_KEPT } from '../../../src/recent/recent-numbers.ts';
import type {
  ConnectionHealth,
  ConnectionProblem,
  DrillInfo,
  ExporterProblem,
} from '../../../src/server/http/server-deps.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { condition, reportOf } from '../../server/page/page-facts.ts';
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
  readonly report: ConditionReport;
  readonly path?: string;
  readonly problems?: readonly ConnectionProblem[];
  readonly exporterProblems?: readonly ExporterProblem[];
  readonly recent?: RecentNumbers;
  readonly connections?: readonly ConnectionHealth[];
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
  ({ states, report: reportOf(...conditions), ...more }) satisfies Scene;

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
const unreadable = (name: string) =>
  condition(name, { alert: 'AnthropicWorkApiAuthFailing', summary: `${name}: API key refused (401) for 15m` });
const saturated = (name: string, change: Partial<Condition> = {}) =>
  condition(name, {
    alert: 'AnthropicWorkSaturated',
    severity: 'warning',
    summary: `${name}: every worker is busy and the queue grows, 41 waiting`,
    ...change,
  });
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
function hourOfTrouble(): RecentNumbers {
  const recent = new RecentNumbers();
  for (let moment = 0; moment < SAMPLES_KEPT; moment++) {
    const since = Math.max(0, moment - 90);
    const isListed = moment < 40 || moment > 52;
    recent.add(moment, {
      waiting: since === 0 ? moment % 3 : 2 + since,
      oldestSeconds: since === 0 ? (moment % 3) * 4 : since * 30,
      polling: since === 0 ? 2 : 0,
      live: isListed ? (since === 0 ? 4 - (moment % 2) : 1) : Number.NaN,
      stale: isListed ? Math.min(1, since) : Number.NaN,
    });
  }
  return recent;
}

const CONNECTIONS: readonly ConnectionHealth[] = [
  { name: 'default', requestsPerMinute: 120, allowedPerMinute: 60, sentLastMinute: 54, skewMs: 602_000 },
  { name: 'staging', requestsPerMinute: 120, allowedPerMinute: 120, sentLastMinute: 118, skewMs: 0 },
];
const DRILL: DrillInfo = {
  scenario: 'no-workers',
  environmentId: 'env_drill_no-workers',
  environmentName: 'DRILL no-workers',
  happens: 'All workers go away.',
  expect: 'A page.',
  startedAt: NOW - 60_000,
  endsAt: NOW + 600_000,
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
      ...names.slice(12, 20).map((name) => saturated(name, { phase: 'pending', firesAt: NOW + 60_000 })),
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
      const subject = { kind: 'environment', id: `env_${index}`, name } as const;
      return condition(`${index}`, { subject, summary: `${name}: no workers, 9 waiting, oldest 5m 12s (limit 5m 0s)` });
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
    ['prod', 'staging', 'batch'].map(unreadable),
  ),
  'coming and going': scene(
    [stateOf('prod'), stateOf('staging', held), stateOf(LONG, {}, { owner: LONG })],
    [
      condition(LONG, { phase: 'recovering', since: NOW - 60_000 }),
      saturated('prod', { phase: 'pending', firesAt: NOW + 60_000 }),
    ],
  ),
  'trouble of its own': scene(
    [stateOf('prod')],
    [
      condition(null, {
        alert: 'AnthropicWorkExporterConfigReloadFailed',
        severity: 'warning',
        summary: 'The new configuration was rejected 4m ago; the one before it is in force',
        description: 'Run anthropic-work-exporter check --config FILE, mend what it says, and reload.',
      }),
    ],
    {
      problems: [
        {
          connection: 'default',
          text: `discovery of connection default failed: ${'a very long answer of an API '.repeat(8)}`,
          remedy: 'Set api_key_file of connection default.',
        },
      ],
    },
  ),
  'one environment': scene([stateOf('prod', { ...noWorkers, items })], [condition('prod'), saturated('prod')], {
    recent: hourOfTrouble(),
    connections: CONNECTIONS,
    path: '/environments/env_prod',
  }),
  'a drill': scene([stateOf('prod')], [], { drill: DRILL, connections: CONNECTIONS }),
  'alerts not evaluated': {
    ...scene([stateOf('prod', noWorkers), stateOf('staging')], [condition('prod')]),
    report: { ...reportOf(condition('prod')), evaluatedAt: NOW - 200_000 },
  },
  'one refused environment': scene([stateOf(LONG, { ...dark, items })], [unreadable(LONG)], {
    path: `/environments/env_${LONG}`,
  }),
  'all runbooks': scene([stateOf('prod')], [], { path: '/runbooks' }),
  'a runbook': scene([stateOf('prod')], [], { path: '/runbooks/AnthropicWorkNoWorkers' }),
  'three hundred environments, 300': many(),
};
