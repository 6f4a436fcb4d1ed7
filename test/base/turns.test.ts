import { expect, it } from 'vitest';
import { Turns } from '../../src/base/turns.ts';
import { settle } from '../support/manual-clock.ts';

it('steps run one after the other, in the order in which they were asked for', async () => {
  const turns = new Turns();
  const happened: string[] = [];
  const first = Promise.withResolvers<void>();
  const step = (name: string, wait: Promise<void>) => async () => {
    happened.push(`${name} begins`);
    await wait;
    happened.push(`${name} ends`);
    return name;
  };
  const results = [turns.take(step('a', first.promise)), turns.take(step('b', Promise.resolve()))];
  await settle();
  expect(happened).toEqual(['a begins']);
  first.resolve();
  expect(await Promise.all(results)).toEqual(['a', 'b']);
  expect(happened).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

it('a step that fails tells whoever asked for it and holds up nobody', async () => {
  const turns = new Turns();
  const failed = turns.take(() => Promise.reject(new Error('broken')));
  const next = turns.take(async () => 'done');
  await expect(failed).rejects.toThrow('broken');
  expect(await next).toBe('done');
});

it('all is settled when the last step that was asked for has ended', async () => {
  const turns = new Turns();
  const last = Promise.withResolvers<void>();
  void turns.take(() => last.promise);
  let settled = false;
  const waited = turns.settled().then(() => {
    settled = true;
  });
  await settle();
  expect(settled).toBe(false);
  last.resolve();
  await waited;
  expect(settled).toBe(true);
});
