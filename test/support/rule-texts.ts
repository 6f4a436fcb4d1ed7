import { ALERTS, renderRules } from '../../src/rules/render.ts';
import type { RuleOptions } from '../../src/rules/rule.ts';

export const ALERT_NAMES: readonly string[] = Object.keys(ALERTS);

/** The shipped rules with shorter minutes. What is counted in steps of a minute is counted in seconds. */
export function quickRules(options: RuleOptions, minuteMs: number): string {
  return (
    renderRules('prometheus', options)
      .replaceAll(/interval: .*/g, 'interval: 1s')
      // Two scrapes, and a little: here four.
      .replaceAll('[70s]', '[4s]')
      .replaceAll('[1h:1m]', '[60s:1s]')
      .replaceAll(/\[\d+[hd]:1m\]/g, '[20s:1s]')
      .replaceAll(/(?<=\[|for: )(\d+)m\b/g, (_, minutes: string) => `${Number(minutes) * minuteMs}ms`)
      .replaceAll('keep_firing_for: 2h', 'keep_firing_for: 1s')
  );
}
