import { expect, it } from 'vitest';
import { TOLD_SCENARIOS } from './all-live-scenarios.ts';
import type { LiveScenario } from './live-scenario.ts';
import type { Notification } from './receiver.ts';
import { boundSeconds } from './time-to-tell.ts';
import { judge } from './verdict.ts';

const MINUTE = 60_000;
const SCENARIO: LiveScenario = {
  cause: 'a fleet',
  exporter: 'one',
  steps: [],
  tells: [{ alert: 'NoWorkers', severity: 'critical', evidence: 150 }],
  mayTell: ['StaleHeartbeats'],
};
const TRUTH = { beganAt: 0, repairedAt: 12 * MINUTE };

const PAGE = 'AnthropicWorkNoWorkers critical';
function told(minute: number, firing: readonly string[], change: Partial<Notification> = {}): Notification {
  return {
    receiver: 'pager',
    status: firing.length > 0 ? 'firing' : 'resolved',
    group: { job: 'one', environment_id: 'env_a_fleet' },
    alerts: (firing.length > 0 ? firing : [PAGE]).map((name) => ({ name, firing: firing.length > 0, summary: '' })),
    at: minute * MINUTE,
    ...change,
  };
}
const ENDS = told(16, []);

it.each<[string, readonly Notification[], RegExp | null]>([
  ['one page in time, and its end', [told(5, [PAGE]), ENDS], null],
  ['the page again as a reminder', [told(5, [PAGE]), told(9, [PAGE]), ENDS], null],
  [
    'a ticket that may come beside',
    [told(4, ['AnthropicWorkStaleHeartbeats warning'], { receiver: 'chat' }), told(5, [PAGE]), ENDS],
    null,
  ],
  [
    'what belongs to another environment',
    [
      told(5, [PAGE]),
      ENDS,
      told(6, ['AnthropicWorkItemStuck warning'], { group: { job: 'one', environment_id: 'env_other' } }),
    ],
    null,
  ],
  ['no page', [], /told 0 times/],
  ['a late page', [told(8, [PAGE]), ENDS], /came after 480 s/],
  ['a page that ends and comes back', [told(5, [PAGE]), told(7, []), told(9, [PAGE]), ENDS], /told 2 times/],
  ['a page without an end', [told(5, [PAGE])], /has not ended/],
  ['an end that comes late', [told(5, [PAGE]), told(21, [])], /ended 540 s after/],
  [
    'a second alert in the same notification',
    [told(5, [PAGE, 'AnthropicWorkWaitBudgetBurn critical']), ENDS],
    /WaitBudgetBurn/,
  ],
  [
    'another page after the repair',
    [told(5, [PAGE]), ENDS, told(20, ['AnthropicWorkOldestItemTooOld critical'])],
    /OldestItemTooOld/,
  ],
])('judges %s', (_, notifications, fault) => {
  const { faults } = judge(SCENARIO, TRUTH, notifications);
  if (fault === null) expect(faults).toEqual([]);
  else expect(faults.join('; ')).toMatch(fault);
});

it('does not count the time in which the machine stood still', () => {
  const late = [told(9, [PAGE]), ENDS];
  expect(judge(SCENARIO, TRUTH, late).faults).not.toEqual([]);
  expect(judge(SCENARIO, TRUTH, late, (from) => (from === 0 ? 2 * MINUTE : 0)).faults).toEqual([]);
});

it.each(TOLD_SCENARIOS)('$cause goes on until it must have been told, and a minute longer', ({ steps, tells }) => {
  const bound = Math.max(...tells.map((one) => boundSeconds(one)));
  expect(steps.at(-1)!.minute * 60).toBeGreaterThanOrEqual(bound + 60);
});
