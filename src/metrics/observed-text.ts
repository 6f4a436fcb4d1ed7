import type { EpochMs } from '../base/clock.ts';
import type { Environment } from '../domain/environment.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { CATALOGUE, OBSERVED_METRIC_NAMES, type ObservedMetricName } from './catalogue.ts';
import { BlockCache, type Blocks } from './environment-blocks.ts';
import { environmentLabels, SECTIONS } from './environment-text.ts';
import { FORMATS, type Format } from './format.ts';
import { type Freshness, freshness } from './freshness.ts';
import { type AgeMetricName, measureAge } from './measure-stats.ts';
import { encodeHead, encodeSample } from './text-encoder.ts';

const AGE: AgeMetricName = 'anthropic_work_queue_oldest_age_seconds';

/** Where the blocks of a metric stand; null for the age, which is in no block. */
interface Place {
  readonly name: ObservedMetricName;
  readonly heads: Readonly<Record<Format, Buffer>>;
  readonly at: { readonly section: number; readonly metric: number } | null;
}

const PLACES: readonly Place[] = OBSERVED_METRIC_NAMES.map((name) => {
  const heads = Object.fromEntries(
    FORMATS.map((format) => [format, Buffer.from(encodeHead({ name, ...CATALOGUE[name] }, format))]),
  ) as Record<Format, Buffer>;
  if (name === AGE) return { name, heads, at: null };
  const section = SECTIONS.findIndex(({ names }) => names.includes(name));
  return { name, heads, at: { section, metric: SECTIONS[section]!.names.indexOf(name) } };
});

export interface ObservedOptions {
  readonly now: EpochMs;
  readonly format: Format;
  readonly skewMs: (connection: string) => number;
}

/** The part of an exposition that is measured from states. Keeps what it wrote between scrapes. */
export class ObservedText {
  readonly #cache = new BlockCache();
  readonly #labels = new WeakMap<Environment, string>();
  #labelKeys: readonly string[] = [];

  /** Families in the order of the catalogue, each with its environments in their order, in pieces of any size. */
  write(shown: readonly EnvironmentState[], watched: readonly EnvironmentState[], options: ObservedOptions): Buffer[] {
    const labelKeys = this.#unionOfLabelKeys(watched);
    const fleet = shown.map((state) => {
      const fresh = freshness(state, options.now);
      return { state, fresh, blocks: this.#cache.blocks(state, { fresh, labelKeys }, options.format) };
    });
    const pieces: Buffer[] = [];
    for (const { heads, at } of PLACES) {
      const headAt = pieces.length;
      pieces.push(heads[options.format]);
      if (at === null) pieces.push(...this.#ages(fleet, options));
      else pushBlocks(pieces, fleet, at);
      if (pieces.length === headAt + 1) pieces.pop();
    }
    return pieces;
  }

  /** Forgets environments that are no longer watched. */
  prune(watched: readonly EnvironmentState[]): void {
    this.#cache.prune(new Set(watched.map(({ environment }) => environment.id)));
  }

  /** One Buffer for the whole family: it is written anew at each scrape. */
  #ages(
    fleet: readonly { readonly state: EnvironmentState; readonly fresh: Freshness }[],
    { now, skewMs }: ObservedOptions,
  ): Buffer[] {
    let text = '';
    for (const { state, fresh } of fleet) {
      const time = { now, skewMs: skewMs(state.environment.connection) };
      for (const { value } of measureAge(state, { fresh }, time))
        text += encodeSample(AGE, this.#labelsOf(state), value);
    }
    return text === '' ? [] : [Buffer.from(text)];
  }

  #labelsOf(state: EnvironmentState): string {
    const known = this.#labels.get(state.environment);
    if (known !== undefined) return known;
    const labels = environmentLabels(state);
    this.#labels.set(state.environment, labels);
    return labels;
  }

  /** The same array as long as the keys are the same: text is cached by its identity. */
  #unionOfLabelKeys(states: readonly EnvironmentState[]): readonly string[] {
    const keys = [...new Set(states.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
    const same = keys.length === this.#labelKeys.length && keys.every((key, index) => key === this.#labelKeys[index]);
    if (!same) this.#labelKeys = keys;
    return this.#labelKeys;
  }
}

function pushBlocks(
  pieces: Buffer[],
  fleet: readonly { readonly blocks: Blocks }[],
  { section, metric }: { readonly section: number; readonly metric: number },
): void {
  for (const { blocks } of fleet) {
    const block = blocks[section]![metric]!;
    if (block.length > 0) pieces.push(block);
  }
}
