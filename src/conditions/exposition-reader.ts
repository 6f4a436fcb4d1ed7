import { setImmediate } from 'node:timers/promises';
import { LabelSet } from '../promql/label-set.ts';
import { beginningOf, NO_PIECE, type ReadPiece, readPiece, type SeriesReader, samplesOf } from './read-piece.ts';
import type { ScrapedSample } from './rule-evaluator.ts';

const SERIES = /^([a-z_]+)(?:\{(.*)\})?$/i;
const LABEL = /([a-z_]\w*)="((?:\\.|[^"\\])*)"/gi;
const NEWLINE = 10;
/** After this many bytes, other work gets its turn. */
const BYTES_A_TURN = 256 * 1024;

export interface ExpositionReaderOptions {
  /** The metrics to read. */
  readonly names: ReadonlySet<string>;
  /** The labels that a scrape adds. */
  readonly target: Readonly<Record<string, string>>;
  /** Which series of those metrics; all of them if it is absent. It always says the same of one series. */
  readonly wants?: (name: string, labels: LabelSet) => boolean;
}

interface KnownPiece {
  readonly beginning: string;
  readonly piece: ReadPiece;
}

/**
 * Reads the text of a scrape. Most of it is the same from one scrape to the next, in the same buffers: those are not
 * looked at again, and of the others only what differs.
 */
export class ExpositionReader {
  readonly #series: SeriesReader;
  /** The pieces of the last scrape: in their order, and those that began alike. */
  #last: readonly KnownPiece[] = [];
  #known: ReadonlyMap<string, readonly KnownPiece[]> = new Map();
  #bytesRead = 0;
  /** Of the present scrape: a value stands in many lines, and is kept once. */
  readonly #words = new Map<string, string>();

  constructor({ names, target, wants }: ExpositionReaderOptions) {
    this.#series = {
      asksFor: (metric) => names.has(metric),
      seriesOf: (key) => {
        const series = this.#parse(key, target);
        return series === null || (wants !== undefined && !wants(series.name, series.labels)) ? null : series;
      },
    };
  }

  /** How many bytes it had to look at, in all scrapes together. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** The samples of a scrape, each made when it is asked for: nobody keeps them. */
  async read(pieces: readonly Buffer[]): Promise<Iterable<ScrapedSample>> {
    const seen: KnownPiece[] = [];
    const begun = new Map<string, KnownPiece[]>();
    let turnAt = this.#bytesRead + BYTES_A_TURN;
    for (const bytes of wholeLines(pieces)) {
      const last = this.#last[seen.length];
      const beginning = last?.piece.bytes === bytes ? last.beginning : beginningOf(bytes);
      const alike = begun.get(beginning) ?? [];
      const before = this.#known.get(beginning)?.[alike.length];
      const piece = this.#readPiece(bytes, before?.piece ?? NO_PIECE);
      const known = before?.piece === piece ? before : { beginning, piece };
      seen.push(known);
      alike.push(known);
      begun.set(beginning, alike);
      if (this.#bytesRead < turnAt) continue;
      turnAt = this.#bytesRead + BYTES_A_TURN;
      await setImmediate();
    }
    this.#last = seen;
    this.#known = begun;
    this.#words.clear();
    return samplesIn(seen);
  }

  #readPiece(bytes: Buffer, before: ReadPiece): ReadPiece {
    if (before.bytes === bytes) return before;
    this.#bytesRead += bytes.length;
    return readPiece(bytes, before, this.#series);
  }

  #parse(key: string, target: Readonly<Record<string, string>>): Pick<ScrapedSample, 'name' | 'labels'> | null {
    const [, name, labels = ''] = SERIES.exec(key) ?? [];
    if (name === undefined) return null;
    const own = [...labels.matchAll(LABEL)].map(([, label, value]) => [
      this.#word(label!),
      this.#word(unescaped(value!)),
    ]);
    return { name: this.#word(name), labels: LabelSet.of({ ...Object.fromEntries(own), ...target }) };
  }

  /** A part of a text keeps all of the text in memory, so what is kept is a copy. */
  #word(text: string): string {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const copy = Buffer.from(text).toString();
    this.#words.set(copy, copy);
    return copy;
  }
}

function* samplesIn(pieces: readonly KnownPiece[]): Generator<ScrapedSample> {
  for (const { piece } of pieces) yield* samplesOf(piece);
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
