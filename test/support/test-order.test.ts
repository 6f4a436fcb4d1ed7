import { existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { BUSY, inOrder, isWaiting, WAITING } from './long-tests.ts';
import { ROOT } from './processes.ts';
import { TestOrder } from './test-order.ts';

const paths = (files: readonly string[]) => inOrder(files, (path) => path);

it('starts long files first, one that waits beside one that computes', () => {
  const [waits, waitsToo] = WAITING;
  const [computes, computesToo] = BUSY;
  expect(paths(['test/a.test.ts', waitsToo, computesToo, waits, 'test/b.test.ts', computes])).toEqual([
    waits,
    computes,
    waitsToo,
    computesToo,
    'test/a.test.ts',
    'test/b.test.ts',
  ]);
});

it('starts every file once, and those of one kind in their order when the other kind is over', () => {
  const all = ['test/z.test.ts', ...BUSY.toReversed(), ...WAITING.toReversed(), 'test/a.test.ts'];
  const ordered = paths(all);
  expect(ordered.toSorted()).toEqual(all.toSorted());
  for (const kind of [WAITING, BUSY] as const) {
    expect(ordered.filter((path) => (kind as readonly string[]).includes(path))).toEqual(kind);
  }
  expect(ordered.slice(-2)).toEqual(['test/z.test.ts', 'test/a.test.ts']);
});

it('leaves a choice of short files as it is', () => {
  expect(paths(['test/b.test.ts', 'test/a.test.ts'])).toEqual(['test/b.test.ts', 'test/a.test.ts']);
});

it('lets tests that wait go first: all others run at a lower priority', () => {
  expect(isWaiting(join(ROOT, WAITING[0]))).toBe(true);
  expect(isWaiting(join(ROOT, BUSY[0]))).toBe(false);
  // This file does not wait.
  expect(getPriority()).toBeGreaterThanOrEqual(10);
});

it('names files that exist, and is in force', () => {
  for (const path of [...WAITING, ...BUSY]) expect(existsSync(join(ROOT, path)), path).toBe(true);
  expect(config.test?.sequence?.sequencer).toBe(TestOrder);
});
