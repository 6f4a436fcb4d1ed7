import { z } from 'zod';
import { DURATION_BUCKETS, emptyHistogram, type Histogram, STOP_BUCKETS } from '../domain/histogram.ts';
import { WORK_STATES } from '../domain/work.ts';
import { COUNTERS, type Ledger } from '../lifecycle/ledger.ts';

/** A new version begins when the same words of a file would mean something else. */
const STATE_FILE_VERSION = 1;
/** Enough bytes of a file to tell whether it is a state file, and whose. */
export const STATE_FILE_START_BYTES = 256;

const time = z.number();
const stamp = time.nullable();
const count = z.int().nonnegative();

function histogram(bounds: readonly number[]) {
  const bars = z.object({ counts: z.array(count).length(bounds.length + 1), sum: z.number() });
  return bars.transform((known): Histogram => ({ ...emptyHistogram(bounds), ...known }));
}

const item = z.object({
  state: z.enum([...WORK_STATES, 'other']),
  createdAt: stamp,
  enqueuedAt: stamp,
  acknowledgedAt: stamp,
  stopRequestedAt: stamp,
  stoppedAt: stamp,
  runAcknowledgedAt: stamp,
  queuedSince: stamp,
  deliveries: count,
  begun: z.boolean(),
  silent: z.boolean(),
  enqueueStampDue: z.boolean(),
  seenAt: time,
});

/** By id, which may be any text: a record would lose `__proto__`. */
function byId<T>(schema: z.ZodType<T>) {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const toMap = (value: unknown) => (isObject(value) ? new Map(Object.entries(value as object)) : value);
  return z.preprocess(toMap, z.map(z.string(), schema));
}

const ledger = z
  .object({
    settled_until: time,
    proven_walks: count,
    clamped: count,
    counters: z.record(z.enum(COUNTERS), count),
    losses: z.object({ ended_well: time, lost: z.array(time) }),
    histograms: z.object({
      wait: histogram(DURATION_BUCKETS),
      run: histogram(DURATION_BUCKETS),
      stop: histogram(STOP_BUCKETS),
    }),
    items: byId(item),
  })
  .transform(
    ({ losses, ...known }): Ledger => ({
      settledUntil: known.settled_until,
      provenFullScans: known.proven_walks,
      clamped: known.clamped,
      totals: { ...known.counters, ...known.histograms, losses: { endedWell: losses.ended_well, lost: losses.lost } },
      items: known.items,
    }),
  );

const stateFile = z
  .object({
    version: z.literal(STATE_FILE_VERSION),
    instance: z.string(),
    saved_at: time,
    diagnosis: z.unknown().optional(),
    environments: byId(ledger),
  })
  .transform(({ saved_at: savedAt, diagnosis = null, environments }) => ({
    savedAt,
    /** What the diagnosis remembers; null if it remembers nothing. Whoever recalls it checks it. */
    diagnosis,
    ledgers: environments,
  }));
export type StateFileContent = z.output<typeof stateFile>;

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
  { savedAt, diagnosis, instance }: Pick<StateFileContent, 'savedAt' | 'diagnosis'> & { readonly instance: string },
  ledgers: Iterable<readonly [id: string, text: string]>,
): string {
  const remembered = diagnosis == null ? {} : { diagnosis };
  const head = JSON.stringify({ version: STATE_FILE_VERSION, instance, saved_at: savedAt, ...remembered });
  const environments = Array.from(ledgers, ([id, text]) => `${JSON.stringify(id)}:${text}`);
  return `${head.slice(0, -1)},"environments":{${environments.join(',')}}}\n`;
}

/** One environment's part of the file. */
export function formatLedger({ settledUntil, provenFullScans, clamped, totals, items }: Ledger): string {
  const { losses, wait, run, stop, ...counters } = totals;
  const bars = ({ counts, sum }: Histogram) => ({ counts, sum });
  return JSON.stringify({
    settled_until: settledUntil,
    proven_walks: provenFullScans,
    clamped,
    counters,
    losses: { ended_well: losses.endedWell, lost: losses.lost },
    histograms: { wait: bars(wait), run: bars(run), stop: bars(stop) },
    items: Object.fromEntries(items),
  });
}

/** What a state file holds, or why it cannot be used. */
export function parseStateFile(text: string): StateFileContent | { readonly fault: string } {
  const parsed = z.preprocess(fromJson, stateFile).safeParse(text);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  return { fault: path.length === 0 ? 'it is no object in JSON' : `${path.join('.')}: ${message}` };
}

function fromJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
