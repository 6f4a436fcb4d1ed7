import type { AlertName } from '../parts/alert-names.ts';
import { by, type CONNECTION, ENVIRONMENT, or, type Queries } from '../parts/queries.ts';
import { READ_PAGES } from '../parts/quiet.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/** Pages whose cause may come and go every few minutes. */
const PAGES: readonly AlertName[] = ['AnthropicWorkNoWorkers', 'AnthropicWorkExporterAbsent', ...READ_PAGES];
/** One page, whichever other page tells of it. */
const PAGE = `${ENVIRONMENT}, connection, alertname`;

/**
 * Pages that fire again within a quarter of an hour after they had ended: what comes and goes has ended only when it
 * stays away for longer than after the first time. They keep this mark until they end.
 */
export function returnedPages(q: Queries): Rule {
  const pages = q.recorded('ALERTS', { alertname: PAGES, severity: 'critical', alertstate: 'firing' });
  const firing = by('group', PAGE, pages);
  const begins = `${firing}\nunless on (${PAGE}) last_over_time(${q.range(pages, '1m')} offset ${q.duration('1m')})`;
  const before = `last_over_time(${q.range(pages, '15m')} offset ${q.duration('2m')})`;
  const marked = `last_over_time(${q.range(q.recorded(RECORDED.returned), '1m')})`;
  return {
    record: RECORDED.returned,
    expr: or(`${begins}\nand on (${PAGE}) ${before}`, `${firing}\nand on (${PAGE}) ${marked}`),
  };
}

/** Environments, connections or jobs with one of these pages, where it has returned. */
export function returned(
  q: Queries,
  names: readonly AlertName[],
  per: typeof ENVIRONMENT | typeof CONNECTION | 'job',
): string {
  return by('group', per, q.recorded(RECORDED.returned, { alertname: names }));
}
