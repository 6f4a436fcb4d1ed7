import { during, type Line, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { Row, RuleTable } from '../support/rule-table.ts';
import { ON } from '../support/table-parts.ts';

/** A fraction whose products are exact. */
const ALLOWED = 1 / 64;

const CAUSES: readonly ShortName[] = ['NoWorkers', 'ApiAuthFailing', 'LeasesLapsing', 'EnvironmentNotVisible'];
const PAGES: readonly ShortName[] = [...CAUSES, 'OldestItemTooOld', 'Saturated'];

const ok: RuleTable = {
  rule: 'environment:anthropic_work_wait_ok:bool',
  until: 0,
  given: { raw: { waitTarget: 300 } },
  rows: [
    ['as long as the target', { recorded: { oldestAge: 300 } }, 1],
    ['longer', { recorded: { oldestAge: 301 } }, 0],
    ['longer than the target of one replica', { recorded: { oldestAge: 301 }, second: { waitTarget: 400 } }, 1],
    ['archived', { recorded: { oldestAge: 301 }, raw: { archived: 5 } }, null],
    ['an age that nobody knows', {}, null],
  ],
};

const bad: RuleTable = {
  rule: 'environment:anthropic_work_wait_bad:ratio_avg5m',
  until: 10,
  rows: [
    ['since four minutes', { recorded: { waitOk: step(6, 1, 0) } }, rounded(9 / 11)],
    ['never', { recorded: { waitOk: 1 } }, 0],
  ],
};

const allowed: RuleTable = {
  rule: 'environment:anthropic_work_wait_bad:ratio_allowed',
  until: 0,
  rows: [
    ['two replicas, the stricter one', { raw: { objective: 0.75 }, second: { objective: 0.5 } }, 0.25],
    ['the same, the other way round', { raw: { objective: 0.5 }, second: { objective: 0.75 } }, 0.25],
  ],
};

/** Of six hours, one sample every five minutes. */
const SIX_HOURS = 73;
const badLong: RuleTable = {
  rule: 'environment:anthropic_work_wait_bad:ratio_avg6h',
  until: 400,
  every: 5,
  given: { recorded: { waitAllowed: 0.02, waitOk: 1 } },
  rows: [
    ['for five hours', { recorded: { waitBad: step(100, 0, 1) } }, rounded(61 / SIX_HOURS)],
    ['for all of the last hour', { recorded: { waitBad: step(340, 0, 1) } }, rounded(13 / SIX_HOURS)],
    [
      'at the end of the last hour',
      { recorded: { waitBad: step(370, 0, 1), waitAllowed: 0.01 } },
      rounded(7 / SIX_HOURS),
    ],
    ['at its begin', { recorded: { waitBad: during(340, 375, [0, 1]), waitAllowed: 0.01 } }, rounded(7 / SIX_HOURS)],
    ['for less than half of the last hour', { recorded: { waitBad: during(100, 370, [0, 1]) } }, null],
    ['exactly half of the time', { recorded: { waitBad: 0.5 } }, null],
    ['exactly as much as six times what is allowed', { recorded: { waitBad: 0.75, waitAllowed: 0.125 } }, null],
    ['seen for 90 minutes', { recorded: { waitBad: 0.75, waitOk: step(310, null, 1) } }, 0.75],
    ['not seen for 90 minutes', { recorded: { waitBad: 0.75, waitOk: step(315, null, 1) } }, null],
  ],
};

const page: RuleTable = {
  rule: 'AnthropicWorkWaitBudgetBurn critical',
  until: 60,
  given: { recorded: { waitBadLong: 0.4, waitOk: 0 } },
  rows: [
    ['all the time', {}, { fires: [[5, ON]] }],
    ['nothing is too long', { recorded: { waitBadLong: null } }, null],
    ['less than too much', { recorded: { waitBadLong: step(20, 0.4, null) } }, { fires: [[5, 31]] }],
    ['the wait is over', { recorded: { waitOk: step(20, 0, 1) } }, { fires: [[5, 25]] }],
    ['the wait falls at the begin', { recorded: { recoveringSteadily: step(20, 1, null) } }, { fires: [[25, ON]] }],
    [
      'the wait falls, and its queue does not drain',
      { recorded: { recoveringSteadily: step(20, null, 1) } },
      { fires: [[5, ON]] },
    ],
    ['the queue drains', { recorded: { draining: step(20, null, 1) } }, { fires: [[5, 21]] }],
    ['a ticket says why', { alerts: [['NoWorkers', 'warning', step(20, null, 1)]] }, { fires: [[5, ON]] }],
    ...PAGES.map(
      (alert): Row => [
        `told by ${alert}`,
        { alerts: [[alert, 'critical', during(20, 20.5, [null, 1])]] },
        { fires: [[5, 21]] },
      ],
    ),
  ],
};

const pageOnce: RuleTable = {
  ...page,
  until: 400,
  every: 1,
  rows: [
    ['a page says why', { alerts: [['NoWorkers', 'critical', during(0, 3, [null, 1])]] }, { fires: [[68, ON]] }],
    [
      'again within six hours',
      { alerts: [['NoWorkers', 'critical', during(20, 21, [null, 1])]] },
      {
        fires: [
          [5, 21],
          [386, ON],
        ],
      },
    ],
  ],
};

const ticket = { rule: 'AnthropicWorkWaitBudgetBurn warning' } as const;

/** Only these samples, by minute: the mean of two is exact. */
const samples =
  (values: Readonly<Record<number, number>>): Line =>
  (minute) =>
    values[minute] ?? null;

/** Alerts that fired once, at this minute. */
const once = (alert: ShortName, severity: 'critical' | 'warning', minute: number) =>
  ({ alerts: [[alert, severity, (now: number) => (now === minute ? 1 : null)]] }) as const;

const hour: RuleTable = {
  ...ticket,
  until: 200,
  every: 5,
  given: { recorded: { waitAllowed: ALLOWED, waitOk: 1, waitBad: 0.5 } },
  rows: [
    ['all the time', {}, { fires: [[50, ON]] }],
    ['exactly the limit over the hour', { recorded: { waitBad: samples({ 60: 0, 90: 28.8 * ALLOWED }) } }, null],
    ['exactly the limit of late', { recorded: { waitBad: samples({ 20: 1, 75: 14.4 * ALLOWED }) } }, null],
    ['no longer', { recorded: { waitBad: step(100, 0.5, 0) } }, { fires: [[50, 170]] }],
    ['since a while', { recorded: { waitBad: step(100, 0, 0.5) } }, { fires: [[130, ON]] }],
    ['seen later', { recorded: { waitOk: step(60, null, 1) } }, { fires: [[110, ON]] }],
    ...(['OldestItemTooOld', 'Saturated', 'NoWorkers', 'PendingStuck', 'HeadOfLineBlocked'] as const).map(
      (alert): Row => [`one wait, told by ${alert}`, once(alert, 'warning', 0), { fires: [[130, ON]] }],
    ),
    ...([...PAGES, 'WaitBudgetBurn'] as const).map(
      (alert): Row => [`paged as ${alert}`, once(alert, 'critical', 0), null],
    ),
  ],
};

const day: RuleTable = {
  ...ticket,
  until: 2070,
  every: 30,
  // Seen for less than the longest window wants.
  given: { recorded: { waitAllowed: ALLOWED, waitOk: step(1000, null, 1), waitBad: 0.1 } },
  rows: [
    ['all the time', {}, { fires: [[1410, ON]] }],
    ['exactly the limit over the day', { recorded: { waitBad: samples({ 1410: 0, 1560: 6 * ALLOWED }) } }, null],
    ['exactly the limit of late', { recorded: { waitBad: samples({ 1200: 0.2, 1560: 3 * ALLOWED }) } }, null],
    ['no longer', { recorded: { waitBad: step(1500, 0.1, 0) } }, { fires: [[1410, 1620]] }],
    ['since a while', { recorded: { waitBad: step(1200, 0, 0.1) } }, { fires: [[1890, ON]] }],
    ['a ticket tells of one wait', once('OldestItemTooOld', 'warning', 1410), { fires: [[1410, ON]] }],
    ['a page said it half a day ago', once('OldestItemTooOld', 'critical', 690), { fires: [[1470, ON]] }],
  ],
};

const days: RuleTable = {
  ...ticket,
  until: 6960,
  every: 120,
  given: { recorded: { waitAllowed: ALLOWED, waitOk: 1, waitBad: 0.03 } },
  rows: [
    ['all the time', {}, { fires: [[1200, ON]] }],
    ['exactly the limit over the days', { recorded: { waitBad: samples({ 3600: 0, 4080: 2 * ALLOWED }) } }, null],
    ['exactly the limit of late', { recorded: { waitBad: samples({ 600: 0.04, 1200: ALLOWED }) } }, null],
    ['no longer', { recorded: { waitBad: step(3600, 0.03, 0) } }, { fires: [[1200, 3840]] }],
    ['since a while', { recorded: { waitBad: step(4440, 0, 0.03) } }, { fires: [[6840, ON]] }],
  ],
};

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

export const WAIT_TABLES: readonly RuleTable[] = [ok, bad, allowed, badLong, page, pageOnce, hour, day, days];
