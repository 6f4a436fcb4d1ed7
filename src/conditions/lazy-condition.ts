import type { EpochMs } from '../base/clock.ts';
import type { Condition } from './condition.ts';

/** What a condition says, rendered when somebody asks for it. */
export interface ConditionTexts {
  readonly value: number;
  summary(): string;
  description(): string;
  environments(): readonly string[];
}

/**
 * A condition whose texts are made when they are read. A class: V8 gives each object literal with getters a shape of
 * its own, which lives until a full garbage collection.
 */
export class LazyCondition implements Condition {
  readonly alert: Condition['alert'];
  readonly severity: Condition['severity'];
  readonly phase: Condition['phase'];
  readonly subject: Condition['subject'];
  readonly since: EpochMs;
  readonly firesAt: EpochMs;
  readonly mayBeOlder: boolean;
  readonly labels: Condition['labels'];
  readonly #texts: ConditionTexts;

  constructor(facts: Omit<Condition, 'value' | 'summary' | 'description' | 'environments'>, texts: ConditionTexts) {
    this.alert = facts.alert;
    this.severity = facts.severity;
    this.phase = facts.phase;
    this.subject = facts.subject;
    this.since = facts.since;
    this.firesAt = facts.firesAt;
    this.mayBeOlder = facts.mayBeOlder === true;
    this.labels = facts.labels;
    this.#texts = texts;
  }

  /** A condition that is recovering keeps them. */
  get texts(): ConditionTexts {
    return this.#texts;
  }

  get value(): number {
    return this.#texts.value;
  }

  get summary(): string {
    return this.#texts.summary();
  }

  get description(): string {
    return this.#texts.description();
  }

  get environments(): readonly string[] {
    return this.#texts.environments();
  }
}
