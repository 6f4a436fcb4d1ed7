import { expect, it } from 'vitest';
import type { Thresholds } from '../../../../src/domain/environment.ts';
import { thresholdList } from '../../../../src/server/page/markup/threshold-list.ts';
import { buildEnvironment } from '../../../support/states.ts';
import { textOf } from '../page-facts.ts';

const NEVER = Number.POSITIVE_INFINITY;
const OFF = { warning: NEVER, critical: NEVER };

const shown = (change: Partial<Thresholds>) =>
  textOf(thresholdList({ ...buildEnvironment().thresholds, ...change }).toString());

it.each<[string, Partial<Thresholds>, string]>([
  [
    'both limits',
    { queueAgeSeconds: { warning: 300, critical: 900 } },
    'Age of the oldest item warning 5m, critical 15m',
  ],
  ['only one', { queueDepth: { warning: 100, critical: NEVER } }, 'Number of waiting items warning 100 '],
  ['a limit on redeliveries', { redeliveries: 3 }, 'Redeliveries of an item 3 '],
  ['a minimum', { minWorkers: 2 }, 'Minimum number of workers 2 '],
  ['no minimum', { minWorkers: 0 }, 'Minimum number of workers none '],
])('shows %s', (_, change, text) => {
  expect(shown(change)).toContain(text);
});

it('says of each limit that is switched off that there is none', () => {
  const text = shown({
    queueAgeSeconds: OFF,
    queueDepth: OFF,
    staleHeartbeatItems: OFF,
    staleHeartbeatSeconds: NEVER,
    stateAgeSeconds: { starting: NEVER, active: NEVER, stopping: NEVER },
    sessionWaitSeconds: NEVER,
    redeliveries: NEVER,
  });
  expect(text).toContain('no limit');
  expect(text).not.toMatch(/infinity|for ever|\d/i);
});
