import type { EpochMs } from '../../base/clock.ts';
import { SerialQueue } from '../../base/serial-queue.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { CATALOGUE, OBSERVED_METRIC_NAMES, type ObservedMetricName } from '../catalogue/catalogue.ts';
import { freshness } from '../measures/freshness.ts';
import { AGE_METRIC_NAMES, type AgeMetricName, measureAge } from '../measures/stats-measures.ts';
import { encodeMetric, environmentLabels } from './environment-text.ts';
import { FleetText, PART_ROWS } from './fleet-text.ts';
import { FORMATS, type Format } from './format.ts';
import { HISTOGRAM_SECTIONS, NUMBER_SECTIONS } from './sections.ts';
import { encodeHead, encodeSample } from './text-encoder.ts';
import type { ShownEnvironment } from './written-row.ts';

const HEADS = new Map(
  OBSERVED_METRIC_NAMES.map((name) => {
    const heads = FORMATS.map((format) => [format, Buffer.from(encodeHead({ name, ...CATALOGUE[name] }, format))]);
    return [name, Object.fromEntries(heads) as Record<Format, Buffer>];
  }),
);

export interface ObservedOptions {
  readonly now: EpochMs;
  readonly format: Format;
  readonly skewMs: (connection: string) => number;
}

/** The part of an exposition that is measured from states. Keeps its text between scrapes. */
export class ObservedText {
  readonly #numbers = new FleetText(NUMBER_SECTIONS, { exemplars: false });
  readonly #histograms = new FleetText(HISTOGRAM_SECTIONS, { exemplars: false });
  readonly #withExemplars = new FleetText(HISTOGRAM_SECTIONS, { exemplars: true });
  /** Only one scrape at a time updates the kept text. */
  readonly #queue = new SerialQueue();
  readonly #pause: () => Promise<void>;
  #labelKeys: readonly string[] = [];

  /** `pause` lets other work run. */
  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  /** The families of the whole fleet, in the order of the catalogue, each with its environments in their order. */
  write(watched: readonly EnvironmentState[], options: ObservedOptions): Promise<Buffer[]> {
    return this.#queue.run(() => this.#write(watched, options));
  }

  /** The families of a single environment. They are not cached, so that they do not evict the fleet's text. */
  writeOne(state: EnvironmentState, watched: readonly EnvironmentState[], options: ObservedOptions): Buffer[] {
    const context = { fresh: freshness(state, options.now), labelKeys: this.#unionOfLabelKeys(watched) };
    return families(options.format, (name, texts) => {
      const text = isAge(name)
        ? ages(name, [{ state, context }], options)
        : encodeMetric(name, state, { context, format: options.format });
      if (text !== '') texts.push(Buffer.from(text));
    });
  }

  async #write(watched: readonly EnvironmentState[], options: ObservedOptions): Promise<Buffer[]> {
    const labelKeys = this.#unionOfLabelKeys(watched);
    const exemplars = options.format === 'openmetrics' && watched.some(({ environment }) => environment.exemplars);
    const fleetTexts = [this.#numbers, exemplars ? this.#withExemplars : this.#histograms];
    const ageTexts = new Map<AgeMetricName, Buffer[]>(AGE_METRIC_NAMES.map((name) => [name, []]));
    const parts = Math.ceil(watched.length / PART_ROWS);
    for (let part = 0; part < parts; part++) {
      if (part > 0) await this.#pause();
      const shown = watched
        .slice(part * PART_ROWS, (part + 1) * PART_ROWS)
        .map((state): ShownEnvironment => ({ state, context: { fresh: freshness(state, options.now), labelKeys } }));
      for (const one of fleetTexts) one.update(part, shown);
      // The only metrics that are rewritten at each scrape.
      for (const [name, texts] of ageTexts) {
        const text = ages(name, shown, options);
        if (text !== '') texts.push(Buffer.from(text));
      }
    }
    for (const one of [this.#numbers, this.#histograms, this.#withExemplars]) one.keepParts(parts);
    return families(options.format, (name, texts) => {
      if (isAge(name)) texts.push(...ageTexts.get(name)!);
      else for (const one of fleetTexts) one.addTexts(name, texts);
    });
  }

  /** The same array as long as the keys are the same: text is cached by its identity. */
  #unionOfLabelKeys(states: readonly EnvironmentState[]): readonly string[] {
    const keys = [...new Set(states.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
    const same = keys.length === this.#labelKeys.length && keys.every((key, index) => key === this.#labelKeys[index]);
    if (!same) this.#labelKeys = keys;
    return this.#labelKeys;
  }
}

/** Every family that has text, with its head. */
function families(format: Format, addTexts: (name: ObservedMetricName, texts: Buffer[]) => void): Buffer[] {
  const all: Buffer[] = [];
  for (const name of OBSERVED_METRIC_NAMES) {
    all.push(HEADS.get(name)![format]);
    const withHead = all.length;
    addTexts(name, all);
    if (all.length === withHead) all.pop();
  }
  return all;
}

function ages(name: AgeMetricName, shown: readonly ShownEnvironment[], { now, skewMs }: ObservedOptions): string {
  let text = '';
  for (const { state, context } of shown) {
    const moment = { fresh: context.fresh, now, skewMs: skewMs(state.environment.connection) };
    for (const { value } of measureAge(name, state, moment)) {
      text += encodeSample(name, environmentLabels(state), value);
    }
  }
  return text;
}

function isAge(name: ObservedMetricName): name is AgeMetricName {
  return (AGE_METRIC_NAMES as readonly string[]).includes(name);
}
