import type { EpochMs } from '../../../../src/base/clock.ts';

export interface AlertCondition {
  readonly alertname: string;
  readonly severity: 'critical' | 'warning' | 'none';
  readonly labels: Readonly<Record<string, string>>;
  readonly holds: boolean;
  readonly forSeconds: number;
}

/** Writes `ALERTS` and `ALERTS_FOR_STATE` as Prometheus does. That the rules are right is proved with the rules. */
export class AlertBook {
  readonly #since = new Map<string, EpochMs>();

  lines(now: EpochMs, conditions: readonly AlertCondition[]): string[] {
    return conditions.flatMap(({ alertname, severity, labels, holds, forSeconds }) => {
      const text = Object.entries({ alertname, ...labels, severity })
        .map(([name, value]) => `${name}="${value}"`)
        .join(',');
      if (!holds) {
        this.#since.delete(text);
        return [];
      }
      const since = this.#since.get(text) ?? now;
      this.#since.set(text, since);
      const state = now - since >= forSeconds * 1000 ? 'firing' : 'pending';
      return [`ALERTS{${text},alertstate="${state}"} 1`, `ALERTS_FOR_STATE{${text}} ${since / 1000}`];
    });
  }
}
