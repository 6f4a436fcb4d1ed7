import type { ScrapedSample } from './rule-evaluator.ts';

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const BRACE = 123;

/** Some lines of a scrape, and the samples that were read from them. */
export interface ReadPiece {
  readonly bytes: Uint8Array;
  /** Of each line of a metric that is asked for; null where its series is not. */
  readonly samples: readonly (ScrapedSample | null)[];
  /** Where each of these lines begins, and where its number does. */
  readonly places: Uint32Array;
}

export const NO_PIECE: ReadPiece = { bytes: new Uint8Array(0), samples: [], places: new Uint32Array(0) };

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
 * has the same series, and with the same number it is the same sample; only other lines become text.
 */
export function readPiece(bytes: Buffer, before: ReadPiece, reader: SeriesReader): ReadPiece {
  const samples: (ScrapedSample | null)[] = [];
  const places: number[] = [];
  let next = 0;
  for (let start = 0; start < bytes.length; ) {
    const line = lineAt(bytes, start);
    start = line.end + 1;
    const isKnown = next < before.samples.length && hasSameKey(bytes, line, before, next);
    if (!isKnown && (bytes[line.start] === HASH || !reader.asksFor(metricOf(bytes, line)))) continue;
    samples.push(isKnown ? sampleAsBefore(bytes, line, before, next++) : newSample(bytes, line, reader));
    places.push(line.start, line.value);
  }
  return { bytes, samples, places: Uint32Array.from(places) };
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

function sampleAsBefore(bytes: Buffer, line: Line, before: ReadPiece, index: number): ScrapedSample | null {
  const sample = before.samples[index]!;
  if (sample === null) return null;
  const from = before.places[2 * index + 1]!;
  let at = line.value;
  while (at < line.end && bytes[at] === before.bytes[from + at - line.value]) at++;
  const isSame = at === line.end && (before.bytes[from + at - line.value] ?? NEWLINE) === NEWLINE;
  return isSame ? sample : { name: sample.name, labels: sample.labels, value: numberIn(bytes, line) };
}

function newSample(bytes: Buffer, line: Line, { seriesOf }: SeriesReader): ScrapedSample | null {
  const series = seriesOf(bytes.toString('utf8', line.start, Math.max(line.start, line.value - 1)));
  // Spelled out, here and above: what is spread takes twice the memory, and there are thousands of them.
  return series === null ? null : { name: series.name, labels: series.labels, value: numberIn(bytes, line) };
}

function numberIn(bytes: Buffer, { value, end }: Line): number {
  return Number(bytes.toString('latin1', value, end).replace('Inf', 'Infinity'));
}
