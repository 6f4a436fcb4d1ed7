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
  /** What the sections depend on, one after the other: each of them always has as many parts. */
  readonly parts: readonly unknown[];
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
    if (stale.some(({ length }) => length > 0)) {
      const rows = shown.map(({ state, context }, row): Row => {
        return { state, context, isRelabelled: before[row]?.environment !== state.environment };
      });
      this.#writeAgain(part, rows, stale);
    }
    this.#parts[part] = written;
  }

  /** `stale`: of each section, the rows that something has changed in. */
  #writeAgain(part: number, rows: readonly Row[], stale: readonly (readonly number[])[]): void {
    for (const [at, { names }] of this.#sections.entries()) {
      if (stale[at]!.length === 0) continue;
      for (const name of names) this.#rowsWritten += this.#families.get(name)!.update(part, rows, stale[at]!);
    }
  }

  /** Forgets all parts but the first few. */
  keepParts(count: number): void {
    if (count >= this.#parts.length) return;
    this.#parts.length = count;
    for (const family of this.#families.values()) family.keepParts(count);
  }

  /** Adds the text of a metric; nothing if none of these sections has it. */
  addTexts(name: CachedMetricName, texts: Buffer[]): void {
    this.#families.get(name)?.addTexts(texts);
  }

  /** How often a row has been rewritten so far. */
  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  #writtenRow({ state, context }: Shown, last: WrittenRow | undefined, stale: (section: number) => void): WrittenRow {
    const { environment, items } = state;
    const known = last?.environment === environment && isSameContext(last.context, context) ? last.parts : null;
    const parts: unknown[] = [];
    let isUnchanged = true;
    for (const [section, { parts: partsOf }] of this.#sections.entries()) {
      let isKnown = known !== null;
      for (const part of partsOf(state)) {
        isKnown &&= part === heldIn(known![parts.length]);
        parts.push(part);
      }
      if (isKnown) continue;
      isUnchanged = false;
      stale(section);
    }
    const written = { state: new WeakRef(state), environment, context };
    if (known !== null && isUnchanged) return { ...written, parts: known };
    const held = items && new WeakRef(items);
    // Mapped, since an array that grew has room to spare.
    return { ...written, parts: parts.map((part) => (part !== null && part === items ? held : part)) };
  }
}

function heldIn(part: unknown): unknown {
  return part instanceof WeakRef ? part.deref() : part;
}

function isSame({ state, context }: WrittenRow, now: Shown): boolean {
  return isSameContext(context, now.context) && state.deref() === now.state;
}

function isSameContext(one: MeasureContext, { fresh, labelKeys }: MeasureContext): boolean {
  return one.fresh === fresh && one.labelKeys === labelKeys;
}
