import type { EnvironmentState } from '../../state/environment-state.ts';
import type { MeasureContext } from '../measures/measure.ts';
import type { CachedMetricName } from '../measures/measures.ts';
import { FamilyText, type Row } from './family-text.ts';
import type { TextSection } from './sections.ts';

/** This many environments are written without a pause: it takes a few milliseconds when all of them have changed. */
export const PART_ROWS = 64;

/** What is shown of one environment, and in what context. */
export interface Shown {
  readonly state: EnvironmentState;
  readonly context: MeasureContext;
}

/**
 * What the text of one environment was written from. Items and ledger are most of a state, and the next read replaces
 * both: held weakly, they live once, not also for as long as nobody scrapes.
 */
interface WrittenRow {
  readonly state: WeakRef<EnvironmentState>;
  readonly environment: EnvironmentState['environment'];
  readonly context: MeasureContext;
  /** One key per section. */
  readonly keys: readonly (readonly unknown[])[];
}

/**
 * Keeps the text of the whole fleet for some sections. A section of an environment is measured again only when
 * something that it depends on was replaced: states are immutable, so comparing identity is enough.
 */
export class FleetText {
  readonly #sections: readonly TextSection[];
  readonly #families: ReadonlyMap<CachedMetricName, FamilyText>;
  readonly #parts: (readonly WrittenRow[])[] = [];
  #rowsWritten = 0;

  constructor(sections: readonly TextSection[], { exemplars }: { readonly exemplars: boolean }) {
    this.#sections = sections;
    const names = sections.flatMap((section) => section.names);
    this.#families = new Map(names.map((name) => [name, new FamilyText(name, exemplars)]));
  }

  /** Updates one part. */
  update(part: number, shown: readonly Shown[]): void {
    const known = this.#parts[part];
    const before = known?.length === shown.length ? known : [];
    const stale: number[][] = this.#sections.map(() => []);
    const written = shown.map((one, row) => {
      const last = before[row];
      return last !== undefined && isSame(last, one) ? last : this.#writtenRow(one, last, (at) => stale[at]!.push(row));
    });
    const rows = shown.map(
      ({ state, context }, row): Row => ({
        state,
        context,
        isRelabelled: before[row]?.environment !== state.environment,
      }),
    );
    for (const [at, { names }] of this.#sections.entries()) {
      if (stale[at]!.length === 0) continue;
      for (const name of names) this.#rowsWritten += this.#families.get(name)!.update(part, rows, stale[at]!);
    }
    this.#parts[part] = written;
  }

  /** Forgets all parts but the first few. */
  keepParts(count: number): void {
    if (count >= this.#parts.length) return;
    this.#parts.length = count;
    for (const family of this.#families.values()) family.keepParts(count);
  }

  /** The text of a metric; empty if none of these sections has it. */
  texts(name: CachedMetricName): readonly Buffer[] {
    return this.#families.get(name)?.texts() ?? [];
  }

  /** How often a row has been rewritten so far. */
  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  #writtenRow({ state, context }: Shown, last: WrittenRow | undefined, stale: (section: number) => void): WrittenRow {
    const keys = this.#sections.map(({ parts }, section) => {
      const key = [state.environment, context.fresh, context.labelKeys, ...parts(state)];
      const known = last?.keys[section];
      if (known !== undefined && key.every((one, at) => one === heldIn(known[at]))) return known;
      stale(section);
      return key.map((one) => (one !== null && one === state.items ? new WeakRef(state.items) : one));
    });
    return { state: new WeakRef(state), environment: state.environment, context, keys };
  }
}

function heldIn(part: unknown): unknown {
  return part instanceof WeakRef ? part.deref() : part;
}

function isSame({ state, context }: WrittenRow, now: Shown): boolean {
  const { fresh, labelKeys } = now.context;
  return context.fresh === fresh && context.labelKeys === labelKeys && state.deref() === now.state;
}
