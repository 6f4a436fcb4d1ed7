import { beforeEach, describe, expect, it } from 'vitest';
import { Drift } from '../../src/wire/drift.ts';
import { parseWorkItem } from '../../src/wire/parse-work-item.ts';
import { parseSingleItem, parseWorkPage } from '../../src/wire/parse-work-page.ts';
import { ENVIRONMENT, NOON, placeOf, WORK } from './bodies.ts';

let seen: string[];
let drift: Drift;
beforeEach(() => {
  seen = [];
  drift = new Drift((kind) => seen.push(kind));
});

describe('parseWorkItem', () => {
  it('reads every field that is used, and nothing else', () => {
    expect(parseWorkItem(WORK, drift)).toEqual({
      id: 'sesn_1',
      type: 'session',
      sessionId: 'sesn_1',
      state: 'active',
      metadata: { team: 'a' },
      createdAt: NOON + 0.25,
      acknowledgedAt: NOON + 1000,
      startedAt: NOON + 100,
      latestHeartbeatAt: NOON + 2123.456,
      stopRequestedAt: null,
      stoppedAt: null,
    });
    expect(seen).toEqual([]);
  });

  it('drops the secret, and does without it', () => {
    const { secret: _, ...without } = WORK;
    expect(JSON.stringify(parseWorkItem({ ...WORK, secret: 'c2VjcmV0' }, drift))).not.toContain('c2VjcmV0');
    expect(parseWorkItem(without, drift)).toEqual(parseWorkItem(WORK, drift));
    expect(seen).toEqual([]);
  });

  it.each([null, 7, { id: 'x' }, undefined])('does without a session id that is %j', (id) => {
    expect(parseWorkItem({ ...WORK, data: { type: 'session', id } }, drift).sessionId).toBeNull();
  });

  it('takes a missing timestamp for null', () => {
    const { id, state, data } = WORK;
    expect(parseWorkItem({ id, state, data }, drift)).toMatchObject({ createdAt: null, stoppedAt: null, metadata: {} });
  });

  it('keeps an unknown state or type as other, and counts it each time', () => {
    const odd = { ...WORK, state: 'paused', data: { type: 'backfill' } };
    expect(parseWorkItem(odd, drift)).toMatchObject({ state: 'other', type: 'other' });
    parseWorkItem(odd, drift);
    parseWorkItem({ ...WORK, state: 'other', data: {} }, drift);
    parseWorkItem({ ...WORK, data: null }, drift);
    expect(seen).toEqual(['work_type', 'state', 'work_type', 'state', 'work_type', 'state', 'work_type']);
  });

  it('ignores unknown fields, and counts each name once', () => {
    for (let at = 0; at < 3; at++) parseWorkItem({ ...WORK, priority: 1, shard: 2 }, drift);
    expect(seen).toEqual(['field', 'field']);
  });

  it('counts no more than a thousand names', () => {
    for (let at = 0; at < 2000; at++) parseWorkItem({ ...WORK, [`field${at}`]: 1 }, drift);
    expect(seen).toHaveLength(1000);
  });

  it.each<[string, readonly string[] | null, Readonly<Record<string, string>>]>([
    ['all of it unless told otherwise', null, { a: 'b', n: '3', kept: '' }],
    ['the keys that are asked for', ['n', 'kept'], { n: '3', kept: '' }],
    ['nothing for keys that it does not have', ['gone', 'toString', '__proto__'], {}],
    ['nothing when nothing is asked for', [], {}],
  ])('keeps of metadata %s', (_name, keys, kept) => {
    const metadata = { a: 'b', n: 3, kept: '', gone: null };
    expect(parseWorkItem({ ...WORK, metadata }, drift, '', keys).metadata).toEqual(kept);
    const context = { paging: 'cursor', drift, environmentId: 'env_1', ...(keys && { metadataKeys: keys }) } as const;
    const row = { ...WORK, metadata, environment_id: 'env_1' };
    expect(parseWorkPage({ data: [row], next_page: null }, context).items[0]!.metadata).toEqual(kept);
    expect(parseSingleItem(row, context).metadata).toEqual(kept);
  });

  it('keeps no more of a value, or of the id of a session, than anybody needs', () => {
    const long = `\ud83d\ude00${'x'.repeat(100_000)}`;
    const row = { ...WORK, metadata: { team: long, short: 'x'.repeat(512) }, data: { type: 'session', id: long } };
    const item = parseWorkItem(row, drift, '', ['team', 'short']);
    expect(item.metadata).toEqual({ team: long.slice(0, 512), short: 'x'.repeat(512) });
    expect(item.sessionId).toBeNull();
    const longest = 's'.repeat(256);
    expect(parseWorkItem({ ...WORK, data: { type: 'session', id: longest } }, drift).sessionId).toBe(longest);
    expect(seen).toEqual([]);
  });

  it.each([
    ['{"a":"b","n":3,"yes":true,"gone":null,"__proto__":"x"}', ['a:b', 'n:3', 'yes:true', '__proto__:x']],
    ['{"n":3}', ['n:3']],
    ['{"no":false}', ['no:false']],
    ['{"gone":null}', []],
    ['{}', []],
  ])('gives metadata text values: %s', (json, texts) => {
    const { metadata } = parseWorkItem({ ...WORK, metadata: JSON.parse(json) }, drift);
    expect(Object.entries(metadata)).toEqual(texts.map((text) => text.split(':')));
    expect(seen).toEqual([]);
  });

  it.each([
    ['', null],
    ['', []],
    ['', 'text'],
    ['id', { ...WORK, id: '' }],
    ['id', { ...WORK, id: 7 }],
    ['state', { ...WORK, state: undefined }],
    ['state', ENVIRONMENT],
    ['created_at', { ...WORK, created_at: 'yesterday' }],
    ['acknowledged_at', { ...WORK, acknowledged_at: 1_795_000_000 }],
    ['started_at', { ...WORK, started_at: '' }],
    ['latest_heartbeat_at', { ...WORK, latest_heartbeat_at: '2026-11-24' }],
    ['stop_requested_at', { ...WORK, stop_requested_at: false }],
    ['stopped_at', { ...WORK, stopped_at: '2026-02-30T00:00:00Z' }],
  ])('complains about %j in %j', (place, body) => {
    expect(placeOf(() => parseWorkItem(body, drift))).toBe(place);
  });

  it('never quotes a value in a complaint', () => {
    expect(() => parseWorkItem({ ...WORK, created_at: 'sk-ant-oat01-leak' }, drift)).toThrow(
      /^created_at should be an RFC 3339 timestamp or null and is a string that does not fit$/,
    );
  });
});

it('an id of an item is at most 256 characters long', () => {
  expect(parseWorkItem({ ...WORK, id: 'x'.repeat(256) }, drift).id).toHaveLength(256);
  expect(placeOf(() => parseWorkItem({ ...WORK, id: 'x'.repeat(1_000_000) }, drift))).toBe('id');
});
