import { alertOf, CONDITIONS, type ConditionName } from '../diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';
import type { Severity } from '../domain/environment.ts';

/** The windows of src/rules/condition-rules.ts. */
const SAID_WITHIN_SECONDS = 1800;
const HERE_WITHIN_SECONDS = 180;
const GONE_AFTER_SECONDS = 420;
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
    const isNew = (one: string) => here.includes(one) && judges.length > 0 && !judges.includes(one);
    const fires = [...this.#series].filter(([, { condition, last }]) => {
      const saying = [...last].filter(
        ([instance, said]) =>
          said.value === 1 && at - said.at < SAID_WITHIN_SECONDS && !isGone(instance) && !isNew(instance),
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

export interface Subject {
  readonly environment?: string;
  readonly connection?: string;
}

/** What the story tells beside the conditions. */
export interface Happening extends Subject {
  readonly event: 'trouble' | 'repair';
  readonly at: number;
  readonly what: string;
}

/** A line of the story. Times are seconds since the scenario's start. */
export type TimelineEvent = ConditionEvent | Happening;

/** A condition begins, its alert begins to fire, or it ends: with its page, if there was one. */
export interface ConditionEvent extends Subject {
  readonly event: 'begin' | 'page' | 'end';
  readonly at: number;
  readonly condition: ConditionName;
  readonly severity: Severity;
  readonly alert: string;
  readonly evidence: string;
  /** Why its alert is silent: `condition/severity`. */
  explained_by?: string;
  /** Of an end: whether its alert fired. */
  readonly paged?: boolean;
}

interface Open {
  readonly begin: ConditionEvent;
  isPaged: boolean;
}

/** Notes what becomes of each condition, from what all replicas say and what fires. */
export class Timeline {
  readonly events: ConditionEvent[] = [];
  readonly #open = new Map<string, Open>();
  /** Their page is over, and they are found still, since another one explains them. */
  readonly #told = new Set<string>();
  #firing: ReadonlyMap<string, Condition> = new Map();

  /** @param said by all replicas that run @param sinceOf when the present finding began, in seconds since the start */
  look(at: number, said: readonly Condition[], sinceOf: (condition: Condition) => number): void {
    for (const [key, conditions] of Map.groupBy(said, keyOf)) {
      const found = conditions.find(({ phase }) => phase === 'pending' || phase === 'holds' || phase === 'explained');
      const open = this.#open.get(key);
      if (found === undefined) {
        if (conditions.every(({ phase }) => phase === 'clear')) this.#gone(at, key, conditions[0]!);
        continue;
      }
      if (this.#told.has(key)) continue;
      const { explainedBy } = found;
      const by = explainedBy === null ? undefined : `${explainedBy.name}/${explainedBy.severity}`;
      if (open === undefined) {
        const since = Math.max(0, Math.min(at, sinceOf(found)));
        const begin = eventOf('begin', since, found, by === undefined ? {} : { explained_by: by });
        this.#open.set(key, { begin, isPaged: false });
        this.events.push(begin);
      } else if (by !== undefined && !open.isPaged) open.begin.explained_by ??= by;
    }
  }

  /** After an evaluation of the rules. */
  pages(at: number, firing: ReadonlyMap<string, Condition>): void {
    for (const [key, condition] of firing) {
      if (this.#firing.has(key)) continue;
      const begin = eventOf('begin', at, condition);
      const open = this.#open.get(key) ?? { begin, isPaged: true };
      open.isPaged = true;
      this.#open.set(key, open);
      this.#told.delete(key);
      this.events.push(eventOf('page', at, condition));
    }
    for (const [key, condition] of this.#firing) {
      if (firing.has(key)) continue;
      this.events.push(eventOf('end', at, condition, { paged: true }));
      this.#open.delete(key);
      this.#told.add(key);
    }
    this.#firing = firing;
  }

  #gone(at: number, key: string, condition: Condition): void {
    const open = this.#open.get(key);
    this.#told.delete(key);
    if (open === undefined || open.isPaged) return;
    this.#open.delete(key);
    this.events.push({ ...eventOf('end', at, condition, { paged: false }), evidence: open.begin.evidence });
  }
}

function eventOf(
  event: ConditionEvent['event'],
  at: number,
  { name, severity, subject, evidence }: Condition,
  more: Partial<ConditionEvent> = {},
): ConditionEvent {
  const about = subject.kind === 'environment' ? { environment: subject.name } : { connection: subject.name };
  const second = Math.round(at * 10) / 10;
  return { event, at: second, condition: name, severity, alert: alertOf(name), ...about, evidence, ...more };
}
