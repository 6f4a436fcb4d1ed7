import { describe, expect, it } from 'vitest';
import { AnswerMemory } from '../../../src/client/answers/answer-memory.ts';
import { memoryWithCounter, row, WAYS } from './memory-with-counter.ts';

describe.each(WAYS)('what AnswerMemory keeps, as $kept', ({ mostBytes }) => {
  it('keeps three pages, the last ones', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    for (const question of ['1', '2', '3', '1', '2', '3', '1', '2', '3']) read(question, [row(Number(question))]);
    expect(counted).toEqual({ rows: 3, whole: 3 });
    for (const question of ['4', '4', '2']) read(question, [row(Number(question))]);
    expect(counted).toEqual({ rows: 4, whole: 4 });
    read('1', [row(1)]);
    expect(counted).toEqual({ rows: 4, whole: 5 });
  });

  it('keeps what it knows while many pages are asked for once', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    for (let count = 0; count < 2; count++) read('q', [row(1)]);
    for (let page = 0; page < 100; page++) read(`page ${page}`, [row(page)]);
    expect(counted).toEqual({ rows: 1, whole: 101 });
    read('q', [row(1)]);
    expect(counted).toEqual({ rows: 1, whole: 101 });
  });

  it('keeps nothing of a page that holds a secret, nor what it knew before', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    for (let count = 0; count < 2; count++) read('q', [row(1)]);
    for (let count = 0; count < 3; count++) read('q', [row(1), { ...row(2), secret: true }]);
    expect(counted).toEqual({ rows: 1 + 1 + 2, whole: 2 });
  });

  it('forgets, of several pages, just the one that may not be kept any more', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    for (const question of ['1', '2', '1', '2', '1', '2']) read(question, [row(Number(question))]);
    read('1', [{ ...row(1), secret: true }]);
    Object.assign(counted, { rows: 0, whole: 0 });
    read('2', [row(2)]);
    expect(counted).toEqual({ rows: 0, whole: 0 });
    read('1', [row(1)]);
    expect(counted).toEqual({ rows: 0, whole: 1 });
  });

  it('remembers nothing of a body that could not be read', () => {
    const memory = new AnswerMemory<string, string>(mostBytes === undefined ? {} : { mostBytes });
    const broken = () => {
      throw new Error('no item');
    };
    const changing = { key: 'beat', withText: () => null, isSettled: () => false };
    const reader = { changing, bytesOf: () => 0, reported: () => 0, mayKeep: () => true, whole: broken };
    const body = Buffer.from('{"data":[{}]}');
    for (let count = 0; count < 3; count++) {
      expect(() => memory.pageOf('q', body, { ...reader, page: broken })).toThrow('no item');
    }
    expect(memory.pageOf('q', body, { ...reader, page: () => 'now' })).toBe('now');
  });
});
