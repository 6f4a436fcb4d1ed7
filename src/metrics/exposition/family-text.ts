import type { EnvironmentState } from '../../state/environment-state.ts';
import type { MeasureContext } from '../measures/measure.ts';
import type { CachedMetricName } from '../measures/measures.ts';
import { type AnySample, encodeValue, environmentLabels, measureOf } from './environment-text.ts';
import { LabelText } from './label-text.ts';
import { editPart, emptyPart, type RowEdit, type TextPart } from './text-part.ts';

/** What the text of one environment is written from at one scrape. */
export interface EnvironmentRow {
  readonly state: EnvironmentState;
  readonly context: MeasureContext;
  /** The labels at the start of its lines have changed since the last scrape. */
  readonly isRelabelled: boolean;
}

/**
 * The text of one metric over the fleet, in parts of neighbouring environments. A row is rewritten only if a value or a
 * label has changed: a read with the same values costs no text, and an unchanged part stays the same Buffer.
 */
export class FamilyText {
  readonly #name: CachedMetricName;
  readonly #exemplars: boolean;
  readonly #labels: LabelText;
  readonly #parts: TextPart[] = [];

  constructor(name: CachedMetricName, exemplars: boolean) {
    this.#name = name;
    this.#exemplars = exemplars;
    this.#labels = new LabelText(name);
  }

  /**
   * Measures the rows of a part again in which something has changed; returns how many had to be rewritten.
   *
   * @param changed indexes into `rows`, in ascending order
   */
  update(part: number, rows: readonly EnvironmentRow[], changed: readonly number[]): number {
    const known = this.#parts[part];
    const before = known?.ends.length === rows.length ? known : emptyPart(rows.length);
    const edits: RowEdit[] = [];
    for (const row of changed) {
      const samples = measureOf(this.#name)(rows[row]!.state, rows[row]!.context);
      if (rows[row]!.isRelabelled || !this.#isWritten(before, row, samples)) {
        edits.push(this.#edit(row, rows[row]!.state, samples));
      }
    }
    this.#parts[part] = edits.length === 0 ? before : editPart(before, edits);
    return edits.length;
  }

  /** Forgets all parts but the first few. */
  keepParts(count: number): void {
    this.#parts.length = Math.min(this.#parts.length, count);
  }

  /** Adds the non-empty parts, in the order of the fleet. */
  addTexts(texts: Buffer[]): void {
    for (const { text } of this.#parts) if (text.length > 0) texts.push(text);
  }

  /**
   * Whether the text of the row already says this. The values of a histogram are not kept, so only an empty row can
   * match.
   */
  #isWritten({ ends, lineEnds, labels, values }: TextPart, row: number, samples: readonly AnySample[]): boolean {
    if (samples.length === 0) return ends[row] === (ends[row - 1] ?? 0);
    const start = lineEnds[row - 1] ?? 0;
    if (lineEnds[row]! - start !== samples.length) return false;
    return samples.every(
      (sample, index) =>
        Object.is(sample.value, values[start + index]) && this.#labels.of(sample.labels) === labels[start + index],
    );
  }

  #edit(row: number, state: EnvironmentState, samples: readonly AnySample[]): RowEdit {
    const edit = { row, text: '', labels: [] as string[], values: [] as number[] };
    const lead = environmentLabels(state);
    const exemplars = this.#exemplars && state.environment.exemplars;
    for (const { labels, value } of samples) {
      const own = this.#labels.of(labels);
      edit.text += encodeValue(this.#name, lead + own, { value, exemplars });
      if (typeof value !== 'number') continue;
      edit.labels.push(own);
      edit.values.push(value);
    }
    return edit;
  }
}
