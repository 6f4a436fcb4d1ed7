import type { AlertName } from '../parts/alert-names.ts';
import { and, because, by, ENVIRONMENT, or, type Queries, unless } from '../parts/queries.ts';

/** This many environments in which the same is wrong have a common cause. */
export const ANYWHERE = 6;
/** If all but one have a page of their own already, that one gets its own as well. */
const UNTOLD = 2;
/** Evaluations of these rules. */
const IN_HALF_AN_HOUR = 60;
/** The label of a page that nobody gets by itself: its environment is one of those that the page about many counts. */
export const TOLD_BY = 'told_by';

interface Pages {
  readonly one: AlertName;
  readonly many: AlertName;
  /** Environments whose page is due. */
  readonly due: string;
  /** Those that the page about many counts, also where no page of their own is due: they have the same cause. */
  readonly all: string;
  /** Environments whose page goes on. */
  readonly held: string;
  /** Environments whose page, where it is due, waits: the page about many may be about to come. */
  readonly waiting?: readonly string[];
}

/** When each of these pages fires. */
interface PagesOfMany {
  readonly many: string;
  /** The page of an environment that is told by the page about many, with the label `TOLD_BY`. */
  readonly told: string;
  /** The page of an environment that is told by itself. */
  readonly own: string;
}

/**
 * Pages about something that may be wrong in each environment. Each has a page. When many have it together, the pages that
 * nobody got yet carry a label that mutes them, and one page tells of them all. So nobody is told twice, and an environment that
 * fails by itself later, while that page is firing, gets a page of its own.
 */
export function pagesOfMany(q: Queries, pages: Pages): PagesOfMany {
  const { one, many, due, all, held, waiting = [] } = pages;
  const own = by('group', ENVIRONMENT, q.paged([one], '2m', { [TOLD_BY]: '' }));
  const among = by('group', ENVIRONMENT, q.paged([one], '2m', { [TOLD_BY]: many }));
  // What failed before that has another cause.
  const before = `last_over_time(${q.range(q.firing(one, { [TOLD_BY]: '' }), '2m')} offset ${q.duration('30m')})`;
  // Half an hour after it began, or after the last environment joined it, the page about many is old: what fails then
  // has another cause.
  const begun = `count_over_time(${q.range(q.firing(many), '30m')})`;
  const muted = q.firing(one, { [TOLD_BY]: many });
  const joined = unless(muted, `${muted} offset ${q.duration('30m')}`);
  // Not recorded: vmalert would see it one evaluation later, when each environment has had its own page.
  const young = `(${q.paged([many], '30s')}\nand on (job) (${or(`${begun} < ${IN_HALF_AN_HOUR}`, joined)}))`;
  return {
    // Includes environments that have no page of their own yet.
    many: or(
      `(${by('count', 'job', all)} >= ${ANYWHERE})\nand on (job) (${or(
        because(
          'Some have no page yet; all failed at once, or one after the other within half an hour.',
          `(${or(
            `${by('count', 'job', unless(all, own))} >= ${UNTOLD}`,
            `${by('count', 'job', unless(all, before))} >= ${ANYWHERE}`,
          )})\nand on (job) (${unless(due, own)})`,
        ),
        q.firing(many),
      )})\nand on (job) ${due}`,
      because(
        'It outlasts the pages that it mutes by one evaluation.',
        `${by('count', 'job', q.firing(one))}\nand on (job) ${q.firing(one, { [TOLD_BY]: many })}\nand on (job) ${q.firing(many)}`,
      ),
    ),
    told: or(
      because('The page about many has just begun, and tells of it.', `${unless(due, own)}\nand on (job) ${young}`),
      because('It goes on.', and(held, among)),
    ),
    own: or(
      because(
        'No page about many tells of it, or is about to.',
        `${unless(due, among, ...waiting)}\nunless on (job) ${young}`,
      ),
      because('It goes on.', and(held, own)),
    ),
  };
}
