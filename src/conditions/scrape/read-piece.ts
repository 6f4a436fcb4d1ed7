import type { LabelSet } from '../../promql/store/label-set.ts';
import { ColumnBuilder, type Line, type MetricLines } from './column-builder.ts';

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const BRACE = 123;

/** Some lines of a scrape, and the samples of those metrics that are wanted. */
export interface ReadPiece {
  readonly bytes: Uint8Array;
  readonly columns: readonly MetricLines[];
}

export const NO_PIECE: ReadPiece = { bytes: new Uint8Array(0), columns: [] };

/** What a line says before its number. */
export interface ReadSeries {
  readonly name: string;
  readonly labels: LabelSet;
}

/** Knows which series of a scrape are wanted. */
export interface SeriesReader {
  wantsMetric(metric: string): boolean;
  /** The series of a line; null if it is not wanted. */
  seriesOf(key: string): ReadSeries | null;
}

/**
 * Reads whole lines. `before` is the counterpart at the last scrape: a line that begins like its next line has the same series,
 * and only other lines are decoded. The same bytes give the same object.
 */
export function readPiece(bytes: Buffer, before: ReadPiece, reader: SeriesReader): ReadPiece {
  if (bytes.equals(before.bytes)) return before;
  const read = new ColumnBuilder();
  const known = new PreviousLines(before);
  for (let start = 0; start < bytes.length; ) {
    const line = lineAt(bytes, start);
    start = line.end + 1;
    const { lines, index } = known;
    if (lines !== undefined && known.hasKeyOf(bytes, line)) {
      read.add(lines.name, lines.labels[index]!, known.valueOf(bytes, line), line);
      known.next();
      continue;
    }
    if (bytes[line.start] === HASH) continue;
    const metric = metricOf(bytes, line);
    if (!reader.wantsMetric(metric)) continue;
    const series = reader.seriesOf(bytes.toString('utf8', line.start, Math.max(line.start, line.valueStart - 1)));
    read.add(
      series?.name ?? metric,
      series?.labels ?? null,
      series === null ? Number.NaN : numberIn(bytes, line),
      line,
    );
  }
  return { bytes, columns: read.build() };
}

/** Tells the pieces of a scrape apart: the first comment, or the first metric. */
export function beginningOf(bytes: Buffer): string {
  const line = lineAt(bytes, 0);
  return bytes[0] === HASH ? bytes.toString('latin1', 0, line.end) : metricOf(bytes, line);
}

function lineAt(bytes: Buffer, start: number): Line {
  const newline = bytes.indexOf(NEWLINE, start);
  const end = newline === -1 ? bytes.length : newline;
  let valueStart = end;
  while (valueStart > start && bytes[valueStart - 1] !== SPACE) valueStart--;
  return { start, valueStart, end };
}

function metricOf(bytes: Buffer, { start, end }: Line): string {
  let at = start;
  while (at < end && bytes[at] !== SPACE && bytes[at] !== BRACE) at++;
  return bytes.toString('latin1', start, at);
}

/** The lines of a piece that were read, one after the other. */
class PreviousLines {
  readonly #piece: ReadPiece;
  #column = 0;
  index = 0;

  constructor(piece: ReadPiece) {
    this.#piece = piece;
  }

  /** The columns of the present line, which is at `index` in them; undefined after the last. */
  get lines(): MetricLines | undefined {
    return this.#piece.columns[this.#column];
  }

  next(): void {
    if (++this.index < this.lines!.labels.length) return;
    this.index = 0;
    this.#column++;
  }

  hasKeyOf(bytes: Buffer, { start, valueStart }: Line): boolean {
    const { offsets } = this.lines!;
    const from = offsets[2 * this.index]!;
    if (offsets[2 * this.index + 1]! - from !== valueStart - start) return false;
    for (let at = start; at < valueStart; at++) if (bytes[at] !== this.#piece.bytes[from + at - start]) return false;
    return true;
  }

  /** The number of a line, which is decoded only if its bytes have changed. */
  valueOf(bytes: Buffer, line: Line): number {
    const { labels, values, offsets } = this.lines!;
    if (labels[this.index] === null) return Number.NaN;
    const before = this.#piece.bytes;
    const from = offsets[2 * this.index + 1]! - line.valueStart;
    let at = line.valueStart;
    while (at < line.end && bytes[at] === before[from + at]) at++;
    const isSame = at === line.end && (before[from + at] ?? NEWLINE) === NEWLINE;
    return isSame ? values[this.index]! : numberIn(bytes, line);
  }
}

function numberIn(bytes: Buffer, { valueStart, end }: Line): number {
  return Number(bytes.toString('latin1', valueStart, end).replace('Inf', 'Infinity'));
}
