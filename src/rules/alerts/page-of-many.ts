import type { AlertName } from '../parts/alert-names.ts';
import { pageIsFiring } from '../parts/held-pages.ts';
import { and, because, by, or, type Queries, unless } from '../parts/queries.ts';

/** This many environments in which the same is wrong have a common cause. */
export const MANY_ENVIRONMENTS = 6;
/** So many must have no page of their own yet: if all but one have theirs, that one gets its own as well. */
const LEAST_WITHOUT_PAGE = 2;
/** The rules of pages are evaluated every 30 s. */
const EVALUATIONS_IN_HALF_AN_HOUR = 60;
/** The label of a page that nobody gets by itself: its environment is one of those that the page about many counts. */
export const TOLD_BY = 'told_by';

interface Pages {
  /** The page about one environment. */
  readonly one: AlertName;
  /** The page about many of them together. */
  readonly many: AlertName;
  /** Environments whose page is due. */
  readonly due: string;
  /** Those that the page about many counts, also where no page of their own is due: they have the same cause. */
  readonly affected: string;
  /** Environments whose page goes on. */
  readonly held: string;
  /** Environments whose page, where it is due, waits: the page about many may be about to come. */
  readonly waiting?: readonly string[];
}

/** The expression of each of these pages. */
interface PagesOfMany {
  /** The page about many; its value is how many. */
  readonly many: string;
  /** The page of an environment of which the page about many tells: it gets the label `TOLD_BY`, which mutes it. */
  readonly muted: string;
  /** The page of an environment that is sent by itself. */
  readonly own: string;
}

/**
 * Pages about something that may be wrong in each environment. Each has a page. When many have it together, the pages that
 * nobody got yet carry a label that mutes them, and one page tells of them all. So nobody is told twice, and an environment that
 * fails by itself later, while that page is firing, gets a page of its own.
 */
export function pagesOfMany(q: Queries, pages: Pages): PagesOfMany {
  const { one, many, due, affected, held, waiting = [] } = pages;
  const ownPages = pageIsFiring(q, one, { [TOLD_BY]: '' });
  const mutedPages = pageIsFiring(q, one, { [TOLD_BY]: many });
  // What failed half an hour ago or earlier has another cause.
  const pagedLongBefore = `last_over_time(${q.range(q.firing(one, { [TOLD_BY]: '' }), '2m')} offset ${q.duration('30m')})`;
  // Half an hour after it began, or after the last environment joined it, the page about many is old: what fails then
  // has another cause.
  // Three minutes more: a Prometheus that was restarted has missed as many evaluations.
  const evaluationsFiring = `count_over_time(${q.range(q.firing(many), '33m')})`;
  const mutedNow = q.firing(one, { [TOLD_BY]: many });
  const joined = unless(mutedNow, `${mutedNow} offset ${q.duration('30m')}`);
  // Not recorded: vmalert would see it one evaluation later, when each environment has had its own page.
  const manyFiresLately = `(${q.paged([many], '30s')}\nand on (job) (${or(`${evaluationsFiring} < ${EVALUATIONS_IN_HALF_AN_HOUR}`, joined)}))`;
  return {
    // Counts environments that have no page of their own yet, too.
    many: or(
      `(${by('count', 'job', affected)} >= ${MANY_ENVIRONMENTS})\nand on (job) (${or(
        because(
          'Some have no page yet; all failed at once, or one after the other within half an hour.',
          `(${or(
            `${by('count', 'job', unless(affected, ownPages))} >= ${LEAST_WITHOUT_PAGE}`,
            `${by('count', 'job', unless(affected, pagedLongBefore))} >= ${MANY_ENVIRONMENTS}`,
          )})\nand on (job) (${unless(due, ownPages)})`,
        ),
        q.firing(many),
      )})\nand on (job) ${due}`,
      because(
        'It outlasts the pages that it mutes by one evaluation.',
        `${by('count', 'job', q.firing(one))}\nand on (job) ${q.firing(one, { [TOLD_BY]: many })}\nand on (job) ${q.firing(many)}`,
      ),
    ),
    muted: or(
      because(
        'The page about many has just begun, and tells of it.',
        `${unless(due, ownPages)}\nand on (job) ${manyFiresLately}`,
      ),
      because('It goes on.', and(held, mutedPages)),
    ),
    own: or(
      because(
        'No page about many tells of it, or is about to.',
        `${unless(due, mutedPages, ...waiting)}\nunless on (job) ${manyFiresLately}`,
      ),
      because('It goes on.', and(held, ownPages)),
    ),
  };
}
