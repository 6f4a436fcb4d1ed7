import type { EpochMs } from '../../base/clock.ts';
import type { LabelSet, MoreLabels } from '../../promql/store/label-set.ts';
import type { Vector } from '../../promql/vector.ts';
import { durationMs } from '../../rules/parts/durations.ts';
import type { AlertingRule } from '../../rules/parts/rule.ts';

/** One alert of a rule, for one label set, while it is pending, fires, or is kept firing. */
export interface AlertInstance {
  readonly rule: AlertingRule;
  readonly labels: LabelSet;
  /** The value of the expression when it last held. */
  readonly value: number;
  /** Since when the expression has held. */
  readonly activeAt: EpochMs;
  /** Since when it has been firing; null while it is pending. */
  readonly firedAt: EpochMs | null;
  /** Since when the expression no longer holds, while `keep_firing_for` keeps the alert. */
  readonly keepFiringSince: EpochMs | null;
}

/** The alerts of one rule from one evaluation to the next, as Prometheus keeps them. */
export class AlertInstances {
  readonly #rule: AlertingRule;
  readonly #forMs: number;
  readonly #keepMs: number;
  readonly #ruleLabels: MoreLabels;
  #active = new Map<LabelSet, AlertInstance>();

  constructor(rule: AlertingRule) {
    this.#rule = rule;
    this.#ruleLabels = { values: { ...rule.labels, alertname: rule.alert } };
    this.#forMs = rule.for === null ? 0 : durationMs(rule.for);
    this.#keepMs = rule.keepFiringFor === null ? 0 : durationMs(rule.keepFiringFor);
  }

  get active(): readonly AlertInstance[] {
    return [...this.#active.values()];
  }

  /** No alert of the rule is pending, firing or kept firing: the state that Prometheus calls inactive. */
  get isInactive(): boolean {
    return this.#active.size === 0;
  }

  /** Moves the alerts on by the result of the expression at one evaluation. */
  update(vector: Vector, at: EpochMs): void {
    if (vector.length === 0 && this.isInactive) return;
    const next = new Map<LabelSet, AlertInstance>();
    for (let index = 0; index < vector.length; index++) {
      const { labels: sampleLabels, value } = vector[index]!;
      const labels = sampleLabels.with(this.#ruleLabels);
      const previous = this.#active.get(labels);
      const activeAt = previous?.activeAt ?? at;
      const firedAt = previous?.firedAt ?? (at - activeAt >= this.#forMs ? at : null);
      const isSame =
        previous?.firedAt === firedAt && previous.keepFiringSince === null && Object.is(previous.value, value);
      next.set(
        labels,
        isSame ? previous : { rule: this.#rule, labels, value, activeAt, firedAt, keepFiringSince: null },
      );
    }
    for (const [labels, previous] of this.#active) {
      if (next.has(labels) || previous.firedAt === null) continue;
      const keepFiringSince = previous.keepFiringSince ?? at;
      if (this.#keepMs > 0 && at - keepFiringSince < this.#keepMs) next.set(labels, { ...previous, keepFiringSince });
    }
    this.#active = next;
  }
}
