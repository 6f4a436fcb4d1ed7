import type { EpochMs } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import { DURATION_BUCKETS, emptyHistogram, type Histogram } from '../domain/histogram.ts';
import { WORK_STATES, type WorkState } from '../domain/work.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { LedgerItem } from '../lifecycle/ledger-item.ts';
import { type LifecycleTotals, type Losses, NO_TOTALS } from '../lifecycle/lifecycle-totals.ts';
import { hasItsChecksum } from './checksum.ts';
import { COUNTERS, HISTOGRAMS, LATER_COUNTERS, STATE_FILE_VERSION, type StateFileContent } from './format.ts';

/** The file is not of this version: `state_file_corrupt`, or `state_file_newer` for a later one. */
export class StateFileError extends ExporterError {}

const STAMPS = [
  'createdAt',
  'enqueuedAt',
  'acknowledgedAt',
  'stopRequestedAt',
  'stoppedAt',
  'runAcknowledgedAt',
] as const;
/** The bounds of waits and runs in files from before there were buckets of 15, 20 and 45 minutes. */
const FORMER_DURATION_BUCKETS: readonly number[] = DURATION_BUCKETS.filter(
  (bound) => ![900, 1200, 2700].includes(bound),
);
const STATES: ReadonlySet<unknown> = new Set([...WORK_STATES, 'other']);

/** @throws StateFileError */
export function parseStateFile(text: string): StateFileContent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw corrupt('it is not JSON', cause);
  }
  const file = object(json, 'the file');
  const version = number(file.version, 'version');
  if (version > STATE_FILE_VERSION) {
    throw new StateFileError(
      'state_file_newer',
      `the state file is of version ${version}, this program of ${STATE_FILE_VERSION}`,
      { remedy: 'To go on from it, put it back and start the newer version.' },
    );
  }
  // More was published than it holds: going on from it would count things twice.
  const isBehind = file.behind === 1;
  // Older files do not have one. What is not used need not be right.
  if (file.crc32 !== undefined && !isBehind && !hasItsChecksum(text)) throw changed();
  if (typeof file.instance !== 'string') throw corrupt('instance is no text');
  const environments = Object.entries(object(file.environments, 'environments'));
  return {
    instance: file.instance,
    savedAt: number(file.saved_at, 'saved_at'),
    // Files of earlier versions have none. Whoever recalls it checks it, and can do without.
    diagnosis: file.diagnosis === undefined ? null : JSON.stringify(file.diagnosis),
    ledgers: new Map(isBehind ? [] : environments.map(([id, value]) => [id, parseLedger(value)])),
  };
}

function parseLedger(value: unknown): Ledger {
  const ledger = object(value, 'an environment');
  const counters = object(ledger.counters, 'counters');
  const histograms = object(ledger.histograms, 'histograms');
  const totals: Record<string, unknown> = {};
  for (const name of COUNTERS) totals[name] = count(counters[name], name);
  for (const name of LATER_COUNTERS) totals[name] = counters[name] === undefined ? 0 : count(counters[name], name);
  for (const [name, bounds] of Object.entries(HISTOGRAMS)) totals[name] = parseHistogram(histograms[name], bounds);
  totals.losses = parseLosses(ledger.losses);
  const settledUntil = number(ledger.settled_until, 'settled_until');
  return {
    settledUntil,
    // Of no item: each says itself when it was seen.
    readAt: settledUntil,
    provenFullScans: count(ledger.proven_walks, 'proven_walks'),
    clamped: count(ledger.clamped, 'clamped'),
    totals: totals as unknown as LifecycleTotals,
    items: new Map(Object.entries(object(ledger.items, 'items')).map(([id, item]) => [id, parseItem(item)])),
  };
}

/** Files of earlier versions have none. */
function parseLosses(value: unknown): Losses {
  if (value === undefined) return NO_TOTALS.losses;
  const { ended_well, lost } = object(value, 'losses');
  if (!Array.isArray(lost)) throw corrupt('losses have no times');
  return { endedWell: number(ended_well, 'ended_well'), lost: lost.map((at) => number(at, 'a loss')) };
}

function parseHistogram(value: unknown, bounds: readonly number[]): Histogram {
  const { counts, sum } = object(value, 'a histogram');
  if (!Array.isArray(counts)) throw corrupt('a histogram has no buckets');
  const checked = counts.map((each) => count(each, 'a bucket'));
  const isFormer = bounds === DURATION_BUCKETS && counts.length === FORMER_DURATION_BUCKETS.length + 1;
  const current = isFormer ? bounds.map(formerCounts(checked)).concat(checked.at(-1)!) : checked;
  if (current.length !== bounds.length + 1) throw corrupt('a histogram has other buckets');
  return { ...emptyHistogram(bounds), counts: current, sum: number(sum, 'a sum') };
}

/** What a file counted as at most 30 minutes stays at most 30 minutes: how much of it took 15 is not known. */
function formerCounts(counts: readonly number[]): (bound: number) => number {
  return (bound) => counts[FORMER_DURATION_BUCKETS.indexOf(bound)] ?? 0;
}

function parseItem(value: unknown): LedgerItem {
  const item = object(value, 'an item');
  if (!STATES.has(item.state)) throw corrupt('the state of an item is unknown');
  const stamps = Object.fromEntries(
    STAMPS.map((name) => [name, item[name] === null ? null : number(item[name], name)]),
  ) as Record<(typeof STAMPS)[number], EpochMs | null>;
  const since = item.queuedSince === null ? null : object(item.queuedSince, 'queuedSince');
  return {
    ...stamps,
    state: item.state as WorkState,
    sessionId: typeof item.sessionId === 'string' ? item.sessionId : null,
    queuedSince: since === null ? null : { at: number(since.at, 'at'), slackMs: number(since.slackMs, 'slackMs') },
    // Older files do not have `deliveries`, `begun` and `unseen`.
    deliveries: item.deliveries === undefined ? 0 : count(item.deliveries, 'deliveries'),
    begun: item.begun === undefined ? item.state === 'active' : item.begun === true,
    silent: item.silent === true,
    enqueueStampDue: item.enqueueStampDue === true,
    seenAt: number(item.seenAt, 'seenAt'),
    unseen: item.unseen === undefined ? 0 : count(item.unseen, 'unseen'),
    gone: item.gone === true,
  };
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(`${what} is no object`);
  return value as Record<string, unknown>;
}

function number(value: unknown, what: string): number {
  // JSON has no Infinity, but 1e999 is parsed as one.
  if (!Number.isFinite(value)) throw corrupt(`${what} is no number`);
  return value as number;
}

function count(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw corrupt(`${what} is no count`);
  return value as number;
}

const CHECK_DISK = 'Check the disk, and what else writes there.';

function corrupt(what: string, cause?: unknown): StateFileError {
  return new StateFileError('state_file_corrupt', `the state file cannot be used: ${what}`, {
    cause,
    remedy: CHECK_DISK,
  });
}

function changed(): StateFileError {
  return new StateFileError(
    'state_file_corrupt',
    'the state file cannot be used: its checksum is that of other content',
    {
      remedy: `${CHECK_DISK} If you changed it yourself, remove its member crc32 and put it back while the exporter is stopped.`,
    },
  );
}
