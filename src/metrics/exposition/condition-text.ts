import type { Condition, DiagnosisReport } from '../../diagnosis/report.ts';
import { CATALOGUE } from '../catalogue/catalogue.ts';
import { environment_id, environment_name } from '../catalogue/metric-definition.ts';
import type { Format } from './format.ts';
import { encodeHead, encodeLabels, encodeSample } from './text-encoder.ts';

type Name = 'anthropic_work_condition' | 'anthropic_work_connection_condition';

/** The lines of one subject, and the conditions that they say. */
interface Lines {
  readonly conditions: readonly Condition[];
  readonly values: string;
  readonly stamps: string;
  readonly recent: string;
}

/** The series of the conditions. Reports and conditions never change, so that the text of those that are as before is kept. */
export class ConditionText {
  readonly #written: Readonly<Record<Name, Map<string, Lines>>> = {
    anthropic_work_condition: new Map(),
    anthropic_work_connection_condition: new Map(),
  };
  #report: DiagnosisReport | null = null;
  #texts: Partial<Record<Format, Buffer>> = {};

  /** @param report null when nothing can be said */
  write(report: DiagnosisReport | null, format: Format): Buffer[] {
    if (report !== this.#report) this.#texts = {};
    this.#report = report;
    if (report === null) return [];
    this.#texts[format] ??= Buffer.from(
      this.#families('anthropic_work_condition', report.environments, format) +
        this.#families('anthropic_work_connection_condition', report.connections, format),
    );
    return [this.#texts[format]];
  }

  /** In the order of the report: of its subjects, and of the table of conditions. */
  #families(name: Name, subjects: ReadonlyMap<string, readonly Condition[]>, format: Format): string {
    const written = this.#written[name];
    for (const key of written.keys()) if (!subjects.has(key)) written.delete(key);
    let [values, stamps, recent] = ['', '', ''];
    for (const [key, conditions] of subjects) {
      const before = written.get(key);
      const lines = before !== undefined && areSame(before.conditions, conditions) ? before : linesOf(name, conditions);
      written.set(key, lines);
      values += lines.values;
      stamps += lines.stamps;
      recent += lines.recent;
    }
    return (
      family(name, values, format) + family(sinceOf(name), stamps, format) + family(recentOf(name), recent, format)
    );
  }
}

const sinceOf = (name: Name) => `${name}_since_timestamp_seconds` as const;
const recentOf = (name: Name) => `${name}_recent` as const;

function family(name: Name | ReturnType<typeof sinceOf | typeof recentOf>, lines: string, format: Format): string {
  return lines === '' ? '' : encodeHead({ name, ...CATALOGUE[name] }, format) + lines;
}

/** Whether their lines are the same: the evidence may be another. */
function areSame(all: readonly Condition[], now: readonly Condition[]): boolean {
  return (
    all.length === now.length &&
    now.every((one, index) => {
      const before = all[index]!;
      if (one === before) return true;
      const { name, severity, subject, value, holdsFrom } = before;
      const isSameKind = one.name === name && one.severity === severity && one.subject === subject;
      return (
        isSameKind &&
        one.value === value &&
        one.isRecent === before.isRecent &&
        (value !== 1 || one.holdsFrom === holdsFrom)
      );
    })
  );
}

function linesOf(name: Name, conditions: readonly Condition[]): Lines {
  let [values, stamps, recent] = ['', '', ''];
  for (const { subject, name: condition, severity, value, holdsFrom, isRecent } of conditions) {
    if (value === null) continue;
    const labels = `${labelsOf(subject)},condition="${condition}",severity="${severity}"`;
    values += encodeSample(name, labels, value);
    if (isRecent) recent += encodeSample(recentOf(name), labels, value);
    if (value === 1 && holdsFrom !== null) stamps += encodeSample(sinceOf(name), labels, Math.round(holdsFrom) / 1000);
  }
  return { conditions, values, stamps, recent };
}

function labelsOf(subject: Condition['subject']): string {
  if (subject.kind === 'connection') return encodeLabels([['connection', subject.name]]);
  return encodeLabels([
    [environment_id, subject.id],
    [environment_name, subject.name],
  ]);
}
