import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import type { Line } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { RuleTable } from '../support/rule-table.ts';
import { JOB, type Series } from '../support/series.ts';

type Place = Readonly<Record<string, string>>;
type Span = readonly [from: number, to: number];

const ON = 1e9;
const within =
  (...spans: readonly Span[]): Line =>
  (minute) =>
    spans.some(([from, to]) => minute >= from && minute < to) ? 1 : null;
const page = (alert: ShortName, place: Place, line: Line, more: Place = {}): Series => ({
  name: 'ALERTS',
  labels: {
    job: JOB,
    alertname: `AnthropicWork${alert}`,
    severity: 'critical',
    alertstate: 'firing',
    ...place,
    ...more,
  },
  line,
});
const mark = (alert: ShortName, place: Place) => [{ alertname: `AnthropicWork${alert}`, ...place }, 1] as const;

const AGAIN = within([5, 15], [25, ON]);
const STEADY = within([10, ON]);
const LATELY = within([25, ON]);
const environment = (id: string): Place => ({ environment_id: id, environment_name: 'x' });
const on = (connection: string): Place => ({ connection });
const READ = { ...environment('e'), ...on('one') };
const OTHER_ENVIRONMENT = { ...environment('f'), ...on('one') };
const OTHER_CONNECTION = { ...environment('e'), ...on('two') };
const OTHER_NAME = { ...READ, environment_name: 'y' };

const OF_CONNECTIONS = ['CredentialRejected', 'ApiUnreachable', 'ApiRateLimited'] as const;

const table = (
  title: string,
  process: readonly Series[],
  marked: readonly (readonly [Place, number])[],
): RuleTable => ({
  rule: RECORDED.returned,
  about: 'all environments',
  until: 40,
  process,
  rows: [[title, {}, { samples: marked }]],
});

/** Pages that fire at the end of the table, and which of them has a mark then. */
export const RETURNED_TABLES: readonly RuleTable[] = [
  table(
    'every page that may come and go',
    [
      page('ExporterAbsent', {}, AGAIN),
      page('NoWorkers', environment('e'), AGAIN),
      ...OF_CONNECTIONS.map((alert) => page(alert, on('one'), AGAIN)),
      page('ApiAuthFailing', READ, AGAIN),
      page('EnvironmentNotVisible', READ, AGAIN),
      page('OldestItemTooOld', environment('e'), AGAIN),
      page('NoWorkers', environment('f'), AGAIN, { severity: 'warning' }),
      page('NoWorkers', environment('g'), AGAIN, { alertstate: 'pending' }),
    ],
    [
      mark('ExporterAbsent', {}),
      mark('NoWorkers', environment('e')),
      ...OF_CONNECTIONS.map((alert) => mark(alert, on('one'))),
      mark('ApiAuthFailing', READ),
      mark('EnvironmentNotVisible', READ),
    ],
  ),
  table(
    'a page that has returned, beside others that fire for long',
    [
      page('ApiAuthFailing', READ, AGAIN),
      ...[OTHER_ENVIRONMENT, OTHER_CONNECTION, OTHER_NAME].map((place) => page('ApiAuthFailing', place, STEADY)),
      page('EnvironmentNotVisible', READ, STEADY),
    ],
    [mark('ApiAuthFailing', READ)],
  ),
  table(
    'the same, beside others that fire for the first time',
    [
      page('ApiAuthFailing', READ, AGAIN),
      ...[OTHER_ENVIRONMENT, OTHER_CONNECTION, OTHER_NAME].map((place) => page('ApiAuthFailing', place, LATELY)),
      page('EnvironmentNotVisible', READ, LATELY),
    ],
    [mark('ApiAuthFailing', READ)],
  ),
  table(
    'told by another page than before',
    [
      page('NoWorkers', environment('e'), within([5, 15]), { told_by: 'AnthropicWorkNoWorkersAnywhere' }),
      page('NoWorkers', environment('e'), LATELY),
    ],
    [mark('NoWorkers', environment('e'))],
  ),
  table(
    'a quarter of an hour',
    [page('ApiUnreachable', on('one'), within([5, 15], [30, ON]))],
    [mark('ApiUnreachable', on('one'))],
  ),
  table('longer', [page('ApiUnreachable', on('one'), within([5, 15], [33, ON]))], []),
  table('a minute is no end', [page('ApiUnreachable', on('one'), within([5, 15], [16, ON]))], []),
  table(
    'two minutes',
    [page('ApiUnreachable', on('one'), within([5, 15], [17, ON]))],
    [mark('ApiUnreachable', on('one'))],
  ),
  table('it ended again', [page('ApiUnreachable', on('one'), within([5, 15], [25, 35]))], []),
  table(
    'it ended again, and returned after half an hour',
    [page('ApiUnreachable', on('one'), within([0, 4], [6, 8], [35, ON]))],
    [],
  ),
];
