import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerMemory } from '../../src/client/answer-memory.ts';
import type { PageMemory } from '../../src/client/work-api.ts';
import { startPair } from './start-pair.ts';
import { json } from './test-server.ts';

const PAGE = { limit: 10, page: null };

interface Row {
  readonly start?: string;
  readonly id: number;
  readonly text: string;
  /** Objects in an item: what looks like its end. */
  readonly deep?: unknown;
  /** Something new to this version. */
  readonly drifts?: boolean;
  readonly secret?: boolean;
}

/** A memory of pages of rows, and how often it had to parse one. */
function memoryWithCounter(mostBytes?: number) {
  const memory = new AnswerMemory<readonly Row[], Row>(mostBytes);
  const counted = { rows: 0, whole: 0 };
  let reported = 0;
  const parse = (row: unknown) => {
    counted.rows++;
    if ((row as Row).drifts) reported++;
    return row as Row;
  };
  const readBody = (question: string, body: Buffer) =>
    memory.valueOf(question, body, {
      whole: () => {
        counted.whole++;
        return JSON.parse(body.toString()).data;
      },
      page: (page, known) =>
        (page as { data: unknown[] }).data.map((row, index) => {
          const before = known.known(index);
          const item = before ?? parse(row);
          if (before === undefined) known.parsed(index, row, item);
          return item;
        }),
      reported: () => reported,
      mayKeep: (row) => !(row as Row).secret,
    });
  const read = (question: string, rows: readonly Row[], more: object = {}) =>
    readBody(question, Buffer.from(JSON.stringify({ data: rows, ...more })));
  return { read, readBody, counted };
}

const row = (id: number, text = 'same'): Row => ({ id, text });
const rows = (count: number) => Array.from({ length: count }, (_, id) => row(id));

describe.each([
  { kept: 'bytes', mostBytes: undefined, values: 2 },
  // Only what was the same once is hashed whole.
  { kept: 'digests', mostBytes: 0, values: 3 },
  { kept: 'bytes of short pages and digests of long ones', mostBytes: 100, values: 3 },
])('AnswerMemory that keeps $kept', ({ mostBytes, values: different }) => {
  it('parses an answer that stays the same twice', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    const values = Array.from({ length: 10 }, () => read('q', rows(7)));
    expect(counted).toEqual({ rows: 7, whole: 1 });
    expect(new Set(values).size).toBe(different);
  });

  const HUNDRED = rows(100);
  it.each<[what: string, next: readonly Row[], parsed: number]>([
    ['nothing but the frame, or nothing', HUNDRED, 0],
    ['one item', HUNDRED.with(50, row(50, 'new')), 1],
    ['one item, and its length', HUNDRED.with(0, row(0, 'much longer')), 1],
    ['the first twenty', HUNDRED.map((one) => (one.id < 20 ? row(one.id, 'new') : one)), 20],
    ['every other one', HUNDRED.map((one) => (one.id % 2 ? row(one.id, 'new') : one)), 50],
    ['three came first, three left at the end', [row(201), row(202), row(203), ...HUNDRED.slice(0, 97)], 3],
    [
      'three came first, and ten others changed',
      [row(201), row(202), row(203), ...HUNDRED.map((one) => (one.id < 10 ? row(one.id, 'new') : one))],
      13,
    ],
    ['three came last', [...HUNDRED, row(201), row(202), row(203)], 3],
    ['the first two left', HUNDRED.slice(2), 0],
    ['one in the middle left', HUNDRED.toSpliced(40, 1), 0],
    ['two places exchanged', HUNDRED.with(3, row(4)).with(4, row(3)), 1],
    ['all of them left', [], 0],
    ['all of them changed', HUNDRED.map(({ id }) => row(id, 'new')), 100],
  ])('parses only the items whose bytes changed: %s', (_, next, parsed) => {
    // What both pages end with is compared at once, and not item by item: here it is nothing, or much.
    for (const nextPage of ['b', 'a']) {
      const { read, counted } = memoryWithCounter(mostBytes);
      read('q', HUNDRED, { next_page: 'c' });
      const before = read('q', HUNDRED, { next_page: 'a' });
      Object.assign(counted, { rows: 0, whole: 0 });
      const after = read('q', next, { next_page: nextPage });
      expect(after).toEqual(next);
      expect(counted).toEqual({ rows: parsed, whole: 0 });
      expect(after.filter((one) => before.includes(one))).toHaveLength(next.length - parsed);
    }
  });

  it('never gives an item or a page of other bytes, whatever comes in whatever order', () => {
    // Items that begin with the same bytes, too: what differs then stands far behind.
    const start = fc.constantFrom('', 'x'.repeat(100));
    const one = fc.record({
      start,
      id: fc.nat({ max: 5 }),
      text: fc.constantFrom('', 'a', 'b', 'ab', '}', '"', 'ü'),
      deep: fc.constantFrom(0, {}, [{}, { a: 1 }], { a: {} }),
    });
    const end = fc.nat({ max: 8 }).map((from) => rows(8).slice(from));
    const page = fc.tuple(fc.array(one, { maxLength: 8 }), end).map((parts) => parts.flat());
    const answers = fc.array(fc.tuple(fc.constantFrom('1', '2', '3', '4', '5'), page), { maxLength: 30 });
    fc.assert(
      fc.property(answers, (all) => {
        const { read } = memoryWithCounter(mostBytes);
        for (const [question, data] of all) expect(read(question, data)).toEqual(data);
      }),
    );
  });

  it('finds the end of an item that changed, wherever it ended before', () => {
    const start = 'x'.repeat(100);
    const next = { start, id: 1, text: '', deep: [{ a: 1 }, { b: '},{' }, [{}, {}], {}] };
    for (let length = 0; length <= JSON.stringify(next.deep).length + 10; length++) {
      const { read, counted } = memoryWithCounter(mostBytes);
      const before = { start, id: 1, text: '-'.repeat(length) };
      for (let count = 0; count < 2; count++) read('q', [before, row(2)]);
      expect(read('q', [next, row(2)])).toEqual([next, row(2)]);
      expect(counted).toEqual({ rows: 2 + 1, whole: 1 });
    }
  });

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

  it('parses an item again that reports something, and no other', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    for (let count = 0; count < 5; count++) read('q', [row(1), { ...row(2), drifts: true }, row(3)]);
    expect(counted).toEqual({ rows: 2 + 4, whole: 1 });
  });

  it('keeps nothing of a page that holds a secret, nor what it knew before', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    for (let count = 0; count < 2; count++) read('q', [row(1)]);
    for (let count = 0; count < 3; count++) read('q', [row(1), { ...row(2), secret: true }]);
    expect(counted).toEqual({ rows: 1 + 1 + 2, whole: 2 });
  });

  it.each<[what: string, body: string]>([
    ['no page', '[]'],
    ['items that are no objects', '{"data":[1,2]}'],
    ['no JSON', '{"data":[{"id":1,}]}'],
    ['no JSON around the items', '{"data":[{"id":1}],}'],
    ['more keys than an answer has', `{"data":[{${Array.from({ length: 5000 }, (_, key) => `"k${key}":0`)}}]}`],
  ])('leaves to the parser, each time: %s', (_, body) => {
    const { readBody, counted } = memoryWithCounter(mostBytes);
    for (let count = 0; count < 3; count++) {
      try {
        readBody('q', Buffer.from(body));
      } catch {
        // As the parser says.
      }
    }
    expect(counted).toEqual({ rows: 0, whole: 3 });
  });

  it('remembers nothing of a body that could not be read', () => {
    const memory = new AnswerMemory<string, string>(mostBytes);
    const broken = () => {
      throw new Error('no item');
    };
    const reader = { reported: () => 0, mayKeep: () => true, whole: broken };
    const body = Buffer.from('{"data":[{}]}');
    for (let count = 0; count < 3; count++) {
      expect(() => memory.valueOf('q', body, { ...reader, page: broken })).toThrow('no item');
    }
    expect(memory.valueOf('q', body, { ...reader, page: () => 'now' })).toBe('now');
  });
});

const item = (id: string, state = 'queued') => ({
  id,
  state,
  data: { type: 'session' },
  created_at: '2026-11-24T12:00:00Z',
});

it('a page of the same bytes is the same value, with its own facts of the answer', async () => {
  const body = { data: [item('work_1'), item('work_2')], next_page: null };
  let count = 0;
  const { api } = await startPair((_, response) =>
    response.writeHead(200, { 'request-id': `req_${++count}` }).end(JSON.stringify(body)),
  );
  const memory: PageMemory = new AnswerMemory();
  const replies = [];
  for (let n = 0; n < 4; n++) replies.push(await api.listPage('env_1', PAGE, { memory }));
  // From the second time on.
  replies.shift();
  expect(new Set(replies.map(({ value }) => value)).size).toBe(1);
  expect(replies.map(({ requestId }) => requestId)).toEqual(['req_2', 'req_3', 'req_4']);
  body.data[0] = item('work_1', 'active');
  const { items } = (await api.listPage('env_1', PAGE, { memory })).value;
  expect(items.map(({ state }) => state)).toEqual(['active', 'queued']);
  expect(items[1]).toBe(replies[0]!.value.items[1]);
});

it('a page that cannot be read fails with the same words, whether an item of it is known or not', async () => {
  const good = { data: [item('work_1'), item('work_2')], next_page: null };
  const bad = { data: [item('work_1'), { ...item('work_2'), created_at: 'yesterday' }], next_page: null };
  let body: object = good;
  const { api } = await startPair((_, response) => json(response, 200, body));
  const memory: PageMemory = new AnswerMemory();
  for (let n = 0; n < 2; n++) await api.listPage('env_1', PAGE, { memory });
  body = bad;
  const messages = [];
  for (const options of [{ memory }, { memory }, {}]) {
    const error = await api.listPage('env_1', PAGE, { ...options, retry: false }).catch((thrown: Error) => thrown);
    messages.push((error as Error).message);
  }
  expect(messages[0]).toContain('data[1].created_at');
  expect(new Set(messages).size).toBe(1);
});

it('a page with a secret is read and not kept', async () => {
  const body = { data: [{ ...item('work_1'), secret: 'c2VjcmV0' }], next_page: null };
  const { api } = await startPair((_, response) => json(response, 200, body));
  const memory: PageMemory = new AnswerMemory();
  const first = await api.listPage('env_1', PAGE, { memory });
  const second = await api.listPage('env_1', PAGE, { memory });
  expect(second.value).toEqual(first.value);
  expect(second.value).not.toBe(first.value);
});

it('what this version does not know is reported at each answer, the same bytes or not', async () => {
  const { api, observer } = await startPair((_, response) =>
    json(response, 200, { data: [item('work_1', 'dreaming'), item('work_2')], next_page: null }),
  );
  const memory: PageMemory = new AnswerMemory();
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
  const memory: PageMemory = new AnswerMemory();
  for (let n = 0; n < 3; n++) await api.listPage('env_1', PAGE, { memory });
  bad = true;
  await expect(api.listPage('env_1', PAGE, { memory, retry: false })).rejects.toThrow();
});
