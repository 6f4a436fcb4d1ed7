import type { RunningState } from '../../domain/work.ts';
import type { MakeAlert } from '../parts/alert.ts';
import { DURATION_VALUE, ENVIRONMENT_NAME, NAME_AND_ID } from '../parts/annotation.ts';
import { unlessCausePaged } from '../parts/cause-pages.ts';
import { by, ENVIRONMENT, type Queries, REPLICA } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

const BY_STATE = `${ENVIRONMENT}, state`;

/** What to do about an item that hangs, by its state. */
const CURES = {
  starting: 'It was acknowledged and never had a heartbeat: force-stop it and send its session `user.interrupt`.',
  active: 'It has run for longer than its limit: look at its session, and stop it if nobody needs it.',
  stopping: 'It was asked to stop and its worker did not finish it: force-stop it if its session must go on.',
} as const;

/** Starting items: each is there until its lease ends, two minutes after the limit. */
export function stuckStartingRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  return stuckRules(q, alert, RECORDED.stuckStarting, ['starting']);
}

/** Active and stopping items, whose limits are minutes to days. */
export function stuckRunningRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  return stuckRules(q, alert, RECORDED.stuck, ['active', 'stopping']);
}

/** An item older than the limit of its state, at the read that showed it: a failed read must not age items. */
function stuckRules(q: Queries, alert: MakeAlert, record: string, states: readonly RunningState[]): readonly Rule[] {
  const where = { state: states };
  const limit = by('min', BY_STATE, q.last('anthropic_work_threshold_state_age_seconds', where));
  // The value of now: an item that is no longer shown has ended, and must not age for two more minutes.
  const since = by('min', `${REPLICA}, state`, q.metric('anthropic_work_oldest_item_timestamp_seconds', where));
  const age = by('max', BY_STATE, `${q.recorded(RECORDED.listReadAt)} - on (${REPLICA}) group_right () ${since}`);
  const alerts = states.map((state) => {
    // A worker without the SDK's loop leaves its items in stopping: that is normal, and nobody waits for them.
    return alert('AnthropicWorkItemStuck', state === 'stopping' ? 'info' : 'warning', {
      expr: unlessCausePaged(q, q.recorded(record, { state })),
      // A lease ends after 300 s, two minutes after the limit for a starting item: one or two evaluations see it.
      ...(state === 'starting' ? {} : { for: '2m' as const }),
      // An item that lapses and hangs again, every six minutes, is one ticket.
      keepFiringFor: state === 'starting' ? '6m' : '3m',
      labels: { state },
      summary: `${ENVIRONMENT_NAME}: an item has been ${state} for ${DURATION_VALUE}`,
      description: `An item of environment ${NAME_AND_ID} hangs in ${state}. ${CURES[state]}`,
    });
  });
  return [{ record, expr: `${age}\n> on (${BY_STATE}) ${limit}` }, ...alerts];
}
