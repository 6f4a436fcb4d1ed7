import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import type { Line } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { RuleTable } from '../support/rule-table.ts';
import { JOB, type Series } from '../support/series.ts';
import { ON } from '../support/table-parts.ts';

type Place = Readonly<Record<string, string>>;
type Span = readonly [from: number, to: number];

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

/** Up to a moment before the end of the table. */
const BEFORE = within([5, 39]);
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
  rule: string,
  title: string,
  process: readonly Series[],
  marked: readonly (readonly [Place, number])[],
  until = 40,
): RuleTable => ({ rule, about: 'all environments', until, process, rows: [[title, {}, { samples: marked }]] });

const ended = (alert: ShortName, place: Place, line: Line): Series => ({
  name: RECORDED.pageEnded,
  labels: { job: JOB, alertname: `AnthropicWork${alert}`, ...place },
  line,
});

/** Pages that ended within the last two minutes of the table. */
const ENDED_TABLES: readonly RuleTable[] = [
  table(
    RECORDED.pageEnded,
    'every page that may come and go',
    [
      page('ExporterAbsent', {}, BEFORE),
      page('NoWorkers', environment('e'), BEFORE),
      ...OF_CONNECTIONS.map((alert) => page(alert, on('one'), BEFORE)),
      page('ApiAuthFailing', READ, BEFORE),
      page('EnvironmentNotVisible', READ, BEFORE),
      page('OldestItemTooOld', environment('e'), BEFORE),
      page('NoWorkers', environment('f'), BEFORE, { severity: 'warning' }),
      page('NoWorkers', environment('g'), BEFORE, { alertstate: 'pending' }),
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
    RECORDED.pageEnded,
    'one of several pages',
    [
      page('ApiAuthFailing', READ, BEFORE),
      ...[OTHER_ENVIRONMENT, OTHER_CONNECTION, OTHER_NAME].map((place) => page('ApiAuthFailing', place, STEADY)),
      page('EnvironmentNotVisible', READ, STEADY),
    ],
    [mark('ApiAuthFailing', READ)],
  ),
  table(RECORDED.pageEnded, 'it still fires', [page('ApiUnreachable', on('one'), STEADY)], []),
  table(
    RECORDED.pageEnded,
    'the tickets of its name still fire',
    [page('NoWorkers', environment('e'), BEFORE), page('NoWorkers', environment('e'), STEADY, { severity: 'warning' })],
    [mark('NoWorkers', environment('e'))],
  ),
  table(
    RECORDED.pageEnded,
    'told by another page from then on',
    [
      page('NoWorkers', environment('e'), BEFORE, { told_by: 'AnthropicWorkNoWorkersAnywhere' }),
      page('NoWorkers', environment('e'), within([39, ON])),
    ],
    [],
  ),
  table(
    RECORDED.pageEnded,
    'a Prometheus that has restarted waits for the `for` once more',
    [
      page('ApiUnreachable', on('one'), BEFORE),
      page('ApiUnreachable', on('one'), within([39, ON]), { alertstate: 'pending' }),
    ],
    [],
  ),
  table(RECORDED.pageEnded, 'it ended earlier', [page('ApiUnreachable', on('one'), within([5, 37]))], []),
];

/** Pages that fire at the end of the table, and which of them has a mark then. */
export const RETURNED_TABLES: readonly RuleTable[] = [
  ...ENDED_TABLES,
  table(
    RECORDED.pageReturned,
    'every page that may come and go',
    [
      ...[
        ['ExporterAbsent', {}] as const,
        ['NoWorkers', environment('e')] as const,
        ...OF_CONNECTIONS.map((alert) => [alert, on('one')] as const),
        ['ApiAuthFailing', READ] as const,
        ['EnvironmentNotVisible', READ] as const,
        ['OldestItemTooOld', environment('e')] as const,
      ].flatMap(([alert, place]) => [page(alert, place, LATELY), ended(alert, place, within([15, 17]))]),
      ...[['f', { severity: 'warning' }] as const, ['g', { alertstate: 'pending' }] as const].flatMap(([id, more]) => [
        page('NoWorkers', environment(id), LATELY, more),
        ended('NoWorkers', environment(id), within([15, 17])),
      ]),
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
    RECORDED.pageReturned,
    'a page that has returned, beside others that fire for the first time',
    [
      page('ApiAuthFailing', READ, LATELY),
      ended('ApiAuthFailing', READ, within([15, 17])),
      ...[OTHER_ENVIRONMENT, OTHER_CONNECTION, OTHER_NAME].map((place) => page('ApiAuthFailing', place, LATELY)),
      page('EnvironmentNotVisible', READ, LATELY),
    ],
    [mark('ApiAuthFailing', READ)],
  ),
  table(RECORDED.pageReturned, 'it fires for the first time', [page('ApiUnreachable', on('one'), LATELY)], []),
  table(
    RECORDED.pageReturned,
    'a quarter of an hour',
    [page('ApiUnreachable', on('one'), within([31, ON])), ended('ApiUnreachable', on('one'), within([15, 17]))],
    [mark('ApiUnreachable', on('one'))],
  ),
  table(
    RECORDED.pageReturned,
    'longer',
    [page('ApiUnreachable', on('one'), within([33, ON])), ended('ApiUnreachable', on('one'), within([15, 17]))],
    [],
  ),
  table(
    RECORDED.pageReturned,
    'the mark stays for as long as the page',
    [page('ApiUnreachable', on('one'), within([25, ON])), ended('ApiUnreachable', on('one'), within([15, 17]))],
    [mark('ApiUnreachable', on('one'))],
    70,
  ),
  table(
    RECORDED.pageReturned,
    'it ended again',
    [
      page('ApiUnreachable', on('one'), within([25, 35])),
      ended('ApiUnreachable', on('one'), within([15, 17], [35, 37])),
    ],
    [],
  ),
  table(
    RECORDED.pageReturned,
    'it ended again, and returned after half an hour',
    [
      page('ApiUnreachable', on('one'), within([6, 8], [35, ON])),
      ended('ApiUnreachable', on('one'), within([4, 6], [8, 10])),
    ],
    [],
  ),
];
