import { beforeEach, describe, expect, it } from 'vitest';
import { Drift } from '../../src/wire/read.ts';
import { cursorParameter, parseSingleItem, parseStats, parseWorkItem, parseWorkPage } from '../../src/wire/work.ts';
import { ENVIRONMENT, NOON, placeOf, STATS, WORK } from './bodies.ts';

let seen: string[];
let drift: Drift;
beforeEach(() => {
  seen = [];
  drift = new Drift((kind) => seen.push(kind));
});
const context = () => ({ paging: 'cursor-or-last-id', drift, environmentId: 'env_1' }) as const;

describe('stats', () => {
  it('are four numbers, of which null stays null and 0 stays 0', () => {
    expect(parseStats(STATS, drift)).toEqual({ depth: 3, pending: 1, oldestQueuedAt: NOON, workersPolling: 2 });
    const empty = { depth: 0, pending: 0, oldest_queued_at: null, workers_polling: null };
    expect(parseStats(empty, drift)).toEqual({ depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: null });
    expect(parseStats({ ...empty, workers_polling: 0 }, drift).workersPolling).toBe(0);
    expect(parseStats({ depth: 0, pending: 0 }, drift)).toMatchObject({ oldestQueuedAt: null, workersPolling: null });
    expect(seen).toEqual([]);
  });

  it.each(['yesterday', 7, '0001-01-01T00:00:00Z', null])('do without a stamp that is %j', (stamp) => {
    expect(parseStats({ ...STATS, oldest_queued_at: stamp }, drift)).toMatchObject({ depth: 3, oldestQueuedAt: null });
    expect(seen).toEqual(['field']);
  });

  it.each([
    ['depth', { ...STATS, depth: -1 }],
    ['depth', { ...STATS, depth: '3' }],
    ['pending', { depth: 1 }],
    ['workers_polling', { ...STATS, workers_polling: -2 }],
  ])('complain about %s in %j', (place, body) => {
    expect(placeOf(() => parseStats(body, drift))).toBe(place);
  });
});

describe('an item', () => {
  it('is read with every field that is used, and nothing else: not its secret', () => {
    const item = {
      id: 'sesn_1',
      type: 'session',
      sessionId: 'sesn_1',
      state: 'active',
      metadata: { team: 'a' },
      createdAt: NOON,
      acknowledgedAt: NOON + 1000,
      startedAt: NOON + 100,
      latestHeartbeatAt: NOON + 2123,
      stopRequestedAt: null,
      stoppedAt: null,
    };
    expect(parseWorkItem(WORK, drift)).toEqual(item);
    expect(parseWorkItem({ ...WORK, secret: 'c2VjcmV0' }, drift)).toEqual(item);
    expect(seen).toEqual([]);
  });

  it('may lack whatever it can do without', () => {
    const { id, state, data } = WORK;
    expect(parseWorkItem({ id, state, data }, drift)).toMatchObject({ createdAt: null, stoppedAt: null, metadata: {} });
    expect(parseWorkItem({ ...WORK, data: { type: 'session', id: 7 } }, drift).sessionId).toBeNull();
  });

  it.each([null, 3, '', ['active'], {}, 'paused', 'other'])('in the state %j is in another one, and drift', (state) => {
    expect(parseWorkItem({ ...WORK, state }, drift)).toEqual({ ...parseWorkItem(WORK, drift), state: 'other' });
    expect(seen).toEqual(['state']);
  });

  it.each(['session', [], 7, null, { type: 'backfill' }])('with the data %j is of another type', (data) => {
    expect(parseWorkItem({ ...WORK, data }, drift)).toMatchObject({ type: 'other', sessionId: null, state: 'active' });
    expect(seen).toEqual(['work_type']);
  });

  it('costs no other item of its page when it is odd, and is counted at each read', () => {
    const data = [WORK, { ...WORK, id: 'sesn_2', state: null }, { ...WORK, id: 'sesn_3', metadata: ['a'] }];
    for (let read = 0; read < 2; read++) {
      const states = parseWorkPage({ data }, context()).items.map(({ id, state }) => [id, state]);
      expect(states).toEqual([
        ['sesn_1', 'active'],
        ['sesn_2', 'other'],
        ['sesn_3', 'active'],
      ]);
    }
    expect(seen).toEqual(['state', 'field', 'state', 'field']);
  });

  it('counts each unknown field once, and no more than a thousand', () => {
    for (let at = 0; at < 3; at++) parseWorkItem({ ...WORK, priority: 1, shard: 2 }, drift);
    expect(seen).toEqual(['field', 'field']);
    for (let at = 0; at < 2000; at++) parseWorkItem({ ...WORK, [`field${at}`]: 1 }, drift);
    expect(seen).toHaveLength(1000);
  });

  const METADATA = '{"a":"b","n":3,"yes":true,"kept":"","gone":null,"__proto__":"x"}';
  it.each<[string, string, readonly string[] | null, string, boolean]>([
    ['all of it', METADATA, null, 'a=b, n=3, yes=true, kept=, __proto__=x', false],
    ['the keys that are asked for', METADATA, ['n', 'kept', 'gone', 'toString'], 'n=3, kept=', false],
    ['nothing when nothing is asked for', METADATA, [], '', false],
    ['the texts of a map that nests others', '{"a":"b","nested":{"c":"d"}}', null, 'a=b', true],
    ['nothing of a list', '["a"]', null, '', true],
    ['nothing of a text', '"team"', null, '', true],
    ['nothing of null', 'null', null, '', false],
  ])('keeps of metadata %s', (_, json, keys, kept, isOdd) => {
    const { metadata } = parseWorkItem({ ...WORK, metadata: JSON.parse(json) }, drift, '', keys);
    const texts = Object.entries(metadata).map(([key, value]) => `${key}=${value}`);
    expect(texts.join(', ')).toBe(kept);
    expect(seen).toEqual(isOdd ? ['field'] : []);
  });

  it('keeps no more of a long text than anybody needs', () => {
    const long = 'x'.repeat(100_000);
    const item = parseWorkItem({ ...WORK, metadata: { a: long }, data: { type: 'session', id: long } }, drift, '', [
      'a',
    ]);
    expect([item.metadata.a, item.sessionId]).toEqual([long.slice(0, 512), null]);
    expect(placeOf(() => parseWorkItem({ ...WORK, id: long }, drift))).toBe('id');
  });

  it.each(['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z'])('has no date %s', (date) => {
    for (const field of ['created_at', 'acknowledged_at', 'started_at', 'latest_heartbeat_at', 'stopped_at'])
      expect(parseWorkItem({ ...WORK, [field]: date }, drift)).toEqual(
        parseWorkItem({ ...WORK, [field]: null }, drift),
      );
    expect(seen).toEqual(Array(5).fill('field'));
  });

  it.each([
    ['', null],
    ['id', { ...WORK, id: '' }],
    ['state', ENVIRONMENT],
    ['created_at', { ...WORK, created_at: 'yesterday' }],
    ['acknowledged_at', { ...WORK, acknowledged_at: 1_795_000_000 }],
    ['stopped_at', { ...WORK, stopped_at: '2026-02-30T00:00:00Z' }],
  ])('is refused at %j: %j', (place, body) => {
    expect(placeOf(() => parseWorkItem(body, drift))).toBe(place);
  });
});

describe('items of another environment', () => {
  const foreign = { ...WORK, id: 'sesn_x', environment_id: 'env_2' };

  it('are left out of a page, and are drift', () => {
    const page = parseWorkPage(
      { data: [foreign, WORK, foreign, { ...WORK, id: 'sesn_2', environment_id: null }] },
      context(),
    );
    expect(page.items.map(({ id }) => id)).toEqual(['sesn_1', 'sesn_2']);
    expect(seen).toEqual(['field', 'field']);
  });

  it('alone are an answer to something else', () => {
    expect(placeOf(() => parseWorkPage({ data: [foreign] }, context()))).toBe('data');
    expect(placeOf(() => parseSingleItem(foreign, context()))).toBe('');
  });
});

describe('a page', () => {
  it.each([
    ['', null],
    ['data', {}],
    ['data[1]', { data: [WORK, null] }],
    ['data[1].created_at', { data: [WORK, { ...WORK, created_at: 'x' }] }],
    ['next_page', { data: [], next_page: 2 }],
    ['next_page', { data: [], next_page: 'x'.repeat(5000) }],
  ])('is refused at %j', (place, body) => {
    expect(placeOf(() => parseWorkPage(body, context()))).toBe(place);
  });
});

type Expected = 'last' | 'broken' | readonly [parameter: string, value: string];

/** What the end of a page says, and what it means where ids lead on and where only cursors do. */
const ENDS: readonly [end: Record<string, unknown>, withIds: Expected, cursorsOnly: Expected][] = [
  [{}, 'last', 'last'],
  [{ next_page: '' }, 'last', 'last'],
  [{ next_page: 'page_2' }, ['page', 'page_2'], ['page', 'page_2']],
  [{ has_more: false, last_id: 'work_1' }, 'last', 'last'],
  [{ next_page: 'page_2', has_more: true, last_id: 'work_1' }, ['page', 'page_2'], ['page', 'page_2']],
  [{ next_page: 'page_2', has_more: false }, ['page', 'page_2'], ['page', 'page_2']],
  [{ next_page: null, has_more: true, last_id: 'work_1' }, ['after_id', 'work_1'], 'broken'],
  [{ has_more: true }, 'broken', 'broken'],
  [{ next_page: '', has_more: true }, 'broken', 'broken'],
  [{ next_page: null, has_more: true, last_id: 7 }, 'broken', 'broken'],
  [{ next_page: null, has_more: true, last_id: 'x'.repeat(5000) }, 'broken', 'broken'],
  [{ next_page: null, has_more: 'true' }, 'broken', 'broken'],
];

it.each(ENDS)('the end of a page, %j, takes no list for whole that is not', (end, withIds, cursorsOnly) => {
  for (const [paging, expected] of [['cursor-or-last-id', withIds] as const, ['cursor', cursorsOnly] as const]) {
    const { nextPage, chainBroken } = parseWorkPage({ data: [], ...end }, { ...context(), paging });
    const meaning = nextPage !== null ? cursorParameter(nextPage, paging) : chainBroken ? 'broken' : 'last';
    expect(meaning).toEqual(expected);
  }
});

it('a cursor that looks like an id of the other kind of paging is sent as it is', () => {
  expect(cursorParameter('after_id:x', 'cursor')).toEqual(['page', 'after_id:x']);
});
