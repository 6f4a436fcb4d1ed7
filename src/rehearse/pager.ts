import { CONDITIONS } from '../diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';

/** The windows of src/rules/condition-rules.ts, and how often its slow group is evaluated. */
const SAID_WITHIN_SECONDS = 1800;
const GONE_AFTER_SECONDS = 360;
const NOW_SECONDS = 70;
const WATCHES_WITHIN_SECONDS = 180;
const SLOW_SECONDS = 120;

interface Series {
  readonly condition: Condition;
  /** The last sample of each replica. */
  readonly last: Map<string, { readonly at: number; readonly value: 0 | 1 }>;
  /** When each replica last said 1. */
  readonly now: Map<string, number>;
}

/** Names one severity of a condition of a subject. */
export function keyOf({ name, severity, subject }: Condition): string {
  return `${subject.kind} ${subject.kind === 'environment' ? subject.id : subject.name} ${name} ${severity}`;
}

export function conditionsIn({ environments, connections }: DiagnosisReport): readonly Condition[] {
  return [...connections.values(), ...environments.values()].flat();
}

/**
 * What the shipped rules make of the scraped conditions: what the replicas said last, looked up every two minutes, and what
 * is new since then. Times are seconds.
 */
export class Pager {
  readonly #series = new Map<string, Series>();
  /** When each replica was last scraped. */
  readonly #seen = new Map<string, number>();
  /** The share of replicas that said 1 last. */
  #said: ReadonlyMap<string, number> = new Map();
  #saidAt = Number.NEGATIVE_INFINITY;

  /** @param report null: the scrape failed, or nothing is said */
  scrape(at: number, instance: string, report: DiagnosisReport | null): void {
    if (report === null) return;
    this.#seen.set(instance, at);
    for (const condition of conditionsIn(report)) {
      const { value } = condition;
      if (value === null) continue;
      const key = keyOf(condition);
      const { last, now } = this.#series.get(key) ?? { last: new Map(), now: new Map() };
      this.#series.set(key, { condition, last, now });
      last.set(instance, { at, value });
      if (value === 1) now.set(instance, at);
    }
  }

  /** What fires at this evaluation of the rules, by key. */
  firing(at: number): ReadonlyMap<string, Condition> {
    if (at - this.#saidAt >= SLOW_SECONDS) this.#lookUp(at);
    const replicas = this.#seenWithin(at, WATCHES_WITHIN_SECONDS).length;
    const fires = [...this.#series].filter(([key, { condition, now }]) => {
      const saying = [...now.values()].filter((said) => at - said < NOW_SECONDS).length;
      const sayNow = replicas === 0 ? 0 : saying / replicas;
      const share = sayNow === 1 ? 1 : (this.#said.get(key) ?? sayNow);
      return CONDITIONS[condition.name].replicas === 'any' ? share > 0 : share === 1;
    });
    return new Map(fires.map(([key, { condition }]) => [key, condition]));
  }

  #lookUp(at: number): void {
    this.#saidAt = at;
    const present = this.#seenWithin(at, GONE_AFTER_SECONDS);
    const isWatched = this.#seenWithin(at, WATCHES_WITHIN_SECONDS).length > 0;
    const said = [...this.#series].map(([key, { last }]) => {
      const samples = [...last].filter(
        ([instance, sample]) => at - sample.at < SAID_WITHIN_SECONDS && (!isWatched || present.includes(instance)),
      );
      return [key, samples.filter(([, { value }]) => value === 1).length / Math.max(1, samples.length)] as const;
    });
    this.#said = new Map(said.filter(([, share]) => share > 0));
  }

  #seenWithin(at: number, seconds: number): readonly string[] {
    return [...this.#seen].filter(([, seen]) => at - seen < seconds).map(([instance]) => instance);
  }
}
