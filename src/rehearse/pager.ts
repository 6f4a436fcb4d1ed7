import { CONDITIONS } from '../diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';

/** The windows of src/rules/condition-rules.ts. */
const SAID_WITHIN_SECONDS = 1800;
const HERE_WITHIN_SECONDS = 180;
const GONE_AFTER_SECONDS = 360;
const GROWN_UP_AFTER_SECONDS = 600;
/** For so long Prometheus takes a series as it was. */
const LOOK_BACK_SECONDS = 300;

interface Series {
  readonly condition: Condition;
  /** The last sample of each replica. */
  readonly last: Map<string, { readonly at: number; readonly value: 0 | 1 }>;
}

/** Names one severity of a condition of a subject. */
export function keyOf({ name, severity, subject }: Condition): string {
  return `${subject.kind} ${subject.kind === 'environment' ? subject.id : subject.name} ${name} ${severity}`;
}

export function conditionsIn({ environments, connections }: DiagnosisReport): readonly Condition[] {
  return [...connections.values(), ...environments.values()].flat();
}

/** What the shipped rules make of the scraped conditions: what the replicas said last. Times are seconds. */
export class Pager {
  readonly #series = new Map<string, Series>();
  /** When each replica was last scraped. */
  readonly #seen = new Map<string, number>();

  /** Who was here at each evaluation of the last minutes. */
  #evaluations: { readonly at: number; readonly here: readonly string[] }[] = [];
  /** Of how many replicas the word is needed; as long as nobody is there, of as many as before. */
  #replicas = 0;

  /** @param report null: the scrape failed, or nothing is said */
  scrape(at: number, instance: string, report: DiagnosisReport | null): void {
    if (report === null) return;
    this.#seen.set(instance, at);
    for (const condition of conditionsIn(report)) {
      const { value, isRecent } = condition;
      if (value === null || !isRecent) continue;
      const key = keyOf(condition);
      const { last } = this.#series.get(key) ?? { last: new Map() };
      this.#series.set(key, { condition, last });
      last.set(instance, { at, value });
    }
  }

  /** What fires at this evaluation of the rules, by key. */
  firing(at: number): ReadonlyMap<string, Condition> {
    const here = [...this.#seen.keys()].filter((one) => this.#wasSeen(one, at, HERE_WITHIN_SECONDS));
    this.#evaluations = this.#evaluations.filter((one) => at - one.at < GROWN_UP_AFTER_SECONDS + LOOK_BACK_SECONDS);
    this.#evaluations.push({ at, here });
    const before = this.#evaluations.findLast((one) => at - one.at > GROWN_UP_AFTER_SECONDS - 1)?.here ?? [];
    const judges = before.length === 0 ? here : here.filter((name) => before.includes(name));
    if (judges.length > 0) this.#replicas = judges.length;
    const isGone = (one: string) => here.length > 0 && !this.#wasSeen(one, at, GONE_AFTER_SECONDS);
    const fires = [...this.#series].filter(([, { condition, last }]) => {
      const saying = [...last].filter(
        ([instance, said]) => said.value === 1 && at - said.at < SAID_WITHIN_SECONDS && !isGone(instance),
      );
      return CONDITIONS[condition.name].rules?.replicas === 'all'
        ? saying.length > 0 && saying.length >= this.#replicas
        : saying.length > 0;
    });
    return new Map(fires.map(([key, { condition }]) => [key, condition]));
  }

  #wasSeen(instance: string, at: number, withinSeconds: number): boolean {
    return at - this.#seen.get(instance)! < withinSeconds;
  }
}
