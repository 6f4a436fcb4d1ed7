import { expect, it } from 'vitest';
import { AnswerMemory } from '../../../src/client/answers/answer-memory.ts';
import type { PageMemory } from '../../../src/client/work-api.ts';
import { fieldsOf } from '../../support/work-item-fields.ts';
import { startPair } from '../start-pair.ts';
import { json } from '../test-server.ts';

const PAGE = { limit: 10, page: null };

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

it.each<[what: string, heartbeat: string, unknownValues: number]>([
  ['the next heartbeat', '2026-11-24T12:00:30.000000Z', 0],
  ['one of another offset', '2026-11-24T12:00:30.1+01:00', 0],
  ['a date that cannot be true', '9026-11-24T12:00:30.000000Z', 1],
])('an item whose heartbeat has moved is read as if it were new: %s', async (_, heartbeat, unknownValues) => {
  const beating = (latest_heartbeat_at: string, latest = item('work_1', 'active')) => ({
    ...latest,
    metadata: { team: 'a' },
    latest_heartbeat_at,
  });
  let body = { data: [beating('2026-11-24T12:00:00.000000Z'), item('work_2')], next_page: null };
  const { api, observer } = await startPair((_, response) => json(response, 200, body));
  const memory: PageMemory = new AnswerMemory();
  for (let n = 0; n < 3; n++) await api.listPage('env_1', PAGE, { memory });
  body = { ...body, data: [beating(heartbeat), item('work_2')] };
  const moved = (await api.listPage('env_1', PAGE, { memory })).value;
  expect(observer.unknown).toHaveLength(unknownValues);
  const { value: anew } = await api.listPage('env_1', PAGE, { memory: new AnswerMemory() });
  expect(moved.items.map(fieldsOf)).toEqual(anew.items.map(fieldsOf));
});

it('an item whose heartbeat is no date any more fails as one that was never read', async () => {
  const body = {
    data: [{ ...item('work_1', 'active'), latest_heartbeat_at: '2026-11-24T12:00:00Z' }],
    next_page: null,
  };
  const { api } = await startPair((_, response) => json(response, 200, body));
  const memory: PageMemory = new AnswerMemory();
  for (let n = 0; n < 3; n++) await api.listPage('env_1', PAGE, { memory });
  body.data[0]!.latest_heartbeat_at = '2026-11-24T12:00:00X';
  const failed = await api.listPage('env_1', PAGE, { memory }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ message: expect.stringContaining('latest_heartbeat_at') });
  expect(failed).toEqual(await api.listPage('env_1', PAGE).catch((error: unknown) => error));
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

it('says of pages that they have the same rows as long as nothing but heartbeats that had moved before is another one', async () => {
  const row = (id: string, beat: number, change = {}) => ({
    ...item(id, 'active'),
    latest_heartbeat_at: `2026-11-24T12:00:0${beat}.000000Z`,
    ...change,
  });
  let body: object = {};
  const { api } = await startPair((_, response) => json(response, 200, body));
  const memory: PageMemory = new AnswerMemory();
  const rowsOf = async (...data: object[]) => {
    body = { data, next_page: null };
    return (await api.listPage('env_1', PAGE, { memory })).value.sameRows;
  };
  expect(await rowsOf(row('work_1', 0), item('work_2'))).toBeUndefined();
  await rowsOf(row('work_1', 0), item('work_2'));
  const first = await rowsOf(row('work_1', 1), item('work_2'));
  expect(first).toBeDefined();
  for (const beat of [2, 2, 3]) expect(await rowsOf(row('work_1', beat), item('work_2'))).toBe(first);
  const other = await rowsOf(row('work_1', 3), { ...item('work_2'), metadata: { a: 'b' } });
  expect(other).not.toBe(first);
  expect(await rowsOf(row('work_1', 4), { ...item('work_2'), metadata: { a: 'b' } })).toBe(other);
});

it('a page with a secret is read and not kept', async () => {
  const body = { data: [{ ...item('work_1'), secret: 'c2VjcmV0' }], next_page: null };
  const { api } = await startPair((_, response) => json(response, 200, body));
  const memory: PageMemory = new AnswerMemory();
  const first = await api.listPage('env_1', PAGE, { memory });
  const second = await api.listPage('env_1', PAGE, { memory });
  expect(second.value).toEqual({ ...first.value, sameRows: second.value.sameRows });
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
