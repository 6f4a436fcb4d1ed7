import { ALWAYS, inProdOnly, PROD, PROD_ARRIVALS, STEADY } from './plans.ts';
import type { Scenario } from './scenario.ts';

/** An hour: such waits exceed the default threshold of 30 min. */
const LONG_AGO_SECONDS = 3600;

/** Nobody asks a run to stop: that would end it too early. */
const UNDISTURBED = { ...STEADY[0]!, gracefulStopShare: 0 };

/** Workers are alive and heartbeats are fresh, yet some work makes no progress. */
export const SESSION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'wedged-session',
    happens: 'The tool results of two sessions in prod are refused with 403; their workers keep sending heartbeats.',
    expect:
      'Everything looks healthy, but two live items belong to sessions that are idle and require action: AnthropicWorkSessionWaiting, a warning.',
    plans: inProdOnly({ ...UNDISTURBED, misbehaving: { conduct: 'wedges', sessions: 2 } }),
    warmUpSeconds: LONG_AGO_SECONDS,
  },
  {
    name: 'awaiting-approval',
    happens:
      'A session in prod asks for approval of a tool call, and nobody answers; its worker keeps sending heartbeats.',
    expect:
      'One live item belongs to a session that is idle and requires action: AnthropicWorkSessionWaiting, a warning.',
    plans: inProdOnly({ ...UNDISTURBED, misbehaving: { conduct: 'awaits-approval', sessions: 1 } }),
    warmUpSeconds: LONG_AGO_SECONDS,
  },
  {
    name: 'terminated-session',
    happens: 'A session in prod was terminated; its worker did not notice and keeps sending heartbeats.',
    expect: 'One live item belongs to a terminated session and holds a worker: AnthropicWorkItemStuck, a warning.',
    plans: inProdOnly({ ...UNDISTURBED, misbehaving: { conduct: 'terminates', sessions: 1 } }),
    warmUpSeconds: LONG_AGO_SECONDS,
  },
  {
    name: 'redelivery-loop',
    happens:
      'A session in prod kills every worker that serves it, minutes into the run; its item returns to the queue each time.',
    expect:
      'One item is acknowledged again and again while all others run normally: item_deliveries_max grows and AnthropicWorkItemStuck warns.',
    plans: inProdOnly({ ...UNDISTURBED, misbehaving: { conduct: 'kills-worker', sessions: 1 } }),
    warmUpSeconds: LONG_AGO_SECONDS,
    leaseTtlSeconds: 60,
  },
  {
    name: 'stillborn',
    happens: "Every run in prod ends within four seconds, as if the worker's command returned too early.",
    expect:
      'Items come and go and nothing waits, but nearly all runs are too short: AnthropicWorkRunsTooShort, a warning.',
    plans: inProdOnly({
      phases: [{ seconds: ALWAYS, arrivals: PROD_ARRIVALS, fleets: [{ ...PROD, runSeconds: [1, 4] }] }],
    }),
    warmUpSeconds: 1200,
  },
];
