import { beginningOf } from '../base/beginning-of.ts';

/** What can be new in the API's answers: the label `kind` of `api_unknown_values_total`. */
export type DriftKind = 'state' | 'work_type' | 'field';

/** How many names are remembered, so that answers with random keys cannot fill the memory. */
const MOST_FIELDS = 1000;
const LONGEST_FIELD = 128;

/** Reports what the API says and this version does not know: values each time, a field once per name. */
export class Drift {
  readonly #report: (kind: DriftKind) => void;
  readonly #fields = new Set<string>();
  #reported = 0;

  constructor(report: (kind: DriftKind) => void) {
    this.#report = report;
  }

  /** How many reports there were: unchanged by an answer that has nothing new. */
  get reported(): number {
    return this.#reported;
  }

  value(kind: DriftKind): void {
    this.#reported++;
    this.#report(kind);
  }

  /** Reports the keys of `object` that are neither known nor already reported; `owner` tells equal names apart. */
  fields(owner: string, object: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): void {
    for (const key in object) {
      if (known.has(key)) continue;
      const name = `${owner}.${beginningOf(key, LONGEST_FIELD)}`;
      if (this.#fields.has(name) || this.#fields.size >= MOST_FIELDS) continue;
      this.#fields.add(name);
      this.value('field');
    }
  }
}
