import type { BySeverity, Thresholds } from '../../domain/environment.ts';
import { type Html, html } from './html.ts';
import { durationText } from './human-text.ts';

type Written = (value: number) => string;

/** The limits that the alerts of an environment compare with. */
export function thresholdList(thresholds: Thresholds): Html {
  const { starting, active, stopping } = thresholds.stateAgeSeconds;
  const rows: readonly (readonly [what: string, limit: string])[] = [
    ['Oldest item waits', bySeverity(thresholds.queueAgeSeconds, durationText)],
    ['Items that wait', bySeverity(thresholds.queueDepth, String)],
    ['Items without a fresh heartbeat', bySeverity(thresholds.staleHeartbeatItems, String)],
    ['A heartbeat is fresh for', durationText(thresholds.staleHeartbeatSeconds)],
    ['An item starts for', one(starting, durationText)],
    ['An item runs for', one(active, durationText)],
    ['An item stops for', one(stopping, durationText)],
    ['A session waits for somebody for', durationText(thresholds.sessionWaitSeconds)],
    ['Deliveries of one item beyond the first', String(thresholds.redeliveries)],
    ['Fewest workers', thresholds.minWorkers === 0 ? 'no limit' : String(thresholds.minWorkers)],
  ];
  return html`<dl>${rows.map(([what, limit]) => html`<div><dt>${what}</dt><dd>${limit}</dd></div>`)}</dl>`;
}

function one(value: number, written: Written): string {
  return value === Number.POSITIVE_INFINITY ? 'no limit' : written(value);
}

function bySeverity({ warning, critical }: BySeverity, written: Written): string {
  const limits = [
    ...(Number.isFinite(warning) ? [`warning ${written(warning)}`] : []),
    ...(Number.isFinite(critical) ? [`critical ${written(critical)}`] : []),
  ];
  return limits.length === 0 ? 'no limit' : limits.join(', ');
}
