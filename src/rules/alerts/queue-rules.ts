import { SEVERITIES } from '../../domain/environment.ts';
import type { MakeAlert } from '../parts/alert.ts';
import {
  counted,
  DURATION_VALUE,
  limit,
  NAME,
  ofEnvironment,
  QUEUE_STORY,
  WHO,
  whileBlind,
} from '../parts/annotation.ts';
import { and, by, ENVIRONMENT, on, or, type Queries, unless } from '../parts/queries.ts';
import { afterCause, CAUSES, heldWhileLate, heldWhileUnwatched, onceAHalfDay, pagedWithin } from '../parts/quiet.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { archived } from '../series/limit-series.ts';
import { headStands } from '../series/queue-series.ts';

const WAITING = ofEnvironment(RECORDED.waiting, 'count');
const OLDEST = ofEnvironment(RECORDED.age, 'duration', 'unknown');

/** Work that waits for too long: the page, and the ticket. */
export function oldestItemRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const falling = q.recorded(RECORDED.recovering);
  return SEVERITIES.toReversed().map((severity) => {
    // A falling age is a recovery, and the page about its cause has already fired.
    const late =
      severity === 'critical'
        ? unless(and(q.recorded(RECORDED.late), `(${q.recorded(RECORDED.ofCritical)} > 1)`), explained(q), falling)
        : unless(
            afterCause(q, on(q.recorded(RECORDED.late), '>', q.recorded(RECORDED.ageThreshold, { severity }))),
            falling,
          );
    const name = 'AnthropicWorkOldestItemTooOld';
    return alert(name, severity, {
      expr:
        severity === 'critical'
          ? or(
              unless(
                late,
                q.recorded(RECORDED.newlyLate),
                q.paged(['AnthropicWorkSaturated', 'AnthropicWorkWaitBudgetBurn'], '20m'),
              ),
              heldWhileLate(q, name),
              heldWhileUnwatched(q, name, ENVIRONMENT, q.recorded(RECORDED.waiting)),
            )
          : onceAHalfDay(q, late, name, '2m'),
      for: severity === 'critical' ? '2m' : '5m',
      keep: severity === 'critical' ? '1m' : '2m',
      summary: `${NAME}: ${WAITING} waiting, oldest ${OLDEST}${limit(severity)}`,
      description: `Work of environment ${WHO} is not taken in time.${QUEUE_STORY} ${severity === 'critical' ? whileBlind('It cannot be read now, so this may be over. ') : ''}Look at the workers: too few, too slow, or passing over one item.`,
    });
  });
}

/**
 * Where a page that named a cause still explains the wait. A fleet that is back shows within ten minutes whether it
 * catches up: a wait that does not fall then, although items are taken, is news. While the head stands, nobody can tell:
 * the first runs may be long.
 */
function explained(q: Queries): string {
  const taken = unless(
    q.recorded(RECORDED.late),
    q.recorded(RECORDED.headStands),
    q.paged([...CAUSES, 'AnthropicWorkEnvironmentNotVisible'], '10m'),
  );
  return `(${unless(q.recorded(RECORDED.causePaged), `(${taken})`)})`;
}

/** What else is wrong with the items that wait. */
export function queueRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const age = q.recorded(RECORDED.age);
  const ageLimit = (severity: string) => q.recorded(RECORDED.ageThreshold, { severity });
  return [
    alert('AnthropicWorkPendingStuck', 'warning', {
      // In a busy queue some item is always between claim and acknowledgement. It is stuck if it is old and nothing at
      // all is acknowledged; without the list that cannot be known.
      expr: unless(
        afterCause(
          q,
          and(
            `(${by('max', ENVIRONMENT, q.over('min', 'anthropic_work_queue_pending', '5m'))} > 0)`,
            `(${age} > ${q.seconds(60)})`,
            q.recorded(RECORDED.nothingTaken),
          ),
        ),
        archived(q),
      ),
      for: '5m',
      keep: '2m',
      summary: `${NAME}: ${counted('item')} claimed and never acknowledged`,
      description: `Workers of environment ${WHO} claim items and die or hang before they acknowledge.${QUEUE_STORY} Search the log of the workers for failed acknowledgements.`,
    }),
    alert('AnthropicWorkHeadOfLineBlocked', 'warning', {
      expr: afterCause(
        q,
        and(
          `(${on(q.recorded(RECORDED.late), '>', `clamp_min(${ageLimit('warning')}, ${q.seconds(900)})`)})`,
          headStands(q, '5m', '10m'),
          `(min_over_time(${q.range(q.recorded(RECORDED.polling), '15m')}) > 0)`,
        ),
      ),
      for: '5m',
      keep: '2m',
      summary: `${NAME}: the same item has been first in the queue for ${DURATION_VALUE}`,
      description: `Workers of environment ${WHO} poll and pass over its oldest item.${QUEUE_STORY} Find the item in the list and stop it if nothing else helps.`,
    }),
    alert('AnthropicWorkEnvironmentArchived', 'warning', {
      expr: and(`(${or(`${q.recorded(RECORDED.waiting)} > 0`, `${runningItems(q)} > 0`)})`, archived(q)),
      // Workers that finish what they have are normal.
      for: '10m',
      keep: '2m',
      summary: `${NAME}: archived, and ${counted('item')} left`,
      description: `The API has archived environment ${WHO}, and work is left in it; alerts about its waiting are off. Let its workers drain it, or stop the items.`,
    }),
  ];
}

/** The stale ones are there only if there are some, and their label `state` keeps both operands of `or` apart. */
function runningItems(q: Queries): string {
  const stale = by('max', `${ENVIRONMENT}, state`, q.recorded(RECORDED.stale));
  return by('sum', ENVIRONMENT, `${q.recorded(RECORDED.live)} or ${stale}`);
}

/** The limits that a queue is deeper than, by severity. Few environments have one that pages. */
function tooDeepFor(q: Queries): string {
  const depth = by('max', ENVIRONMENT, q.last('anthropic_work_queue_depth'));
  const limits = by('min', `${ENVIRONMENT}, severity`, `${q.last('anthropic_work_threshold_queue_depth')} < Inf`);
  return unless(`(${limits}\n< on (${ENVIRONMENT}) group_left () ${depth})`, archived(q));
}

/** More work than workers: the queue is deep, grows, or waits while every worker is busy. */
export function saturation(q: Queries, alert: MakeAlert): readonly Rule[] {
  const waiting = q.recorded(RECORDED.waiting);
  const tooDeep = (severity: string) => by('group', ENVIRONMENT, q.recorded(RECORDED.tooDeep, { severity }));
  const limit = by('min', ENVIRONMENT, q.last('anthropic_work_threshold_queue_depth', { severity: 'warning' }));
  // What may wait for hours is given nearly all of them.
  const tooLong = on(q.recorded(RECORDED.overdue), '>', `(${q.recorded(RECORDED.strict)} - ${q.seconds(600)})`);
  // More than a quarter of an hour ago, and then more than before.
  const grew = `(${waiting} offset ${q.duration('15m')} > ${waiting} offset ${q.duration('30m')})`;
  // Of a queue that grows, half of the limit is enough.
  const growing = unless(`(${on(`(2 * (${on(waiting, '>', grew)}))`, '>', limit)})`, archived(q));
  const body = {
    keep: '2m',
    summary: `${NAME}: more work than workers, ${WAITING} waiting, oldest ${OLDEST}`,
    description: `The workers of environment ${WHO} do not keep up.${QUEUE_STORY} Add workers, or slow down what sends the work.`,
  } as const;
  return [
    { record: RECORDED.tooDeep, expr: tooDeepFor(q) },
    alert('AnthropicWorkSaturated', 'critical', {
      ...body,
      // The page about the wait says the same of the same queue, and one that shrinks is being worked off.
      expr: or(
        unless(
          afterCause(q, tooDeep('critical')),
          q.paged(['AnthropicWorkOldestItemTooOld', 'AnthropicWorkWaitBudgetBurn'], '20m'),
          q.recorded(RECORDED.recoveringSteadily),
        ),
        // Nor does a page about its cause, or an environment that cannot be read, say that it is over.
        and(
          pagedWithin(q, ['AnthropicWorkSaturated'], '2m'),
          `(${or(unless(tooDeep('critical'), q.recorded(RECORDED.draining)), q.recorded(RECORDED.readFails, { operation: 'stats' }))})`,
        ),
        heldWhileUnwatched(q, 'AnthropicWorkSaturated', ENVIRONMENT, q.last('anthropic_work_queue_depth')),
      ),
      for: '15m',
    }),
    alert('AnthropicWorkSaturated', 'warning', {
      ...body,
      expr: onceAHalfDay(
        q,
        unless(
          afterCause(
            q,
            or(
              tooDeep('warning'),
              growing,
              // In a large fleet somebody always polls, briefly between two items: there, a changing head shows it.
              unless(
                and(tooLong, `(${q.recorded(RECORDED.live)} > 0)`),
                `(${and(`(${q.recorded(RECORDED.polling)} > 0)`, headStands(q, '5m'))})`,
              ),
            ),
          ),
          q.recorded(RECORDED.recovering),
        ),
        'AnthropicWorkSaturated',
        '5m',
      ),
      for: '10m',
    }),
  ];
}
