import type { EnvironmentState } from '../../state/environment-state.ts';
import type { MeasureContext } from '../measures/measure.ts';
import type { TextSection } from './sections.ts';

/** What is shown of one environment, and in what context. */
export interface Shown {
  readonly state: EnvironmentState;
  readonly context: MeasureContext;
}

/** Differs from every part of a state. */
const NOTHING = Symbol();

/**
 * The values from which the text of one environment was rendered. Updated in place: new objects at each scrape would only be
 * freed by a full garbage collection.
 */
export class WrittenRow {
  /** The labels at the start of its lines were others before the last update. */
  isRelabelled = true;
  #environment: EnvironmentState['environment'] | null = null;
  #fresh: MeasureContext['fresh'] | null = null;
  #labelKeys: MeasureContext['labelKeys'] | null = null;
  /** The parts of the state that the sections depend on, section by section. */
  readonly #parts: unknown[];

  constructor(sections: readonly TextSection[]) {
    const count = sections.reduce((sum, { parts }) => sum + parts.length, 0);
    this.#parts = new Array(count).fill(NOTHING);
  }

  /** Takes over what is shown now. `stale`: told of each section in which something has changed. */
  update({ state, context }: Shown, sections: readonly TextSection[], stale: (section: number) => void): void {
    this.isRelabelled = this.#environment !== state.environment;
    const isSame = !this.isRelabelled && this.#fresh === context.fresh && this.#labelKeys === context.labelKeys;
    this.#environment = state.environment;
    this.#fresh = context.fresh;
    this.#labelKeys = context.labelKeys;
    let place = 0;
    for (let section = 0; section < sections.length; section++) {
      let isStale = !isSame;
      const { parts } = sections[section]!;
      for (let index = 0; index < parts.length; index++, place++) {
        if (this.#take(place, parts[index]!(state), state)) isStale = true;
      }
      if (isStale) stale(section);
    }
  }

  /**
   * True if the part is another one. Items are most of a state, and the next read replaces them: held weakly, they live
   * once, not also for as long as nobody scrapes.
   */
  #take(place: number, part: unknown, { items }: EnvironmentState): boolean {
    const held = this.#parts[place];
    if (held === part || (held instanceof WeakRef && held.deref() === part)) return false;
    this.#parts[place] = part === items && items !== null ? new WeakRef(items) : part;
    return true;
  }
}
