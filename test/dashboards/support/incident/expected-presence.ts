import { PHASE_NAMES, type Phase } from './timetable.ts';

type Expected = readonly Phase[] | 'never';

const TROUBLE: readonly Phase[] = ['backlog', 'noWorkers', 'recovery', 'apiDown'];
const WARNED: readonly Phase[] = ['backlog', 'recovery'];

const QUANTILES = ['wait50', 'wait95', 'run50', 'run95', 'stop95'];
/** Numbers over all environments, which turn purple while some cannot be seen. */
const PARTIAL = [
  'No workers / A',
  'Waiting / A',
  'Pending / A',
  'Stale / A',
  'Workers / polling',
  'Workers / busy',
  'Objectives missed / A',
];
const ALL_VISIBLE = PHASE_NAMES.filter((phase) => phase !== 'apiDown');
const LONGEST_WAIT: Readonly<Record<string, Expected>> = {
  critical: ['noWorkers'],
  warning: WARNED,
  within: ['healthy'],
  empty: ['empty'],
  partly: ['apiDown'],
};

/**
 * In which acts an expression returns series, where that is not in all of them. Keys are panel and refId; the same
 * panel on two boards has the same entry.
 */
const EXCEPTIONS: Readonly<Record<string, Expected>> = {
  ...Object.fromEntries(PARTIAL.map((key) => [key, ALL_VISIBLE])),
  ...Object.fromEntries(PARTIAL.map((key) => [`${key}Partly`, ['apiDown' as const]])),
  ...Object.fromEntries(Object.entries(LONGEST_WAIT).map(([refId, when]) => [`Worst wait / ${refId}`, when])),
  'Firing alerts / A': TROUBLE,
  'Issue since when / issue': TROUBLE,
  // Only when no exporter is there at all.
  'Issue since when / exporter': 'never',
  // Only where an exporter watches nothing, which has a test of its own.
  'Issue since when / nothing': 'never',
  'Not visible / none shown': 'never',
  'Status / none shown': 'never',
  'List errors / none shown': 'never',
  // All shards are there.
  'Not visible / lost': 'never',
  // Of items that run.
  'Environments, worst first / session': ['healthy', 'backlog', 'noWorkers', 'recovery'],
  'Longest wait of a session / wait': ['healthy', 'backlog', 'noWorkers', 'recovery'],
  // While the queue shrinks.
  'Empty in / stuck': ['healthy', 'backlog', 'noWorkers'],
  'Empty in / drain': ['recovery'],
  'Empty in / empty': ['empty'],
  // Somebody works somewhere.
  'In use / none': 'never',
  // With one environment only, which has a test of its own.
  'Waiting and pending / warning': 'never',
  'Waiting and pending / critical': 'never',
  // The script has no drill; the live chain has one.
  'annotation Drills': 'never',
  'Alerts / A': TROUBLE,
  'Oldest heartbeat / age': ['healthy', ...TROUBLE],
  'Longest in one state / age': ['healthy', ...TROUBLE],
  ...Object.fromEntries(QUANTILES.map((refId) => [`Wait, run and stop time / ${refId}`, ['healthy', ...TROUBLE]])),
  'Failed reads an hour / A': ['apiDown'],
  'Failed requests an hour / A': ['apiDown'],
  'Reads, failing ones first / backoff': ['apiDown'],
  'Reads, failing ones first / reason': ['apiDown', 'empty'],
  // The budget that the incident spent stays spent.
  'Least budget left, 3 days / named': PHASE_NAMES.filter((phase) => phase !== 'healthy'),
  'Least budget left, 3 days / kept': ['healthy'],
  'Least budget left, 3 days / keptPartly': 'never',
  'Fastest burn now / named': PHASE_NAMES.filter((phase) => phase !== 'healthy'),
  'Fastest burn now / kept': ['healthy'],
  'Fastest burn now / keptPartly': 'never',
  'Pages of a full list / truncated': ['noWorkers'],
  'Last discovery / failing': ['recovery'],
  'Unknown values in answers, an hour / unknown': ['noWorkers', 'recovery'],
  'Unknown values in answers, an hour / negative': ['noWorkers', 'recovery'],
  'Unknown values in answers, an hour / unmeasured': ['noWorkers', 'recovery'],
  'annotation Critical alerts': ['noWorkers', 'apiDown'],
  'annotation Warning alerts': ['backlog', 'noWorkers', 'recovery'],
};

/** The acts in which an expression must return series; in the others it must be empty. */
export function expectedPhases(where: string): readonly Phase[] {
  const key = where.slice(where.indexOf(' / ') + 3);
  const expected = EXCEPTIONS[key] ?? PHASE_NAMES;
  return expected === 'never' ? [] : expected;
}

export const exceptionKeys = Object.keys(EXCEPTIONS);
