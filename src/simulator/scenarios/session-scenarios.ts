import { ALWAYS, only, PROD, PROD_ARRIVALS, STEADY } from './plans.ts';
import type { Scenario } from './scenario.ts';

/** An hour: such waits exceed the default threshold of 30 min. */
const LONG_AGO_SECONDS = 3600;

/** Nobody asks a run to stop: that would end it too early. */
const UNDISTURBED = { ...STEADY[0]!, gracefulStopShare: 0 };

/** Workers are alive and heartbeats are fresh, yet some work makes no progress. */
export const SESSION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'wedged-session',
    happens: 'The results of two sessions of prod are refused with 403; their workers send heartbeats on.',
    expect:
      'Everything looks healthy, but two live items belong to sessions that are idle and require action: AnthropicWorkSessionWaiting, a warning.',
    plans: only({ ...UNDISTURBED, troubled: { conduct: 'wedges', sessions: 2 } }),
    warmUpSeconds: LONG_AGO_SECONDS,
  },
  {
    name: 'awaiting-approval',
    happens: 'A session of prod asks to be allowed a tool call, and nobody answers; its worker sends heartbeats on.',
    expect:
      'One live item belongs to a session that is idle and requires action: AnthropicWorkSessionWaiting, a warning.',
    plans: only({ ...UNDISTURBED, troubled: { conduct: 'awaits-approval', sessions: 1 } }),
    warmUpSeconds: LONG_AGO_SECONDS,
  },
  {
    name: 'terminated-session',
    happens: 'A session of prod was terminated; its worker did not notice and sends heartbeats on.',
    expect:
      'One live item belongs to a terminated session and holds a worker: AnthropicWorkSessionEndedItemLive, a warning.',
    plans: only({ ...UNDISTURBED, troubled: { conduct: 'terminates', sessions: 1 } }),
    warmUpSeconds: LONG_AGO_SECONDS,
  },
  {
    name: 'redelivery-loop',
    happens:
      'A session of prod kills every worker that serves it, minutes into the run; its item comes back each time.',
    expect:
      'One item is acknowledged again and again while all others run: item_deliveries_max grows and AnthropicWorkRedeliveryLoop warns.',
    plans: only({ ...UNDISTURBED, troubled: { conduct: 'kills-worker', sessions: 1 } }),
    warmUpSeconds: LONG_AGO_SECONDS,
    leaseTtlSeconds: 60,
  },
  {
    name: 'stillborn',
    happens: 'Every run of prod ends within four seconds, as if the command that starts it returned early.',
    expect:
      'Items come and go and nothing waits, but nearly all runs are too short: AnthropicWorkRunsTooShort, a warning.',
    plans: only({
      phases: [{ seconds: ALWAYS, arrivals: PROD_ARRIVALS, fleets: [{ ...PROD, runSeconds: [1, 4] }] }],
    }),
    warmUpSeconds: 1200,
  },
];
