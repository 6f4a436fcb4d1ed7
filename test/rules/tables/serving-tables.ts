import { step } from '../support/lines.ts';
import type { RuleTable } from '../support/rule-table.ts';

const notServed: RuleTable = {
  rule: 'environment:anthropic_work_not_served:info',
  until: 30,
  given: { alerts: [['NoWorkers', 'critical', 1]], recorded: { waiting: 3 } },
  rows: [
    ['the page is out, and nothing else is known', {}, 1],
    ['nobody polls', { raw: { polling: 0 } }, 1],
    ['somebody polls', { raw: { polling: 1 } }, null],
    ['somebody polls, and the page is due', { raw: { polling: 1 }, recorded: { unserved: 1 } }, 1],
    ['nobody serves', { recorded: { live: 0 } }, 1],
    ['somebody serves', { recorded: { live: 1 } }, null],
    ['an item was taken a minute ago', { recorded: { waiting: step(29, 3, 2) } }, null],
    ['an item was taken three minutes ago', { recorded: { waiting: step(27, 3, 2) } }, 1],
    ['empty for two and a half minutes', { recorded: { waiting: step(27.5, 3, 0) } }, 1],
    ['empty for four minutes', { recorded: { waiting: step(26, 3, 0) } }, null],
    ['empty for four minutes, and the list knows of nobody', { recorded: { waiting: step(26, 3, 0), live: 0 } }, 1],
    [
      'the list says that nothing is left',
      { recorded: { waiting: step(26, 3, 0), live: 0, listFresh: 20 }, raw: { itemsActive: 0 } },
      null,
    ],
    [
      'the list says that an item is left',
      { recorded: { waiting: step(26, 3, 0), live: 0, listFresh: 20 }, raw: { itemsActive: 1 } },
      1,
    ],
    [
      'the list says that an item starts',
      { recorded: { waiting: step(26, 3, 0), live: 0, listFresh: 20 }, raw: { itemsStarting: 1 } },
      1,
    ],
    [
      'the list says that an item stops',
      { recorded: { waiting: step(26, 3, 0), live: 0, listFresh: 20 }, raw: { itemsStopping: 1 } },
      1,
    ],
    [
      'a fresh list of a queue in which items wait',
      { recorded: { listFresh: 20, live: 0 }, raw: { itemsActive: 0 } },
      1,
    ],
    ['empty for eleven minutes, with an item that hangs', { recorded: { waiting: step(19, 3, 0), live: 0 } }, 1],
    [
      'empty for a quarter of an hour, with an item that hangs',
      { recorded: { waiting: step(15, 3, 0), live: 0 } },
      null,
    ],
    ['one waits for a quarter of an hour', { recorded: { waiting: 1, live: 0 } }, 1],
    [
      'one waited within a quarter of an hour',
      { recorded: { waiting: (minute) => (minute === 20 ? 1 : 0), live: 0 } },
      1,
    ],
  ],
};

export const SERVING_TABLES = [notServed];
