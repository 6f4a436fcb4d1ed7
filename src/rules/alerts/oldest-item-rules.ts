import { SEVERITIES } from '../../domain/environment.ts';
import type { MakeAlert } from '../parts/alert.ts';
import {
  ageLimit,
  ENVIRONMENT_NAME,
  NAME_AND_ID,
  OLDEST_AGE,
  QUEUE_SENTENCES,
  WAITING_COUNT,
  whileNotVisible,
} from '../parts/annotation.ts';
import { CAUSE_PAGES, unlessCausePaged } from '../parts/cause-pages.ts';
import { heldWhileLate, heldWhileUnwatched } from '../parts/held-pages.ts';
import { oncePerHalfDay } from '../parts/once-within.ts';
import { and, because, ENVIRONMENT, on, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/** Work that waits for too long: the page, and the ticket. */
export function oldestItemRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const recovering = q.recorded(RECORDED.recovering);
  return SEVERITIES.toReversed().map((severity) => {
    // A falling age is a recovery, and the page about its cause has already fired.
    const late =
      severity === 'critical'
        ? unless(
            and(q.recorded(RECORDED.late), `(${q.recorded(RECORDED.ratioToCritical)} > 1)`),
            explained(q),
            recovering,
          )
        : unless(
            unlessCausePaged(q, on(q.recorded(RECORDED.late), '>', q.recorded(RECORDED.ageThreshold, { severity }))),
            recovering,
          );
    const name = 'AnthropicWorkOldestItemTooOld';
    return alert(name, severity, {
      expr:
        severity === 'critical'
          ? or(
              because(
                'Beyond the limit that pages, and neither explained nor getting shorter.',
                unless(
                  late,
                  q.recorded(RECORDED.newlyLate),
                  q.paged(['AnthropicWorkSaturated', 'AnthropicWorkWaitBudgetBurn'], '20m'),
                ),
              ),
              heldWhileLate(q, name),
              heldWhileUnwatched(q, name, ENVIRONMENT, ageKnown(q)),
            )
          : oncePerHalfDay(q, late, name, '2m'),
      for: severity === 'critical' ? '2m' : '5m',
      keepFiringFor: severity === 'critical' ? '1m' : '2m',
      summary: `${ENVIRONMENT_NAME}: ${WAITING_COUNT} waiting, oldest ${OLDEST_AGE}${ageLimit(severity)}`,
      description: `Work of environment ${NAME_AND_ID} is not taken in time.${QUEUE_SENTENCES} ${severity === 'critical' ? whileNotVisible('It cannot be read now, so this may be over. ') : ''}Look at the workers: too few, too slow, or passing over one item.`,
    });
  });
}

/** The list may tell the age, and is read later than the stats. Nothing is old where nothing waits. */
function ageKnown(q: Queries): string {
  return `(${or(`${q.recorded(RECORDED.waiting)} == 0`, q.recorded(RECORDED.oldestAge))})`;
}

/**
 * Where a page that named a cause still explains the wait. A fleet that is back shows within ten minutes whether it
 * catches up: a wait that does not fall then, although items are taken, is news. While the head stands, nobody can tell:
 * the first runs may be long.
 */
function explained(q: Queries): string {
  const takenAndStillLate = unless(
    q.recorded(RECORDED.late),
    q.recorded(RECORDED.headStands),
    q.paged([...CAUSE_PAGES, 'AnthropicWorkEnvironmentNotVisible'], '10m'),
  );
  const doesNotCatchUp = because(
    'A fleet that is back takes items and does not catch up, which is news.',
    takenAndStillLate,
  );
  return `(${because('A page has named the cause.', unless(q.recorded(RECORDED.causePaged), `(${doesNotCatchUp})`))})`;
}
