import { beforeEach, describe, expect, it } from 'vitest';
import { Drift } from '../../src/wire/drift.ts';
import { parseWorkItem } from '../../src/wire/parse-work-item.ts';
import { parseSingleItem, parseWorkPage } from '../../src/wire/parse-work-page.ts';
import { WORK } from './bodies.ts';

let seen: string[];
let drift: Drift;
beforeEach(() => {
  seen = [];
  drift = new Drift((kind) => seen.push(kind));
});

describe('an odd value in an item', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 3],
    ['true', true],
    ['an empty text', ''],
    ['a list', ['active']],
    ['an object', { name: 'active' }],
  ])('is a state that is not known when it is %s', (_name, state) => {
    expect(parseWorkItem({ ...WORK, state }, drift)).toEqual({ ...parseWorkItem(WORK, drift), state: 'other' });
    expect(seen).toEqual(['state']);
  });

  it.each<[string, unknown]>([
    ['a text', 'session'],
    ['a list', []],
    ['a number', 7],
  ])('is a type of work that is not known when it is %s', (_name, data) => {
    const odd = { ...parseWorkItem(WORK, drift), type: 'other', sessionId: null };
    expect(parseWorkItem({ ...WORK, data }, drift)).toEqual(odd);
    expect(seen).toEqual(['work_type']);
  });

  it('costs no other item of its page, and is counted at each read', () => {
    const page = { data: [WORK, { ...WORK, id: 'sesn_2', state: null }, { ...WORK, id: 'sesn_3', data: 'session' }] };
    const context = { paging: 'cursor', drift, environmentId: 'env_1' } as const;
    for (let read = 0; read < 2; read++) {
      const states = parseWorkPage(page, context).items.map(({ id, state, type }) => [id, state, type]);
      expect(states).toEqual([
        ['sesn_1', 'active', 'session'],
        ['sesn_2', 'other', 'session'],
        ['sesn_3', 'active', 'other'],
      ]);
    }
    expect(parseSingleItem(page.data[1], context).state).toBe('other');
    expect(seen).toEqual(['state', 'work_type', 'state', 'work_type', 'state']);
  });

  it.each<[string, unknown, Readonly<Record<string, string>>]>([
    ['a list', ['a'], {}],
    ['a text', 'team', {}],
    ['a number', 7, {}],
    ['true', true, {}],
    ['a map of nothing else than maps', { nested: { deep: 'b' } }, {}],
    ['a map that nests others', { team: 'a', nested: { deep: 'b' }, list: ['c'] }, { team: 'a' }],
  ])('is left out of its metadata when that is %s', (_name, metadata, kept) => {
    expect(parseWorkItem({ ...WORK, metadata }, drift)).toEqual({ ...parseWorkItem(WORK, drift), metadata: kept });
    expect(seen).toEqual(['field']);
  });
});

describe('dates of an item that cannot be true', () => {
  const FIELDS = [
    'created_at',
    'acknowledged_at',
    'started_at',
    'latest_heartbeat_at',
    'stop_requested_at',
    'stopped_at',
  ];
  it.each([
    '0001-01-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
    '2019-12-31T23:59:59Z',
    '2100-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('%s is none, and drift', (date) => {
    for (const field of FIELDS) {
      const item = parseWorkItem({ ...WORK, [field]: date }, drift);
      const without = parseWorkItem({ ...WORK, [field]: null }, drift);
      expect(item).toEqual(without);
    }
    expect(seen).toEqual(FIELDS.map(() => 'field'));
  });
});
