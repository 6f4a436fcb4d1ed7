import type { EnvironmentState } from '../../state/environment-state.ts';
import type { MeasureContext } from '../measures/measure.ts';
import type { TextSection } from './sections.ts';

/** One environment at one scrape: its state, and what else its text depends on. */
export interface ShownEnvironment {
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
  /** Whether the last update changed the labels at the start of its lines. */
  isRelabelled = true;
  #environment: EnvironmentState['environment'] | null = null;
  #fresh: MeasureContext['fresh'] | null = null;
  #labelKeys: MeasureContext['labelKeys'] | null = null;
  /** The parts of the state that the sections depend on, section by section. */
  readonly #dependencies: unknown[];

  constructor(sections: readonly TextSection[]) {
    const count = sections.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
    this.#dependencies = new Array(count).fill(NOTHING);
  }

  /** Takes over what is shown now. `markChanged` is called for each section in which something has changed. */
  update(
    { state, context }: ShownEnvironment,
    sections: readonly TextSection[],
    markChanged: (section: number) => void,
  ): void {
    this.isRelabelled = this.#environment !== state.environment;
    const isSame = !this.isRelabelled && this.#fresh === context.fresh && this.#labelKeys === context.labelKeys;
    this.#environment = state.environment;
    this.#fresh = context.fresh;
    this.#labelKeys = context.labelKeys;
    let place = 0;
    for (let section = 0; section < sections.length; section++) {
      let hasChanged = !isSame;
      const { dependencies } = sections[section]!;
      for (let index = 0; index < dependencies.length; index++, place++) {
        if (this.#replace(place, dependencies[index]!(state), state)) hasChanged = true;
      }
      if (hasChanged) markChanged(section);
    }
  }

  /**
   * Takes over a part of the state; returns whether it is another one. Items are most of a state, and the next read replaces them: held weakly, they live
   * once, not also for as long as nobody scrapes.
   */
  #replace(place: number, part: unknown, { items }: EnvironmentState): boolean {
    const known = this.#dependencies[place];
    if (known === part || (known instanceof WeakRef && known.deref() === part)) return false;
    this.#dependencies[place] = part === items && items !== null ? new WeakRef(items) : part;
    return true;
  }
}
