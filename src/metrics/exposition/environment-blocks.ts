import type { EnvironmentState } from '../../state/environment-state.ts';
import type { MeasureContext } from '../measures/measure.ts';
import { encodeMetric, hasExemplars } from './environment-text.ts';
import type { Format } from './format.ts';
import { SECTIONS, type TextSection } from './sections.ts';

/** A block per metric, empty where it has no samples; one list per section, in the order of `SECTIONS`. */
export type Blocks = readonly (readonly Buffer[])[];

interface WrittenSection {
  readonly key: readonly unknown[];
  readonly blocks: readonly Buffer[];
}

/** The last text of one environment, and what it was written from. */
interface WrittenEnvironment {
  readonly state: EnvironmentState;
  readonly context: MeasureContext;
  readonly sections: readonly WrittenSection[];
  readonly blocks: Blocks;
}

const NOTHING = Buffer.alloc(0);

/**
 * Keeps the text of every watched environment as Buffers and writes a section again only when what it depends on was
 * replaced: states are immutable, so identity tells. Strings would be ropes that are read again at every scrape.
 */
export class BlockCache {
  readonly #plain = new Map<string, WrittenEnvironment>();
  /** Only of environments whose text differs between the formats. */
  readonly #withExemplars = new Map<string, WrittenEnvironment>();

  /** The text of one environment, written where it is not current. */
  blocks(state: EnvironmentState, context: MeasureContext, format: Format): Blocks {
    const cache = format === 'openmetrics' && hasExemplars(state) ? this.#withExemplars : this.#plain;
    const known = cache.get(state.environment.id);
    if (known !== undefined && known.state === state && sameContext(known.context, context)) return known.blocks;
    const sections = SECTIONS.map((section, index) => {
      const key = [state.environment, context.fresh, context.labelKeys, ...section.parts(state)];
      const written = known?.sections[index];
      if (written !== undefined && key.every((part, at) => part === written.key[at])) return written;
      return { key, blocks: writeSection(section, state, { context, format }) };
    });
    const blocks = sections.map((section) => section.blocks);
    cache.set(state.environment.id, { state, context, sections, blocks });
    return blocks;
  }

  /** Forgets environments that are no longer watched. */
  prune(watched: ReadonlySet<string>): void {
    for (const cache of [this.#plain, this.#withExemplars]) {
      if (cache.size === 0) continue;
      for (const id of cache.keys()) if (!watched.has(id)) cache.delete(id);
    }
  }

  get size(): number {
    return this.#plain.size + this.#withExemplars.size;
  }
}

function sameContext(a: MeasureContext, b: MeasureContext): boolean {
  return a.fresh === b.fresh && a.labelKeys === b.labelKeys;
}

function writeSection(
  { names }: TextSection,
  state: EnvironmentState,
  options: { readonly context: MeasureContext; readonly format: Format },
): readonly Buffer[] {
  return names.map((name) => {
    const text = encodeMetric(name, state, options);
    return text === '' ? NOTHING : Buffer.from(text);
  });
}
