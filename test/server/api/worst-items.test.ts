import { expect, it } from 'vitest';
import { worstItems } from '../../../src/server/api/worst-items.ts';
import { buildSessions, LONG_AGO } from '../../support/sessions.ts';
import { buildEnvironment, buildItem, buildItems, NOW } from '../../support/states.ts';

const { thresholds } = buildEnvironment();
const SEEN = NOW - 5000;

it('stale items first, then the furthest over their limit, then the oldest', () => {
  const items = buildItems([
    buildItem('long-running', { state: 'active', acknowledgedAt: SEEN - 9e6, latestHeartbeatAt: SEEN }),
    buildItem('fresh', { createdAt: SEEN - 10_000 }),
    buildItem('waiting', { createdAt: SEEN - 600_000 }),
    buildItem('stopping', { state: 'stopping', stopRequestedAt: SEEN - 119_000, latestHeartbeatAt: SEEN }),
    buildItem('stale-and-younger', {
      state: 'active',
      acknowledgedAt: SEEN - 190_000,
      latestHeartbeatAt: SEEN - 130_000,
    }),
    buildItem('stale', { state: 'active', acknowledgedAt: SEEN - 200_000, latestHeartbeatAt: SEEN - 121_000 }),
    buildItem('odd', { state: 'other' }),
  ]);
  const order = worstItems(items, null, thresholds).map(({ item }) => item.id);
  expect(order).toEqual(['stale', 'stale-and-younger', 'waiting', 'stopping', 'fresh', 'long-running', 'odd']);
});

it('at most twenty of the worst items are shown', () => {
  const items = buildItems(Array.from({ length: 30 }, (_, index) => buildItem(`w${index}`, { createdAt: index })));
  const shown = worstItems(items, null, thresholds).map(({ item }) => item.id);
  expect(shown).toHaveLength(20);
  expect(shown[0]).toBe('w0');
});

it('items whose session waits, or that come back, before others that run for as long', () => {
  const since = { acknowledgedAt: LONG_AGO, latestHeartbeatAt: SEEN };
  const run = (id: string) => buildItem(id, { state: 'active', sessionId: id, ...since });
  const items = buildItems([
    run('runs'),
    run('turn-ended'),
    run('waits'),
    run('terminated'),
    { ...run('comes-back'), deliveries: 5 },
    run('waits-longer'),
  ]);
  const sessions = buildSessions({
    runs: ['running'],
    'turn-ended': ['idle', 'end_turn', SEEN - 7_000_000],
    waits: ['idle', 'requires_action', SEEN - 2_000_000],
    terminated: ['terminated', null, SEEN - 1_900_000],
    'waits-longer': ['idle', 'requires_action', SEEN - 3_000_000],
  });
  const order = worstItems(items, sessions, thresholds).map(({ item }) => item.id);
  // 50 of 30 minutes, 4 of 3 deliveries beyond the first, 33 and 32 of 30 minutes.
  expect(order.slice(0, 4)).toEqual(['waits-longer', 'comes-back', 'waits', 'terminated']);
});
