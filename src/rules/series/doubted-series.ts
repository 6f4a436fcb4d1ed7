import { and, or, type Queries } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/**
 * What the rules about missing workers ask again and again, of the few environments for which such a page may be due or is
 * firing. Each of those questions would otherwise be about all environments. What is firing was overdue before, so windows
 * of minutes over these series are full.
 */
export function doubtedSeries(q: Queries): readonly Rule[] {
  const doubts = [RECORDED.overdue, RECORDED.unservedLong, RECORDED.withoutWorkers].map((name) => q.recorded(name));
  const inDoubt = `(${or(...doubts, q.firing('AnthropicWorkNoWorkers'))})`;
  return [
    { record: RECORDED.doubtedPolling, expr: and(q.recorded(RECORDED.polling), inDoubt) },
    { record: RECORDED.doubtedLive, expr: and(q.recorded(RECORDED.workersLive), inDoubt) },
    { record: RECORDED.doubtedWaiting, expr: and(q.recorded(RECORDED.waiting), inDoubt) },
  ];
}
