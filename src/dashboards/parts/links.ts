import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';

/** The boards by uid: at most 40 characters, never changed, because alerts and bookmarks link to them. */
export const UID = {
  overview: 'anthropic-work-overview',
  environment: 'anthropic-work-environment',
  slo: 'anthropic-work-slo',
  exporter: 'anthropic-work-exporter',
} as const;

const grafana = (name: string) => `$${`{${name}}`}`;

/** The choices that every board shares, and the time range, as query parameters. */
const CONTEXT = ['datasource:queryparam', 'job:queryparam', '__url_time_range'].map(grafana).join('&');

/** A link from a table row to another board, for the environment of that row. */
export function toBoard(uid: string, title: string, idColumn: string): DynamicConfigValue {
  return linkTo(title, `/d/${uid}?var-environment=${grafana(`__data.fields.${idColumn}`)}&${CONTEXT}`);
}

export function linkTo(title: string, url: string, targetBlank = false): DynamicConfigValue {
  return { id: 'links', value: [{ title, url, targetBlank }] };
}
