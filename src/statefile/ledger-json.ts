import type { EpochMs } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import { DURATION_BUCKETS, emptyHistogram, type Histogram, STOP_BUCKETS } from '../domain/histogram.ts';
import { WORK_STATES, type WorkState } from '../domain/work.ts';
import type { Ledger, LedgerItem } from '../lifecycle/ledger.ts';
import { type LifecycleTotals, NO_TOTALS } from '../lifecycle/totals.ts';

/** A new version begins when the same words of a file would mean something else. */
const STATE_FILE_VERSION = 1;
/** Enough bytes of a file to tell whether it is a state file, and whose. */
export const STATE_FILE_START_BYTES = 256;

const COUNTERS = [
  'created',
  'acknowledged',
  'stopped',
  'requeued',
  'lapsed',
  'waitUnknown',
  'lost',
  'begun',
  'sessionRuns',
  'shortSessionRuns',
] as const;
const HISTOGRAMS = { wait: DURATION_BUCKETS, run: DURATION_BUCKETS, stop: STOP_BUCKETS } as const;
const STAMPS = [
  'createdAt',
  'enqueuedAt',
  'acknowledgedAt',
  'stopRequestedAt',
  'stoppedAt',
  'runAcknowledgedAt',
] as const;
const STATES: ReadonlySet<unknown> = new Set([...WORK_STATES, 'other']);

/** The file is not of this version: `state_file_corrupt`, or `state_file_newer` for a later one. */
export class StateFileError extends ExporterError {}

export interface StateFileContent {
  readonly instance: string;
  readonly savedAt: EpochMs;
  /** What the diagnosis remembers; null if it remembers nothing. Whoever recalls it checks it. */
  readonly diagnosis: unknown;
  readonly ledgers: ReadonlyMap<string, Ledger>;
}

/** The process that wrote a state file, from its first bytes; null if it is not a state file. */
export function stateFileWriter(start: string): string | null {
  return /^\s*\{\s*"version"\s*:\s*\d+\s*,\s*"instance"\s*:\s*"([^"\\]*)"/.exec(start)?.[1] ?? null;
}

/** Whether a state file may replace the file with these first bytes: it is one, or was cut while it was one. */
export function mayBecomeStateFile(start: string): boolean {
  return stateFileWriter(start) !== null || '{"version":1,"instance":"'.startsWith(start.slice(0, 25));
}

/** One line of JSON that begins with the instance, so that its first bytes tell who wrote it. */
export function formatStateFile(
  { instance, savedAt, diagnosis }: Omit<StateFileContent, 'ledgers'>,
  ledgers: Iterable<readonly [id: string, text: string]>,
): string {
  const head = JSON.stringify({
    version: STATE_FILE_VERSION,
    instance,
    saved_at: savedAt,
    ...(diagnosis != null && { diagnosis }),
  });
  const environments = Array.from(ledgers, ([id, text]) => `${JSON.stringify(id)}:${text}`);
  return `${head.slice(0, -1)},"environments":{${environments.join(',')}}}\n`;
}

/** One environment's part of the file. */
export function formatLedger({ settledUntil, provenFullScans, clamped, totals, items }: Ledger): string {
  const histogram = ({ counts, sum }: Histogram) => ({ counts, sum });
  return JSON.stringify({
    settled_until: settledUntil,
    proven_walks: provenFullScans,
    clamped,
    counters: Object.fromEntries(COUNTERS.map((name) => [name, totals[name]])),
    losses: { ended_well: totals.losses.endedWell, lost: totals.losses.lost },
    histograms: { wait: histogram(totals.wait), run: histogram(totals.run), stop: histogram(totals.stop) },
    items: Object.fromEntries(items),
  });
}

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
  if (typeof file.instance !== 'string') throw corrupt('instance is no text');
  // Earlier versions marked a file that was behind what they had published: going on from it would count things twice.
  const environments = file.behind === 1 ? [] : Object.entries(object(file.environments, 'environments'));
  return {
    instance: file.instance,
    savedAt: number(file.saved_at, 'saved_at'),
    diagnosis: file.diagnosis ?? null,
    ledgers: new Map(environments.map(([id, value]) => [id, parseLedger(object(value, 'an environment'))])),
  };
}

/** What earlier versions did not count yet is 0. */
function parseLedger(ledger: Members): Ledger {
  const counters = object(ledger.counters, 'counters');
  const histograms = object(ledger.histograms, 'histograms');
  const { ended_well: endedWell, lost } = object(ledger.losses ?? { ended_well: 0, lost: [] }, 'losses');
  const counts = COUNTERS.map((name) => [name, count(counters[name] ?? 0, name)]);
  const bars = Object.entries(HISTOGRAMS).map(([name, bounds]) => [name, parseHistogram(histograms[name], bounds)]);
  const losses = {
    endedWell: number(endedWell, 'losses'),
    lost: list(lost, 'losses').map((at) => number(at, 'a loss')),
  };
  const items = Object.entries(object(ledger.items, 'items'));
  return {
    settledUntil: number(ledger.settled_until, 'settled_until'),
    provenFullScans: count(ledger.proven_walks, 'proven_walks'),
    clamped: count(ledger.clamped, 'clamped'),
    totals: {
      ...NO_TOTALS,
      ...Object.fromEntries<never>([...counts, ...bars] as never),
      losses,
    } satisfies LifecycleTotals,
    items: new Map(items.map(([id, item]) => [id, parseItem(object(item, 'an item'))])),
  };
}

function parseHistogram(value: unknown, bounds: readonly number[]): Histogram {
  const { counts, sum } = object(value, 'a histogram');
  const checked = list(counts, 'buckets').map((each) => count(each, 'a bucket'));
  if (checked.length !== bounds.length + 1) throw corrupt('a histogram has other buckets');
  return { ...emptyHistogram(bounds), counts: checked, sum: number(sum, 'a sum') };
}

function parseItem(item: Members): LedgerItem {
  if (!STATES.has(item.state)) throw corrupt('the state of an item is unknown');
  const stamp = (name: string) => [name, item[name] === null ? null : number(item[name], name)];
  const stamps = Object.fromEntries(STAMPS.map(stamp)) as Pick<LedgerItem, (typeof STAMPS)[number]>;
  const since = item.queuedSince === null ? null : object(item.queuedSince, 'queuedSince');
  return {
    ...stamps,
    state: item.state as WorkState,
    sessionId: typeof item.sessionId === 'string' ? item.sessionId : null,
    queuedSince: since && { at: number(since.at, 'at'), slackMs: number(since.slackMs, 'slackMs') },
    deliveries: count(item.deliveries ?? 0, 'deliveries'),
    begun: item.begun === undefined ? item.state === 'active' : item.begun === true,
    silent: item.silent === true,
    enqueueStampDue: item.enqueueStampDue === true,
    seenAt: number(item.seenAt, 'seenAt'),
    gone: item.gone === true,
  };
}

type Members = Readonly<Record<string, unknown>>;

function object(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(`${what} is no object`);
  return value as Members;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw corrupt(`${what}: no list`);
  return value;
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

function corrupt(what: string, cause?: unknown): StateFileError {
  const remedy = 'Check the disk, and what else writes there.';
  return new StateFileError('state_file_corrupt', `the state file cannot be used: ${what}`, { cause, remedy });
}
