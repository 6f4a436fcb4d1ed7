import { setImmediate } from 'node:timers/promises';
import { LabelSet } from '../promql/label-set.ts';
import type { ScrapedSample } from './rule-evaluator.ts';

const SAMPLE = /^([a-z_]+)(?:\{(.*)\})? (\S+)/i;
const LABEL = /([a-z_]\w*)="((?:\\.|[^"\\])*)"/gi;
/** This many lines are read before other work gets its turn. */
const LINES_A_TURN = 5000;

interface KnownSeries {
  readonly name: string;
  readonly labels: LabelSet;
}

/** Reads the text of a scrape, and remembers from one scrape to the next what the labels of each line mean. */
export class ExpositionReader {
  readonly #names: ReadonlySet<string>;
  readonly #target: Readonly<Record<string, string>>;
  #known = new Map<string, KnownSeries>();

  /** @param names the metrics to read; @param target the labels that a scrape adds */
  constructor(names: ReadonlySet<string>, target: Readonly<Record<string, string>>) {
    this.#names = names;
    this.#target = target;
  }

  async read(pieces: readonly Buffer[]): Promise<ScrapedSample[]> {
    const samples: ScrapedSample[] = [];
    const seen = new Map<string, KnownSeries>();
    let lines = 0;
    for (const line of Buffer.concat(pieces).toString().split('\n')) {
      if (++lines % LINES_A_TURN === 0) await setImmediate();
      const end = line.search(/[{ ]/);
      if (!this.#names.has(line.slice(0, end))) continue;
      const space = line.lastIndexOf(' ');
      const key = line.slice(0, space);
      const known = this.#known.get(key) ?? this.#parse(line);
      if (known === null) continue;
      seen.set(key, known);
      samples.push({ ...known, value: numberOf(line.slice(space + 1)) });
    }
    this.#known = seen;
    return samples;
  }

  #parse(line: string): KnownSeries | null {
    const [, name, labels = ''] = SAMPLE.exec(line) ?? [];
    if (name === undefined) return null;
    const own = [...labels.matchAll(LABEL)].map(([, label, value]) => [label!, unescaped(value!)] as const);
    return { name, labels: LabelSet.of({ ...Object.fromEntries(own), ...this.#target }) };
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
