import type { BySeverity, Thresholds } from '../../../domain/environment.ts';
import { durationText } from '../view/human-text.ts';
import { type Html, html } from './html.ts';

type Format = (value: number) => string;

/** The limits that the alerts of an environment compare with. */
export function thresholdList(thresholds: Thresholds): Html {
  const { starting, active, stopping } = thresholds.stateAgeSeconds;
  const rows: readonly (readonly [what: string, limit: string])[] = [
    ['Age of the oldest item', bySeverity(thresholds.queueAgeSeconds, durationText)],
    ['Number of waiting items', bySeverity(thresholds.queueDepth, String)],
    ['Items with a stale heartbeat', bySeverity(thresholds.staleHeartbeatItems, String)],
    ['A heartbeat is stale after', one(thresholds.staleHeartbeatSeconds, durationText)],
    ['An item may be starting for', one(starting, durationText)],
    ['An item may be active for', one(active, durationText)],
    ['An item may be stopping for', one(stopping, durationText)],
    ['A session may wait for', one(thresholds.sessionWaitSeconds, durationText)],
    ['Redeliveries of an item', one(thresholds.redeliveries, String)],
    ['Minimum number of workers', thresholds.minWorkers === 0 ? 'none' : String(thresholds.minWorkers)],
  ];
  return html`<dl>${rows.map(([what, limit]) => html`<div><dt>${what}</dt><dd>${limit}</dd></div>`)}</dl>`;
}

function one(value: number, format: Format): string {
  return value === Number.POSITIVE_INFINITY ? 'no limit' : format(value);
}

function bySeverity({ warning, critical }: BySeverity, format: Format): string {
  const limits = [
    ...(Number.isFinite(warning) ? [`warning ${format(warning)}`] : []),
    ...(Number.isFinite(critical) ? [`critical ${format(critical)}`] : []),
  ];
  return limits.length === 0 ? 'no limit' : limits.join(', ');
}
