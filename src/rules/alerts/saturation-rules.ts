import type { MakeAlert } from '../parts/alert.ts';
import { ENVIRONMENT_NAME, NAME_AND_ID, OLDEST_AGE, QUEUE_SENTENCES, WAITING_COUNT } from '../parts/annotation.ts';
import { unlessCausePaged } from '../parts/cause-pages.ts';
import { heldWhileUnwatched, pagedWithin } from '../parts/held-pages.ts';
import { oncePerHalfDay } from '../parts/once-within.ts';
import { and, because, by, ENVIRONMENT, on, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { archived } from '../series/limit-series.ts';
import { headStands } from '../series/queue-series.ts';

/** The limits that a queue is deeper than, by severity. Few environments have one that pages. */
function tooDeepSeries(q: Queries): string {
  const depth = by('max', ENVIRONMENT, q.last('anthropic_work_queue_depth'));
  const limits = by('min', `${ENVIRONMENT}, severity`, `${q.last('anthropic_work_threshold_queue_depth')} < Inf`);
  return unless(`(${limits}\n< on (${ENVIRONMENT}) group_left () ${depth})`, archived(q));
}

/** More work than workers: the queue is deep, grows, or waits while every worker is busy. */
export function saturationRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const waiting = q.recorded(RECORDED.waiting);
  const tooDeep = (severity: string) => by('group', ENVIRONMENT, q.recorded(RECORDED.tooDeep, { severity }));
  const limit = by('min', ENVIRONMENT, q.last('anthropic_work_threshold_queue_depth', { severity: 'warning' }));
  // What may wait for hours is given nearly all of them.
  const nearlyLate = on(
    q.recorded(RECORDED.overdue),
    '>',
    `(${q.recorded(RECORDED.strictAgeThreshold)} - ${q.seconds(600)})`,
  );
  // More than a quarter of an hour ago, and then more than before.
  const grew = `(${waiting} offset ${q.duration('15m')} > ${waiting} offset ${q.duration('30m')})`;
  // Of a queue that grows, half of the limit is enough.
  const growing = unless(`(${on(`(2 * (${on(waiting, '>', grew)}))`, '>', limit)})`, archived(q));
  const body = {
    keepFiringFor: '2m',
    summary: `${ENVIRONMENT_NAME}: more work than workers, ${WAITING_COUNT} waiting, oldest ${OLDEST_AGE}`,
    description: `The workers of environment ${NAME_AND_ID} do not keep up.${QUEUE_SENTENCES} Add workers, or slow down what sends the work.`,
  } as const;
  return [
    { record: RECORDED.tooDeep, expr: tooDeepSeries(q) },
    alert('AnthropicWorkSaturated', 'critical', {
      ...body,
      expr: or(
        because(
          'The page about the wait says the same of the same queue, and one that shrinks is being worked off.',
          unless(
            unlessCausePaged(q, tooDeep('critical')),
            q.paged(['AnthropicWorkOldestItemTooOld', 'AnthropicWorkWaitBudgetBurn'], '20m'),
            q.recorded(RECORDED.recoveringSteadily),
          ),
        ),
        because(
          'Neither a page about its cause nor an environment that cannot be read says that it is over.',
          and(
            pagedWithin(q, ['AnthropicWorkSaturated'], '2m'),
            `(${or(unless(tooDeep('critical'), q.recorded(RECORDED.draining)), q.recorded(RECORDED.readFailed, { operation: 'stats' }))})`,
          ),
        ),
        heldWhileUnwatched(q, 'AnthropicWorkSaturated', ENVIRONMENT, q.last('anthropic_work_queue_depth')),
      ),
      for: '15m',
    }),
    alert('AnthropicWorkSaturated', 'warning', {
      ...body,
      expr: oncePerHalfDay(
        q,
        unless(
          unlessCausePaged(
            q,
            or(
              tooDeep('warning'),
              because('It has grown for half an hour.', growing),
              because(
                'Every worker is busy. In a large fleet somebody always polls, briefly: there, a changing head shows it.',
                unless(
                  and(nearlyLate, `(${q.recorded(RECORDED.workersLive)} > 0)`),
                  `(${and(`(${q.recorded(RECORDED.polling)} > 0)`, headStands(q, '5m'))})`,
                ),
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
