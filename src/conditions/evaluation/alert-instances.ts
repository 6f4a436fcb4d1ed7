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
  readonly keptSince: EpochMs | null;
}

/** The alerts of one rule from one evaluation to the next, as Prometheus keeps them. */
export class AlertInstances {
  readonly #rule: AlertingRule;
  readonly #forMs: number;
  readonly #keepMs: number;
  readonly #own: MoreLabels;
  #active = new Map<LabelSet, AlertInstance>();

  constructor(rule: AlertingRule) {
    this.#rule = rule;
    this.#own = { values: { ...rule.labels, alertname: rule.alert } };
    this.#forMs = rule.for === null ? 0 : durationMs(rule.for);
    this.#keepMs = rule.keepFiringFor === null ? 0 : durationMs(rule.keepFiringFor);
  }

  get active(): readonly AlertInstance[] {
    return [...this.#active.values()];
  }

  /** Neither pending nor firing. */
  get isQuiet(): boolean {
    return this.#active.size === 0;
  }

  /** Takes in the result of the expression. */
  evaluated(vector: Vector, at: EpochMs): void {
    if (vector.length === 0 && this.isQuiet) return;
    const next = new Map<LabelSet, AlertInstance>();
    for (let index = 0; index < vector.length; index++) {
      const { labels: own, value } = vector[index]!;
      const labels = own.with(this.#own);
      const known = this.#active.get(labels);
      const activeAt = known?.activeAt ?? at;
      const firedAt = known?.firedAt ?? (at - activeAt >= this.#forMs ? at : null);
      const isSame = known?.firedAt === firedAt && known.keptSince === null && Object.is(known.value, value);
      next.set(labels, isSame ? known : { rule: this.#rule, labels, value, activeAt, firedAt, keptSince: null });
    }
    for (const [labels, known] of this.#active) {
      if (next.has(labels) || known.firedAt === null) continue;
      const keptSince = known.keptSince ?? at;
      if (this.#keepMs > 0 && at - keptSince < this.#keepMs) next.set(labels, { ...known, keptSince });
    }
    this.#active = next;
  }
}
