import type { EpochMs } from '../../base/clock.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { CATALOGUE, OBSERVED_METRIC_NAMES, type ObservedMetricName } from '../catalogue/catalogue.ts';
import { type Freshness, freshness } from '../measures/freshness.ts';
import { AGE_METRIC_NAMES, type AgeMetricName, measureAge } from '../measures/stats-measures.ts';
import { BlockCache } from './environment-blocks.ts';
import { environmentLabels } from './environment-text.ts';
import { FamilyText } from './family-text.ts';
import { FORMATS, type Format } from './format.ts';
import { SECTIONS } from './sections.ts';
import { encodeHead, encodeSample } from './text-encoder.ts';

/** Where the blocks of a metric stand; an age is in no block. */
type Place = { readonly heads: Readonly<Record<Format, Buffer>> } & (
  | { readonly name: AgeMetricName; readonly at: null }
  | { readonly name: ObservedMetricName; readonly at: { readonly section: number; readonly metric: number } }
);

const PLACES: readonly Place[] = OBSERVED_METRIC_NAMES.map((name) => {
  const heads = Object.fromEntries(
    FORMATS.map((format) => [format, Buffer.from(encodeHead({ name, ...CATALOGUE[name] }, format))]),
  ) as Record<Format, Buffer>;
  if (isAge(name)) return { name, heads, at: null };
  const section = SECTIONS.findIndex(({ names }) => names.includes(name));
  return { name, heads, at: { section, metric: SECTIONS[section]!.names.indexOf(name) } };
});

function isAge(name: ObservedMetricName): name is AgeMetricName {
  return (AGE_METRIC_NAMES as readonly string[]).includes(name);
}

export interface ObservedOptions {
  readonly now: EpochMs;
  readonly format: Format;
  readonly skewMs: (connection: string) => number;
}

/** The part of an exposition that is measured from states. Keeps what it wrote between scrapes. */
export class ObservedText {
  readonly #cache = new BlockCache();
  readonly #families = new Map<ObservedMetricName, FamilyText>();
  #labelKeys: readonly string[] = [];

  /** The families of the whole fleet, in the order of the catalogue, each with its environments in their order. */
  write(watched: readonly EnvironmentState[], options: ObservedOptions): Buffer[] {
    return this.#write(watched, watched, { ...options, familyOf: (name) => this.#family(name) });
  }

  /** The families of a single environment: not worth keeping, and what is kept for the fleet must not be pushed out. */
  writeOne(state: EnvironmentState, watched: readonly EnvironmentState[], options: ObservedOptions): Buffer[] {
    return this.#write([state], watched, { ...options, familyOf: () => new FamilyText() });
  }

  #write(
    shown: readonly EnvironmentState[],
    watched: readonly EnvironmentState[],
    options: ObservedOptions & { readonly familyOf: (name: ObservedMetricName) => FamilyText },
  ): Buffer[] {
    const labelKeys = this.#unionOfLabelKeys(watched);
    const fleet = shown.map((state) => {
      const fresh = freshness(state, options.now);
      return { state, fresh, blocks: this.#cache.blocks(state, { fresh, labelKeys }, options.format) };
    });
    const pieces: Buffer[] = [];
    for (const place of PLACES) {
      const { name, at } = place;
      const text = at === null ? this.#ages(place.name, fleet, options) : options.familyOf(name).pieces(fleet, at);
      if (text.length === 0) continue;
      pieces.push(place.heads[options.format]);
      for (const piece of text) pieces.push(piece);
    }
    return pieces;
  }

  /** Forgets environments that are no longer watched. */
  prune(watched: readonly EnvironmentState[]): void {
    this.#cache.prune(new Set(watched.map(({ environment }) => environment.id)));
  }

  /** Written anew at each scrape. */
  #ages(
    name: AgeMetricName,
    fleet: readonly { readonly state: EnvironmentState; readonly fresh: Freshness }[],
    { now, skewMs }: ObservedOptions,
  ): readonly Buffer[] {
    let text = '';
    for (const { state, fresh } of fleet) {
      const moment = { fresh, now, skewMs: skewMs(state.environment.connection) };
      for (const { value } of measureAge(name, state, moment)) {
        text += encodeSample(name, environmentLabels(state), value);
      }
    }
    return text === '' ? [] : [Buffer.from(text)];
  }

  #family(name: ObservedMetricName): FamilyText {
    const known = this.#families.get(name) ?? new FamilyText();
    this.#families.set(name, known);
    return known;
  }

  /** The same array as long as the keys are the same: text is cached by its identity. */
  #unionOfLabelKeys(states: readonly EnvironmentState[]): readonly string[] {
    const keys = [...new Set(states.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
    const same = keys.length === this.#labelKeys.length && keys.every((key, index) => key === this.#labelKeys[index]);
    if (!same) this.#labelKeys = keys;
    return this.#labelKeys;
  }
}
