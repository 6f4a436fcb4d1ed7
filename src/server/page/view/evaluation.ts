import { type ConditionReport, isEvaluated, warmUpMs } from '../../../conditions/condition.ts';
import type { Notice } from './environment-notices.ts';
import { durationText } from './human-text.ts';

/**
 * Says that this process has stopped evaluating the rules: the absence of alerts then means nothing. Null while it
 * evaluates them.
 */
export function evaluationNotice(report: ConditionReport, now: number): Notice | null {
  if (report.evaluatedAt === null || isEvaluated(report, now)) return null;
  const ago = durationText((now - report.evaluatedAt) / 1000);
  return {
    text: `the alerts were last evaluated ${ago} ago: an alert may fire that is not shown here`,
    remedy: 'Ask Prometheus what fires. The log of the exporter says why (conditions.failed); restart it.',
  };
}

/**
 * Says that the process is young: somebody may have been paged for something that it has not seen long enough. Null
 * once it is old enough.
 */
export function warmUpText(report: ConditionReport, now: number): string | null {
  const ms = warmUpMs(report, now);
  return ms === null
    ? null
    : `The exporter started ${durationText(ms / 1000)} ago and does not know what happened before.`;
}

/** Where no alert is shown: whether that means something. */
export function noAlertText(report: ConditionReport, now: number): string {
  if (report.evaluatedAt === null) return 'The exporter has just started: no alert has been evaluated yet.';
  if (!isEvaluated(report, now)) return 'No alert was firing at the last evaluation.';
  const warmUp = warmUpText(report, now);
  const rest = 'alert is firing or about to fire, and there is nothing else to report.';
  return warmUp === null ? `No ${rest}` : `No known ${rest} ${warmUp}`;
}
