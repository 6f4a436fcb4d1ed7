import type { CachedMetricName } from '../measures/measures.ts';
import { type EnvironmentRow, FamilyText } from './family-text.ts';
import type { TextSection } from './sections.ts';
import { type ShownEnvironment, WrittenRow } from './written-row.ts';

/** This many environments are written without a pause: it takes a few milliseconds when all of them have changed. */
export const PART_ROWS = 64;

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

  /** Updates the text of one part: `PART_ROWS` environments, fewer in the last one. */
  update(part: number, shown: readonly ShownEnvironment[]): void {
    const known = this.#parts[part];
    const written = known?.length === shown.length ? known : shown.map(() => new WrittenRow(this.#sections));
    // If a measure fails, the next scrape writes all of the part.
    this.#parts[part] = [];
    const changedRows: number[][] = this.#sections.map(() => []);
    let row = 0;
    // One closure for all rows and a counting loop: nearly all rows are unchanged and cost nothing else.
    const markChanged = (section: number) => void changedRows[section]!.push(row);
    for (; row < shown.length; row++) written[row]!.update(shown[row]!, this.#sections, markChanged);
    if (changedRows.some(({ length }) => length > 0)) {
      const rows = shown.map(({ state, context }, index): EnvironmentRow => {
        return { state, context, isRelabelled: written[index]!.isRelabelled };
      });
      this.#writeAgain(part, rows, changedRows);
    }
    this.#parts[part] = written;
  }

  /** @param changedRows for each section, the rows that have changed */
  #writeAgain(part: number, rows: readonly EnvironmentRow[], changedRows: readonly (readonly number[])[]): void {
    for (const [at, { names }] of this.#sections.entries()) {
      if (changedRows[at]!.length === 0) continue;
      for (const name of names) this.#rowsWritten += this.#families.get(name)!.update(part, rows, changedRows[at]!);
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
}
