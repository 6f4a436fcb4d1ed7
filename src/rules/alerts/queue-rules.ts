import type { MakeAlert } from '../parts/alert.ts';
import { counted, DURATION_VALUE, ENVIRONMENT_NAME, NAME_AND_ID, QUEUE_SENTENCES } from '../parts/annotation.ts';
import { unlessCausePaged } from '../parts/cause-pages.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { archived } from '../series/limit-series.ts';
import { headStands } from '../series/queue-series.ts';

/** What else is wrong with items that wait. */
export function queueRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const oldestAge = q.recorded(RECORDED.oldestAge);
  const ageLimit = (severity: string) => q.recorded(RECORDED.ageThreshold, { severity });
  return [
    alert('AnthropicWorkPendingStuck', 'warning', {
      // In a busy queue some item is always between claim and acknowledgement. It is stuck if it is old and nothing at
      // all is acknowledged; without the list that cannot be known.
      expr: unless(
        unlessCausePaged(
          q,
          and(
            `(${by('max', ENVIRONMENT, q.over('min', 'anthropic_work_queue_pending', '5m'))} > 0)`,
            `(${oldestAge} > ${q.seconds(60)})`,
            q.recorded(RECORDED.noneAcknowledged),
          ),
        ),
        archived(q),
      ),
      for: '5m',
      keepFiringFor: '2m',
      summary: `${ENVIRONMENT_NAME}: ${counted('item')} claimed and never acknowledged`,
      description: `Workers of environment ${NAME_AND_ID} claim items and die or hang before they acknowledge.${QUEUE_SENTENCES} Search the log of the workers for failed acknowledgements.`,
    }),
    alert('AnthropicWorkHeadOfLineBlocked', 'warning', {
      expr: unlessCausePaged(
        q,
        and(
          `(${on(q.recorded(RECORDED.late), '>', `clamp_min(${ageLimit('warning')}, ${q.seconds(900)})`)})`,
          headStands(q, '5m', '10m'),
          `(min_over_time(${q.range(q.recorded(RECORDED.polling), '15m')}) > 0)`,
        ),
      ),
      for: '5m',
      keepFiringFor: '2m',
      summary: `${ENVIRONMENT_NAME}: the same item has been first in the queue for ${DURATION_VALUE}`,
      description: `Workers of environment ${NAME_AND_ID} poll and pass over its oldest item.${QUEUE_SENTENCES} Find the item in the list and stop it if nothing else helps.`,
    }),
    alert('AnthropicWorkEnvironmentArchived', 'warning', {
      expr: and(`(${or(`${q.recorded(RECORDED.waiting)} > 0`, `${runningItems(q)} > 0`)})`, archived(q)),
      // Workers that finish what they have are normal.
      for: '10m',
      keepFiringFor: '2m',
      summary: `${ENVIRONMENT_NAME}: archived, and ${counted('item')} left`,
      description: `The API has archived environment ${NAME_AND_ID}, and work is left in it; alerts about its waiting are off. Let its workers drain it, or stop the items.`,
    }),
  ];
}

/** The stale ones are there only if there are some, and their label `state` keeps both operands of `or` apart. */
function runningItems(q: Queries): string {
  const stale = by('max', `${ENVIRONMENT}, state`, q.recorded(RECORDED.staleHeartbeats));
  return by('sum', ENVIRONMENT, `${q.recorded(RECORDED.workersLive)} or ${stale}`);
}
