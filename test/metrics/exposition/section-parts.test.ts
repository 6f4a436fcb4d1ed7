import { expect, it } from 'vitest';
import { NO_FAILURES } from '../../../src/domain/failure.ts';
import { NO_TOTALS } from '../../../src/lifecycle/totals.ts';
import { HISTOGRAM_SECTIONS, NUMBER_SECTIONS } from '../../../src/metrics/exposition/sections.ts';
import { freshness } from '../../../src/metrics/measures/freshness.ts';
import type { Measure } from '../../../src/metrics/measures/measure.ts';
import { type CachedMetricName, MEASURES } from '../../../src/metrics/measures/measures.ts';
import type { EnvironmentState, OperationState } from '../../../src/state/environment-state.ts';
import { buildSessions } from '../../support/sessions.ts';
import {
  buildItem,
  buildItems,
  buildOperation,
  buildState,
  buildStats,
  failingOperation,
  NOW,
} from '../../support/states.ts';

const counted = { ...NO_FAILURES, timeout: 7 };
const STATE = buildState('env_1', {
  listedSince: 1,
  configType: 'self_hosted',
  archivedAt: NOW - 9000,
  pausedUntil: NOW + 9000,
  lifecycle: NO_TOTALS,
  sessions: { ...buildSessions({ work_a: ['running'] }), attempted: true },
});

/** Every field of an operation, with another value than `STATE` has. */
const OPERATION: { readonly [Field in keyof OperationState]: OperationState[Field] } = {
  attempted: false,
  credential: null,
  scheduledIntervalMs: 77_000,
  lastAttemptAt: NOW - 77,
  lastSuccessAt: NOW - 78,
  unreadSince: 79,
  lastDurationSeconds: 7.7,
  nextAttemptAt: NOW + 77,
  backoffUntil: NOW + 99_000,
  consecutiveFailures: 77,
  failure: failingOperation('not_self_hosted').failure,
  requests: 77,
  failuresByReason: counted,
};
const { stats, list } = STATE.operations;
const ofOperations = Object.entries(OPERATION).flatMap(([field, value]): [string, Partial<EnvironmentState>][] => [
  [`${field} of stats`, { operations: { stats: buildOperation({ ...stats, [field]: value }), list } }],
  [`${field} of list`, { operations: { stats, list: buildOperation({ ...list, [field]: value }) } }],
]);

type Changeable = Omit<
  Required<EnvironmentState>,
  'environment' | 'operations' | 'ledger' | 'scan' | 'recentPolls' | 'recentFailures'
>;
/** Every other part of a state, with another value: one that is added to the type must be added here. */
const PARTS: { readonly [Part in keyof Changeable]: Changeable[Part] } = {
  watchedSince: NOW - 77,
  listedSince: 77,
  configType: 'cloud',
  archivedAt: NOW - 77,
  pausedUntil: NOW + 77_000,
  queue: { observedAt: NOW - 77, stats: buildStats({ depth: 77, pending: 7, workersPolling: 7 }) },
  items: buildItems([buildItem('work_other', { state: 'active', acknowledgedAt: NOW - 77_000 })]),
  lifecycle: { ...NO_TOTALS, created: 77 },
  sessions: { ...buildSessions({ work_a: ['idle', 'requires_action', NOW - 77_000] }), attempted: true, requests: 77 },
};
const ofParts = Object.entries(PARTS).map(([part, value]): [string, Partial<EnvironmentState>] => [
  part,
  { [part]: value },
]);

const SECTIONS = [...HISTOGRAM_SECTIONS, ...NUMBER_SECTIONS];
const context = { fresh: freshness(STATE, NOW), labelKeys: [] };
const samplesOf = (name: CachedMetricName, state: EnvironmentState) =>
  (MEASURES[name] as Measure<CachedMetricName>)(state, context);

it.each([...ofOperations, ...ofParts])('no text is kept that depends on %s, when that changes', (_, change) => {
  const changed = { ...STATE, ...change };
  const kept = SECTIONS.filter(({ dependencies }) => dependencies.every((part) => part(STATE) === part(changed)));
  const wrong = kept.flatMap(({ names }) =>
    names.filter((name) => JSON.stringify(samplesOf(name, STATE)) !== JSON.stringify(samplesOf(name, changed))),
  );
  expect(wrong).toEqual([]);
});
