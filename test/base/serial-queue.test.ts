import { expect, it } from 'vitest';
import { SerialQueue } from '../../src/base/serial-queue.ts';
import { settle } from '../support/manual-clock.ts';

it('steps run one after the other, in the order in which they were asked for', async () => {
  const queue = new SerialQueue();
  const happened: string[] = [];
  const first = Promise.withResolvers<void>();
  const step = (name: string, wait: Promise<void>) => async () => {
    happened.push(`${name} begins`);
    await wait;
    happened.push(`${name} ends`);
    return name;
  };
  const results = [queue.run(step('a', first.promise)), queue.run(step('b', Promise.resolve()))];
  await settle();
  expect(happened).toEqual(['a begins']);
  first.resolve();
  expect(await Promise.all(results)).toEqual(['a', 'b']);
  expect(happened).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

it('a step that fails tells whoever asked for it and holds up nobody', async () => {
  const queue = new SerialQueue();
  const failed = queue.run(() => Promise.reject(new Error('broken')));
  const next = queue.run(async () => 'done');
  await expect(failed).rejects.toThrow('broken');
  expect(await next).toBe('done');
});
