import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';

/** The boards by uid: at most 40 characters, never changed, because alerts and bookmarks link to them. */
export const UID = {
  overview: 'anthropic-work-overview',
  environment: 'anthropic-work-environment',
  slo: 'anthropic-work-slo',
  exporter: 'anthropic-work-exporter',
} as const;

const grafana = (name: string) => `$${`{${name}}`}`;

/** The selections that every board shares, and the time range, as query parameters. */
const CONTEXT = ['datasource:queryparam', 'job:queryparam', '__url_time_range'].map(grafana).join('&');
const CHOICE = `${grafana('environment:queryparam')}&${CONTEXT}`;

/** The link of a tile: to a board and, if the number has one, to its environment there. */
export function tileLink(uid: string, title: string, ofEnvironment = false) {
  const environment = ofEnvironment ? `var-environment=${grafana('__field.labels.environment_id')}&` : '';
  return { title, url: `/d/${uid}?${environment}${CONTEXT}`, targetBlank: false };
}

/** The link of a number over many environments. */
export const TO_WORST = tileLink(UID.environment, 'Why: the worst environment');

/** The link of a tile to a panel of its own board. */
export function panelLink(uid: string, title: string, id: number) {
  return { title, url: `/d/${uid}?viewPanel=${id}&${CHOICE}`, targetBlank: false };
}

/** A link from a table row to another board, for the environment of that row, whose id is in the column `Id`. */
export function toBoard(uid: string, title: string): DynamicConfigValue {
  const url = `/d/${uid}?var-environment=${grafana('__data.fields.Id')}&${CONTEXT}`;
  return { id: 'links', value: [{ title, url, targetBlank: false }] };
}
