import { step } from '../support/lines.ts';
import type { Inputs, Outcome, Row, RuleTable } from '../support/rule-table.ts';
import { exporter, JOB } from '../support/series.ts';
import { pages } from '../support/table-parts.ts';

/** A page is firing, something waits, and nothing shows that anybody works. */
const OUT: Inputs = { ...pages('NoWorkers'), recorded: { doubtedWaiting: 3 } };
const out = (name: string, outcome: Outcome, recorded: Inputs['recorded']): Row => [
  name,
  { ...OUT, recorded: { ...OUT.recorded, ...recorded } },
  outcome,
];
const SHORT = { doubtedWaiting: 1, oldestAge: 100 } as const;
const HALF = { overdue: 200, doubtedLive: 1, staleActiveA: 1 } as const;
const CRASHING = { overdue: 400, losingRuns: 1, doubtedLive: 1 } as const;
/** One waits for a little too long and is not taken. */
const STANDS = { doubtedWaiting: 1, oldestAge: 151, overdue: 151, headStands: 0 } as const;
const LISTED = { doubtedWaiting: step(17.5, 3, 0), doubtedLive: 0, listFresh: 10 } as const;

const notServed: RuleTable = {
  rule: 'environment:anthropic_work_not_served:info',
  until: 20,
  rows: [
    ['unserved', { recorded: { unserved: 300 } }, 300],
    ['unserved, and somebody polls', { recorded: { unserved: 300, doubtedWaiting: 3, doubtedPolling: 1 } }, 300],
    out('nothing is known but what waits', 1, {}),
    ['nothing is known', pages('NoWorkers'), 1],
    ['another page', { ...pages('ApiAuthFailing'), recorded: { doubtedWaiting: 3 } }, null],
    ['a ticket', { alerts: [['NoWorkers', 'warning', 1]], recorded: { doubtedWaiting: 3 } }, null],
    out('one has polled', null, { doubtedPolling: 1 }),
    out('nobody has polled', 1, { doubtedPolling: 0 }),
    out('one works', null, { doubtedLive: 1 }),
    out('nobody works', 1, { doubtedLive: 0 }),
    ['one works, and nobody knows what waits', { ...pages('NoWorkers'), recorded: { doubtedLive: 1 } }, null],
    out('one works, late, and more leases lapse than runs finish', 1, CRASHING),
    out('the same, and it polls', 1, { ...CRASHING, doubtedPolling: 1 }),
    out('the same in time', null, { ...CRASHING, overdue: null }),
    out('one works, late, and as many runs finish', null, { ...CRASHING, losingRuns: null }),
    out('one works, less late than before, and more leases lapse', null, { ...CRASHING, recovering: 300 }),
    ['one works, late, more leases lapse, and no page', { recorded: CRASHING }, null],
    out('one was taken within two minutes', null, { doubtedWaiting: step(18.5, 3, 2) }),
    out('one was taken before', 1, { doubtedWaiting: step(18, 3, 2) }),
    out('nothing waits for long, for two minutes, without a list', null, { ...SHORT, overdue: step(18, 200, null) }),
    out('it no longer waits for long, for two minutes', null, {
      ...STANDS,
      oldestAge: 100,
      overdue: step(18, 151, null),
    }),
    out('it no longer waits for long, for less', 1, { ...STANDS, oldestAge: 100, overdue: step(18.5, 151, null) }),
    out('nothing waits for long, for less, without a list', 1, { ...STANDS, overdue: step(18.5, 200, null) }),
    out('one waits a little longer', 1, STANDS),
    out('a long wait whose head has moved for four minutes', null, { ...STANDS, headStands: step(16, 0, null) }),
    out('for less', 1, { ...STANDS, headStands: step(16.5, 0, null) }),
    out('a list, and the head moves', 1, { ...STANDS, headStands: null, doubtedLive: 0 }),
    out('one waits, and nobody knows since when', 1, { doubtedWaiting: 1 }),
    out('nothing waits for long, with a list', 1, { ...SHORT, doubtedLive: 0 }),
    out('empty, as a fresh list shows', null, LISTED),
    out('empty, but for an item whose heartbeat is stale', 1, { ...LISTED, staleActiveA: 1 }),
    out('empty, as an old list shows', 1, { ...LISTED, listFresh: null }),
    out('one waits, as a fresh list shows', 1, { ...LISTED, doubtedWaiting: 1 }),
    out('half of what runs is silent', 1, HALF),
    out('half of what runs is silent, and one polls', 1, { ...HALF, doubtedPolling: 1 }),
    out('a replica sees half of it silent', 1, { ...HALF, doubtedLive: 2, staleActiveB: 2 }),
    out('less than half is', null, { ...HALF, doubtedLive: 2 }),
    out('half of what runs is silent, and nothing waits for long', null, { ...HALF, overdue: null }),
    out('one works, another never had a heartbeat', null, { ...HALF, staleActiveA: null, staleStartingA: 1 }),
    ['half of what runs is silent, and there is no page', { recorded: { doubtedWaiting: 3, ...HALF } }, null],
    out('empty for twelve minutes', null, { doubtedWaiting: step(8, 3, 0), doubtedLive: 0 }),
    out('empty for less', 1, { doubtedWaiting: step(8.5, 3, 0), doubtedLive: 0 }),
  ],
};

const held: RuleTable = {
  rule: 'environment:anthropic_work_no_workers_held:info',
  until: 20,
  process: exporter(),
  given: { ...pages('NoWorkers'), recorded: { notServed: 1 }, raw: { info: 1 } },
  rows: [
    ['still not served', {}, 1],
    ['not served three and a half minutes ago', { recorded: { notServed: step(17, 1, null) } }, 1],
    ['served since', { recorded: { notServed: step(16.5, 1, null) } }, null],
    ['returned, not served ten minutes ago', { recorded: { notServed: step(10.5, 1, null), returnedNoWorkers: 1 } }, 1],
    ['returned, served since', { recorded: { notServed: step(10, 1, null), returnedNoWorkers: 1 } }, null],
    ['another page returned', { recorded: { notServed: step(16.5, 1, null), returnedNotVisible: 1 } }, null],
    ['no limit any more', { recorded: { ageThresholdOff: 1 } }, null],
    ['archived', { raw: { archived: 5 } }, null],
    ['known five minutes ago', { raw: { info: step(15.5, 1, null) } }, 1],
    ['gone', { raw: { info: step(15, 1, null) } }, null],
    ['its key is refused meanwhile', pages('ApiAuthFailing'), 1],
    ['deleted', { recorded: { environmentDeleted: 1 } }, null],
  ],
};

const heldWhileDown: RuleTable = {
  ...held,
  process: exporter({ up: 0 }),
  rows: [['nobody can say whether it is gone', { raw: { info: step(15, 1, null) } }, 1]],
};

const heldInMissingShard: RuleTable = {
  ...held,
  process: [
    ...exporter(),
    {
      name: 'ALERTS',
      labels: { job: JOB, alertname: 'AnthropicWorkExporterShardMissing', alertstate: 'pending' },
      line: 1,
    },
  ],
  rows: [['its shard may be missing', { raw: { info: step(15, 1, null) } }, 1]],
};

const heldNever: RuleTable = {
  ...held,
  given: { recorded: { notServed: 1 }, raw: { info: 1 } },
  rows: [
    ['no page', {}, null],
    ['another page', pages('LeasesLapsing'), null],
    ['a ticket', { alerts: [['NoWorkers', 'warning', 1]] }, null],
  ],
};

/** A page about workers is firing: how long it stays. */
export const SERVED_AGAIN_TABLES: readonly RuleTable[] = [
  notServed,
  held,
  heldWhileDown,
  heldInMissingShard,
  heldNever,
];
