import type { AlertName } from '../parts/alert-names.ts';
import { UNREAD_PAGES } from '../parts/cause-pages.ts';
import type { Duration } from '../parts/durations.ts';
import { by, type CONNECTION, ENVIRONMENT, or, type Queries } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/** Pages whose cause may come and go every few minutes. */
const PAGES: readonly AlertName[] = ['AnthropicWorkNoWorkers', 'AnthropicWorkExporterAbsent', ...UNREAD_PAGES];
/** One page, whether or not another page tells of it. */
const PAGE = `${ENVIRONMENT}, connection, alertname`;

/**
 * Pages that fire again within a quarter of an hour after they had ended: what comes and goes has ended only when it
 * stays away for longer than after the first time. They keep this mark until they end.
 */
export function returnedPages(q: Queries): readonly Rule[] {
  const pages = { alertname: PAGES, severity: 'critical' };
  const firing = by('group', PAGE, q.recorded('ALERTS', { ...pages, alertstate: 'firing' }));
  const lately = (recorded: string, window: Duration) => `last_over_time(${q.range(q.recorded(recorded), window)})`;
  return [
    {
      // Not firing for a while is no end: a Prometheus that was away has recorded nothing, and then waits for the `for`
      // again.
      record: RECORDED.pageEnded,
      expr: `${by('group', PAGE, q.paged(PAGES, '2m'))}\nunless on (${PAGE}) ${q.recorded('ALERTS', pages)}`,
    },
    {
      record: RECORDED.pageReturned,
      expr: `${firing}\nand on (${PAGE}) (${or(lately(RECORDED.pageEnded, '15m'), lately(RECORDED.pageReturned, '1m'))})`,
    },
  ];
}

/** The environments, connections or job for which one of these pages has returned. */
export function returnedFor(
  q: Queries,
  names: readonly AlertName[],
  per: typeof ENVIRONMENT | typeof CONNECTION | 'job',
): string {
  return by('group', per, q.recorded(RECORDED.pageReturned, { alertname: names }));
}
