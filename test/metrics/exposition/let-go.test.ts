import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ObservedText } from '../../../src/metrics/exposition/observed-text.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { noTransitions } from '../../support/expositions.ts';
import { buildItem, buildItems, buildState, NOW } from '../../support/states.ts';

const OPTIONS = { now: NOW, format: 'prometheus', skewMs: () => 0 } as const;

function stateOfOneRead() {
  return buildState('env_1', { items: buildItems([buildItem('work_a')]), lifecycle: noTransitions() });
}

it('keeps neither a state nor its items alive when the next read has replaced them', async () => {
  const text = new ObservedText(() => Promise.resolve());
  const watched = [stateOfOneRead()];
  const before = await text.write(watched, OPTIONS);
  const [state, items] = [new WeakRef<object>(watched[0]!), new WeakRef<object>(watched[0]!.items!)];
  watched[0] = stateOfOneRead();
  await setImmediate();
  await collectGarbage();
  expect([state.deref(), items.deref()]).toEqual([undefined, undefined]);
  expect(Buffer.concat(await text.write(watched, OPTIONS))).toEqual(Buffer.concat(before));
});
