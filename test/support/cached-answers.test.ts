import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CachedAnswers } from './cached-answers.ts';

let root: string;
let asked: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cached-answers-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  copyFileSync('/bin/true', join(root, 'database'));
  asked = [];
});

/** What a test run has of a database that was filled with a history. */
function database({ history = 'up 1', flags = ['--retention=100y'], isCached = true } = {}): CachedAnswers {
  const folder = join(root, `history-${randomBytes(4).toString('hex')}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'history.om'), history);
  const places = { kept: isCached ? join(root, 'kept') : null, log: join(root, 'log') };
  return new CachedAnswers({ program: join(root, 'database'), args: flags, folder }, places);
}

/** Asks and says which answer it is. */
function ask(answers: CachedAnswers, ...question: readonly string[]): Promise<string> {
  return answers.to(question, async () => {
    asked.push(question.join(' '));
    return `${question.join(' ')}: answer ${asked.length}`;
  });
}

async function run(questions: readonly string[], options?: Parameters<typeof database>[0]): Promise<readonly string[]> {
  const answers = database(options);
  const given: string[] = [];
  for (const question of questions) given.push(await ask(answers, question));
  answers.keep();
  return given;
}

describe('an answer of a database', () => {
  it('comes from the cache in the next run, and in the same one', async () => {
    const first = await run(['up', 'down', 'up']);
    expect(asked).toEqual(['up', 'down']);
    expect(await run(['down', 'up', 'up'])).toEqual([first[1], first[0], first[0]]);
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['another history', { history: 'up 0' }],
    ['another flag', { flags: ['--retention=1y'] }],
    ['no cache', { isCached: false }],
  ])('is asked for anew with %s', async (_, options) => {
    await run(['up']);
    await run(['up'], options);
    expect(asked).toEqual(['up', 'up']);
  });

  it('is one to all parts of the question', async () => {
    const answers = database();
    await ask(answers, 'up', '10');
    await ask(answers, 'up', '1', '0');
    await ask(answers, 'up 10');
    expect(asked).toHaveLength(3);
  });

  it('may be nothing, zero or empty', async () => {
    for (const nothing of [0, '', [], false]) {
      const answers = database({ history: JSON.stringify(nothing) });
      expect(await answers.to(['up'], async () => nothing)).toEqual(nothing);
      answers.keep();
      const next = database({ history: JSON.stringify(nothing) });
      expect(await next.to(['up'], () => Promise.reject(new Error('asked')))).toEqual(nothing);
    }
  });

  it('joins those of earlier runs, and those of another file that asks at the same time', async () => {
    await run(['up']);
    const [one, other] = [database(), database()];
    await ask(one, 'one');
    await ask(other, 'other');
    one.keep();
    other.keep();
    await run(['up', 'one', 'other']);
    expect(asked).toEqual(['up', 'one', 'other']);
    expect(readdirSync(join(root, 'kept'))).toHaveLength(1);
  });

  it('is not kept if it is an error', async () => {
    const answers = database();
    await expect(answers.to(['up'], () => Promise.reject(new Error('parse error')))).rejects.toThrow('parse error');
    answers.keep();
    await run(['up']);
    expect(asked).toEqual(['up']);
  });

  it('stays without those of earlier runs where there is no room for all', async () => {
    const long = () => randomBytes(100_000).toString('base64');
    const [before, now] = [database(), database()];
    for (const name of ['a', 'b']) await before.to([name], async () => long());
    before.keep();
    for (const name of ['c', 'd']) await now.to([name], async () => long());
    now.keep();
    const next = database();
    await next.to(['c'], () => Promise.reject(new Error('asked')));
    await expect(next.to(['a'], () => Promise.reject(new Error('asked')))).rejects.toThrow('asked');
  });
});
