import type { LabelSet } from '../promql/label-set.ts';
import type { ScrapedSample } from './rule-evaluator.ts';

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const BRACE = 123;

/**
 * Some lines of a scrape, and what was read from those of a metric that is asked for: in columns, since an object for each
 * of them would be most of what is kept of a scrape.
 */
export interface ReadPiece {
  readonly bytes: Uint8Array;
  readonly names: readonly string[];
  /** Null where a series is not asked for. */
  readonly labels: readonly (LabelSet | null)[];
  readonly values: Float64Array;
  /** Where each of these lines begins, and where its number does. */
  readonly places: Uint32Array;
}

export const NO_PIECE: ReadPiece = {
  bytes: new Uint8Array(0),
  names: [],
  labels: [],
  values: new Float64Array(0),
  places: new Uint32Array(0),
};

/** What a line says before its number; null where nobody asks for it. */
export interface SeriesReader {
  asksFor(metric: string): boolean;
  seriesOf(key: string): Pick<ScrapedSample, 'name' | 'labels'> | null;
}

interface Line {
  readonly start: number;
  /** Where its number begins. */
  readonly value: number;
  readonly end: number;
}

/**
 * Reads whole lines. `before`: what stood in their place at the last scrape. A line that begins as the next one did then
 * has the same series; only other lines become text.
 */
export function readPiece(bytes: Buffer, before: ReadPiece, reader: SeriesReader): ReadPiece {
  const names: string[] = [];
  const labels: (LabelSet | null)[] = [];
  const values: number[] = [];
  const places: number[] = [];
  let next = 0;
  for (let start = 0; start < bytes.length; ) {
    const line = lineAt(bytes, start);
    start = line.end + 1;
    if (next < before.labels.length && hasSameKey(bytes, line, before, next)) {
      names.push(before.names[next]!);
      labels.push(before.labels[next]!);
      values.push(valueAsBefore(bytes, line, before, next++));
    } else {
      if (bytes[line.start] === HASH || !reader.asksFor(metricOf(bytes, line))) continue;
      const series = reader.seriesOf(bytes.toString('utf8', line.start, Math.max(line.start, line.value - 1)));
      names.push(series?.name ?? '');
      labels.push(series?.labels ?? null);
      values.push(series === null ? Number.NaN : numberIn(bytes, line));
    }
    places.push(line.start, line.value);
  }
  return {
    bytes,
    // Arrays that grew have room to spare.
    names: names.slice(),
    labels: labels.slice(),
    values: Float64Array.from(values),
    places: Uint32Array.from(places),
  };
}

/** The samples of a piece, each made when it is asked for. */
export function* samplesOf({ names, labels, values }: ReadPiece): Generator<ScrapedSample> {
  for (let line = 0; line < values.length; line++) {
    const own = labels[line]!;
    if (own !== null) yield { name: names[line]!, labels: own, value: values[line]! };
  }
}

/** Tells the pieces of a scrape apart: the first comment, or the first metric. */
export function beginningOf(bytes: Buffer): string {
  const line = lineAt(bytes, 0);
  return bytes[0] === HASH ? bytes.toString('latin1', 0, line.end) : metricOf(bytes, line);
}

function lineAt(bytes: Buffer, start: number): Line {
  const newline = bytes.indexOf(NEWLINE, start);
  const end = newline === -1 ? bytes.length : newline;
  let value = end;
  while (value > start && bytes[value - 1] !== SPACE) value--;
  return { start, value, end };
}

function metricOf(bytes: Buffer, { start, end }: Line): string {
  let at = start;
  while (at < end && bytes[at] !== SPACE && bytes[at] !== BRACE) at++;
  return bytes.toString('latin1', start, at);
}

function hasSameKey(bytes: Buffer, { start, value }: Line, before: ReadPiece, index: number): boolean {
  const from = before.places[2 * index]!;
  if (before.places[2 * index + 1]! - from !== value - start) return false;
  for (let at = start; at < value; at++) if (bytes[at] !== before.bytes[from + at - start]) return false;
  return true;
}

/** Only a number that differs becomes text. */
function valueAsBefore(bytes: Buffer, line: Line, before: ReadPiece, index: number): number {
  if (before.labels[index] === null) return Number.NaN;
  const from = before.places[2 * index + 1]!;
  let at = line.value;
  while (at < line.end && bytes[at] === before.bytes[from + at - line.value]) at++;
  const isSame = at === line.end && (before.bytes[from + at - line.value] ?? NEWLINE) === NEWLINE;
  return isSame ? before.values[index]! : numberIn(bytes, line);
}

function numberIn(bytes: Buffer, { value, end }: Line): number {
  return Number(bytes.toString('latin1', value, end).replace('Inf', 'Infinity'));
}
