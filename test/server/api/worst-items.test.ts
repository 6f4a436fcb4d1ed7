import { expect, it } from 'vitest';
import { worstItems } from '../../../src/server/api/worst-items.ts';
import { buildEnvironment, buildItem, buildItems, NOW } from '../../support/states.ts';

const { thresholds } = buildEnvironment();
const SEEN = NOW - 5000;

it('stale items first, then the furthest over their limit, then the oldest', () => {
  const items = buildItems([
    buildItem('long-running', { state: 'active', acknowledgedAt: SEEN - 9e6, latestHeartbeatAt: SEEN }),
    buildItem('fresh', { createdAt: SEEN - 10_000 }),
    buildItem('waiting', { createdAt: SEEN - 600_000 }),
    buildItem('stopping', { state: 'stopping', stopRequestedAt: SEEN - 119_000, latestHeartbeatAt: SEEN }),
    buildItem('stale', { state: 'active', acknowledgedAt: SEEN - 200_000, latestHeartbeatAt: SEEN - 121_000 }),
    buildItem('odd', { state: 'other' }),
  ]);
  const order = worstItems(items, thresholds).map(({ item }) => item.id);
  expect(order).toEqual(['stale', 'waiting', 'stopping', 'fresh', 'long-running', 'odd']);
});

it('at most twenty', () => {
  const items = buildItems(Array.from({ length: 30 }, (_, index) => buildItem(`w${index}`, { createdAt: index })));
  const shown = worstItems(items, thresholds).map(({ item }) => item.id);
  expect(shown).toHaveLength(20);
  expect(shown[0]).toBe('w0');
});
