import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerMemory } from '../../src/client/answer-memory.ts';
import type { WorkPage } from '../../src/client/work-api.ts';
import { startPair } from './start-pair.ts';
import { json } from './test-server.ts';

const PAGE = { limit: 10, page: null };

function memoryWithCounter() {
  const memory = new AnswerMemory<{ readonly text: string }>();
  const counted = { parsed: 0 };
  const read = (question: string, text: string, repeatable = true) =>
    memory.valueOf(question, Buffer.from(text), () => {
      counted.parsed++;
      return { value: { text }, repeatable };
    });
  return { read, counted };
}

describe('AnswerMemory', () => {
  it('parses an answer that stays the same twice, and then no more', () => {
    const { read, counted } = memoryWithCounter();
    const values = Array.from({ length: 10 }, () => read('q', 'same'));
    expect(counted.parsed).toBe(2);
    expect(new Set(values.slice(1)).size).toBe(1);
  });

  it('never gives a value of other bytes, whatever comes in whatever order', () => {
    const long = 'x'.repeat(4096);
    const text = fc.constantFrom('a', 'b', `${long}a`, `${long}b`, `${long}ab`, `a${long}`);
    const answers = fc.array(fc.tuple(fc.constantFrom('1', '2', '3', '4', '5'), text, fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(answers, (all) => {
        const { read } = memoryWithCounter();
        for (const [question, body, repeatable] of all) expect(read(question, body, repeatable).text).toBe(body);
      }),
    );
  });

  it('tells a change behind the head of a page', () => {
    const { read, counted } = memoryWithCounter();
    const head = 'x'.repeat(5000);
    for (const end of ['a', 'a', 'a', 'b', 'b', 'b', 'a']) expect(read('q', head + end).text).toBe(head + end);
    expect(counted.parsed).toBe(4);
  });

  it('keeps three pages, the last ones', () => {
    const { read, counted } = memoryWithCounter();
    for (const question of ['1', '2', '3', '1', '2', '3']) read(question, question);
    counted.parsed = 0;
    for (const question of ['1', '2', '3']) read(question, question);
    expect(counted.parsed).toBe(0);
    read('4', '4');
    read('1', '1');
    expect(counted.parsed).toBe(2);
  });

  it('parses again what may not be used again', () => {
    const { read, counted } = memoryWithCounter();
    for (let count = 0; count < 5; count++) read('q', 'same', false);
    expect(counted.parsed).toBe(5);
  });

  it('remembers nothing of a body that could not be parsed', () => {
    const memory = new AnswerMemory<string>();
    const broken = () =>
      memory.valueOf('q', Buffer.from('{'), () => {
        throw new Error('not JSON');
      });
    for (let count = 0; count < 3; count++) expect(broken).toThrow('not JSON');
    expect(memory.valueOf('q', Buffer.from('{'), () => ({ value: 'now', repeatable: true }))).toBe('now');
  });
});

const item = (id: string, state = 'queued') => ({
  id,
  state,
  data: { type: 'session' },
  created_at: '2026-11-24T12:00:00Z',
});

it('a page of the same bytes is the same value, with its own facts of the answer', async () => {
  const body = { data: [item('work_1')], next_page: null };
  let count = 0;
  const { api } = await startPair((_, response) =>
    response.writeHead(200, { 'request-id': `req_${++count}` }).end(JSON.stringify(body)),
  );
  const memory = new AnswerMemory<WorkPage>();
  const replies = [];
  for (let n = 0; n < 4; n++) replies.push(await api.listPage('env_1', PAGE, { memory }));
  expect(new Set(replies.slice(1).map(({ value }) => value)).size).toBe(1);
  expect(replies.map(({ requestId }) => requestId)).toEqual(['req_1', 'req_2', 'req_3', 'req_4']);
  body.data = [item('work_1', 'active')];
  expect((await api.listPage('env_1', PAGE, { memory })).value.items[0]!.state).toBe('active');
});

it('what this version does not know is reported at each answer, the same bytes or not', async () => {
  const { api, observer } = await startPair((_, response) =>
    json(response, 200, { data: [item('work_1', 'dreaming')], next_page: null }),
  );
  const memory = new AnswerMemory<WorkPage>();
  for (let n = 0; n < 4; n++) await api.listPage('env_1', PAGE, { memory });
  expect(observer.unknown).toEqual(['state', 'state', 'state', 'state']);
});

it.each<[what: string, headers: Record<string, string>, body: string, status: number]>([
  ['a failure', {}, '{}', 500],
  ['an old answer of a cache', { age: '60' }, JSON.stringify({ data: [item('work_1')], next_page: null }), 200],
])('%s is judged before anything is remembered', async (_, headers, body, status) => {
  const good = JSON.stringify({ data: [item('work_1')], next_page: null });
  let bad = false;
  const { api } = await startPair((_, response) =>
    bad ? response.writeHead(status, headers).end(body) : response.writeHead(200).end(good),
  );
  const memory = new AnswerMemory<WorkPage>();
  for (let n = 0; n < 3; n++) await api.listPage('env_1', PAGE, { memory });
  bad = true;
  await expect(api.listPage('env_1', PAGE, { memory, retry: false })).rejects.toThrow();
});
