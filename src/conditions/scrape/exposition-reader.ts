import { setImmediate } from 'node:timers/promises';
import { LabelSet } from '../../promql/store/label-set.ts';
import type { NamedColumns } from '../evaluation/rule-evaluator.ts';
import { beginningOf, NO_PIECE, type ReadPiece, type ReadSeries, readPiece, type SeriesReader } from './read-piece.ts';

const SERIES = /^([a-z_]+)(?:\{(.*)\})?$/i;
const LABEL = /([a-z_]\w*)="((?:\\.|[^"\\])*)"/gi;
const NEWLINE = 10;
/** After this many bytes, other work gets its turn. */
const BYTES_PER_SLICE = 256 * 1024;

export interface ExpositionReaderOptions {
  /** The metrics to read. */
  readonly names: ReadonlySet<string>;
  /** The labels that a scrape adds. */
  readonly target: Readonly<Record<string, string>>;
  /** Which series of those metrics; all of them if it is absent. It always says the same of one series. */
  readonly wantsSeries?: (name: string, labels: LabelSet) => boolean;
}

interface SeenPiece {
  readonly beginning: string;
  readonly piece: ReadPiece;
}

/**
 * Reads the text of a scrape. Most of it stays the same from one scrape to the next, in the same buffers: those are not
 * read again, and of the others only the lines that differ.
 */
export class ExpositionReader {
  readonly #series: SeriesReader;
  /** The pieces of the last scrape. */
  #last: readonly SeenPiece[] = [];
  #bytesRead = 0;
  /** Label values of the present scrape, so that a value which stands in many lines is kept once. */
  readonly #interned = new Map<string, string>();

  constructor({ names, target, wantsSeries }: ExpositionReaderOptions) {
    this.#series = {
      wantsMetric: (metric) => names.has(metric),
      seriesOf: (key) => {
        const series = this.#parse(key, target);
        return series === null || (wantsSeries !== undefined && !wantsSeries(series.name, series.labels))
          ? null
          : series;
      },
    };
  }

  /** How many bytes were read so far, in all scrapes together. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** The samples of a scrape; those that stand in the same bytes as at the last scrape are the same columns. */
  async read(pieces: readonly Buffer[]): Promise<readonly NamedColumns[]> {
    const seen: SeenPiece[] = [];
    const last = new PreviousPieces(this.#last);
    let yieldAt = this.#bytesRead + BYTES_PER_SLICE;
    for (const bytes of wholeLines(pieces)) {
      const before = last.next(bytes);
      const piece = this.#readPiece(bytes, before?.piece ?? NO_PIECE);
      seen.push(before?.piece === piece ? before : { beginning: before?.beginning ?? beginningOf(bytes), piece });
      if (this.#bytesRead < yieldAt) continue;
      yieldAt = this.#bytesRead + BYTES_PER_SLICE;
      await setImmediate();
    }
    this.#last = seen;
    this.#interned.clear();
    return seen.flatMap(({ piece }) => piece.columns);
  }

  #readPiece(bytes: Buffer, before: ReadPiece): ReadPiece {
    if (before.bytes === bytes) return before;
    this.#bytesRead += bytes.length;
    return readPiece(bytes, before, this.#series);
  }

  #parse(key: string, target: Readonly<Record<string, string>>): ReadSeries | null {
    const [, name, labels = ''] = SERIES.exec(key) ?? [];
    if (name === undefined) return null;
    const own = [...labels.matchAll(LABEL)].map(([, label, value]) => [
      this.#intern(label!),
      this.#intern(unescaped(value!)),
    ]);
    return { name: this.#intern(name), labels: LabelSet.of({ ...Object.fromEntries(own), ...target }) };
  }

  /** A copy of a text, because a slice would keep the whole text in memory. */
  #intern(text: string): string {
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    const copy = Buffer.from(text).toString();
    this.#interned.set(copy, copy);
    return copy;
  }
}

/** Finds for each piece its counterpart of the last scrape: the next piece that began in the same way. */
class PreviousPieces {
  readonly #pieces: readonly SeenPiece[];
  #next = 0;
  /** Null as long as the pieces begin like those of the last scrape, in the same order. */
  #byBeginning: Map<string, SeenPiece[]> | null = null;

  constructor(pieces: readonly SeenPiece[]) {
    this.#pieces = pieces;
  }

  next(bytes: Buffer): SeenPiece | undefined {
    const inPlace = this.#pieces[this.#next];
    if (this.#byBeginning === null && inPlace?.piece.bytes === bytes) return this.#pieces[this.#next++];
    const beginning = beginningOf(bytes);
    if (this.#byBeginning === null && inPlace?.beginning === beginning) return this.#pieces[this.#next++];
    this.#byBeginning ??= Map.groupBy(this.#pieces.slice(this.#next), (piece) => piece.beginning);
    return this.#byBeginning.get(beginning)?.shift();
  }
}

/** Pieces that end where a line ends, as those of an exposition do, are handed on as they are. */
function* wholeLines(pieces: readonly Buffer[]): Generator<Buffer> {
  let cut: Buffer[] = [];
  for (const piece of pieces) {
    const isWhole = piece.at(-1) === NEWLINE;
    if (cut.length === 0 && isWhole) {
      yield piece;
      continue;
    }
    cut.push(piece);
    if (!isWhole) continue;
    yield Buffer.concat(cut);
    cut = [];
  }
  if (cut.length > 0) yield Buffer.concat(cut);
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
