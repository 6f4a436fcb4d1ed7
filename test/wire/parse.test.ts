import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Drift } from '../../src/wire/drift.ts';
import { cursorParameter } from '../../src/wire/page-cursor.ts';
import { parseEnvironmentsPage } from '../../src/wire/parse-environments-page.ts';
import { NO_ENVELOPE, parseErrorEnvelope } from '../../src/wire/parse-error-envelope.ts';
import { parseStats } from '../../src/wire/parse-stats.ts';
import { parseWorkItem } from '../../src/wire/parse-work-item.ts';
import { parseSingleItem, parseWorkPage } from '../../src/wire/parse-work-page.ts';
import { parseTimestamp } from '../../src/wire/timestamp.ts';
import { WireError } from '../../src/wire/wire-error.ts';

let seen: string[];
let drift: Drift;
beforeEach(() => {
  seen = [];
  drift = new Drift((kind) => seen.push(kind));
});

const NOON = Date.UTC(2026, 10, 24, 12);
const AT = '2026-11-24T12:00:00.000250Z';

/** With the key `actor` that the service sends and nobody documents. */
const WORK = {
  id: 'sesn_1',
  type: 'work',
  environment_id: 'env_1',
  data: { type: 'session', id: 'sesn_1' },
  state: 'active',
  metadata: { team: 'a' },
  secret: null,
  actor: null,
  created_at: AT,
  acknowledged_at: '2026-11-24T12:00:01Z',
  started_at: '2026-11-24T14:00:00.1+02:00',
  latest_heartbeat_at: '2026-11-24T12:00:02.123456789Z',
  stop_requested_at: null,
  stopped_at: null,
};

const STATS = { type: 'work_queue_stats', depth: 3, pending: 1, oldest_queued_at: AT, workers_polling: 2 };

const ENVIRONMENT = {
  id: 'env_1',
  type: 'environment',
  name: 'prod',
  description: null,
  config: { type: 'self_hosted' },
  metadata: {},
  created_at: AT,
  updated_at: AT,
  archived_at: null,
  scope: 'organization',
};

/** The place that a parser complains about. */
function placeOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof WireError) return error.path;
    throw error;
  }
  return 'no error';
}

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

  it('gives metadata text values', () => {
    const metadata = JSON.parse('{"a":"b","n":3,"yes":true,"gone":null,"__proto__":"x"}');
    const parsed = parseWorkItem({ ...WORK, metadata }, drift).metadata;
    expect(Object.entries(parsed)).toEqual([
      ['a', 'b'],
      ['n', '3'],
      ['yes', 'true'],
      ['__proto__', 'x'],
    ]);
  });

  it.each<[string, unknown, Readonly<Record<string, string>>]>([
    ['a list', ['a'], {}],
    ['a text', 'team', {}],
    ['a number', 7, {}],
    ['true', true, {}],
    ['a map that nests others', { team: 'a', nested: { deep: 'b' }, list: ['c'] }, { team: 'a' }],
  ])('reads the item all the same when its metadata is %s, and counts that once each time', (_name, metadata, kept) => {
    expect(parseWorkItem({ ...WORK, metadata }, drift)).toEqual({ ...parseWorkItem(WORK, drift), metadata: kept });
    expect(seen).toEqual(['field']);
  });

  it.each([
    ['', null],
    ['', []],
    ['', 'text'],
    ['id', { ...WORK, id: '' }],
    ['id', { ...WORK, id: 7 }],
    ['state', { ...WORK, state: null }],
    ['data', { ...WORK, data: 'session' }],
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

describe('items of another environment', () => {
  const context = { paging: 'cursor', drift: undefined as never, environmentId: 'env_1' } as const;
  const foreign = { ...WORK, id: 'sesn_x', environment_id: 'env_2' };

  it('are left out, and are drift', () => {
    const page = parseWorkPage({ data: [WORK, foreign, foreign], next_page: null }, { ...context, drift });
    expect(page.items.map(({ id }) => id)).toEqual(['sesn_1']);
    expect(seen).toEqual(['field', 'field']);
  });

  it('alone on a page are an answer to something else', () => {
    expect(placeOf(() => parseWorkPage({ data: [foreign] }, { ...context, drift }))).toBe('data');
    expect(placeOf(() => parseSingleItem(foreign, { ...context, drift }))).toBe('');
  });

  it('are not looked for where the service does not say', () => {
    const { environment_id: _, ...silent } = WORK;
    for (const row of [silent, { ...silent, environment_id: null }]) {
      expect(parseWorkPage({ data: [row] }, { ...context, drift }).items).toHaveLength(1);
      expect(parseSingleItem(row, { ...context, drift }).id).toBe('sesn_1');
    }
    expect(seen).toEqual([]);
  });
});

it('an id of an item is at most 256 characters long', () => {
  expect(parseWorkItem({ ...WORK, id: 'x'.repeat(256) }, drift).id).toHaveLength(256);
  expect(placeOf(() => parseWorkItem({ ...WORK, id: 'x'.repeat(1_000_000) }, drift))).toBe('id');
});

describe('parseWorkPage', () => {
  it('keeps the order, and the cursor even of an empty page', () => {
    const page = parseWorkPage(
      { data: [WORK, { ...WORK, id: 'sesn_2' }], next_page: null },
      { paging: 'cursor', drift, environmentId: 'env_1' },
    );
    expect(page.items.map(({ id }) => id)).toEqual(['sesn_1', 'sesn_2']);
    expect(page.nextPage).toBeNull();
    expect(
      parseWorkPage({ data: [], next_page: 'page_2' }, { paging: 'cursor', drift, environmentId: 'env_1' }),
    ).toEqual({
      items: [],
      nextPage: 'page_2',
    });
  });

  it('of a provider without last_id takes a cursor that looks like one as it is', () => {
    expect(cursorParameter('after_id:x', 'cursor')).toEqual(['page', 'after_id:x']);
  });

  it.each([
    ['', null],
    ['data', {}],
    ['data', { data: {} }],
    ['data[1]', { data: [WORK, null] }],
    ['data[1].created_at', { data: [WORK, { ...WORK, created_at: 'x' }] }],
    ['next_page', { data: [], next_page: 2 }],
    ['next_page', { data: [], next_page: 'x'.repeat(5000) }],
  ])('complains about %j', (place, body) => {
    expect(placeOf(() => parseWorkPage(body, { paging: 'cursor-or-last-id', drift, environmentId: 'env_1' }))).toBe(
      place,
    );
  });
});

describe('parseStats', () => {
  it('reads the four numbers', () => {
    expect(parseStats(STATS, drift)).toEqual({
      depth: 3,
      pending: 1,
      oldestQueuedAt: NOON + 0.25,
      workersPolling: 2,
    });
    expect(seen).toEqual([]);
  });

  it('keeps null as null, and 0 as 0', () => {
    const empty = { depth: 0, pending: 0, oldest_queued_at: null, workers_polling: null };
    expect(parseStats(empty, drift)).toEqual({ depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: null });
    expect(parseStats({ ...empty, workers_polling: 0 }, drift).workersPolling).toBe(0);
    expect(parseStats({ depth: 0, pending: 0 }, drift)).toMatchObject({ oldestQueuedAt: null, workersPolling: null });
  });

  it.each([
    ['depth', { ...STATS, depth: -1 }],
    ['depth', { ...STATS, depth: 1.5 }],
    ['depth', { ...STATS, depth: '3' }],
    ['depth', { ...STATS, depth: null }],
    ['depth', { ...STATS, depth: 1e300 }],
    ['pending', { depth: 1 }],
    ['workers_polling', { ...STATS, workers_polling: -2 }],
  ])('complains about %s in %j', (place, body) => {
    expect(placeOf(() => parseStats(body, drift))).toBe(place);
  });
});

describe('parseEnvironmentsPage', () => {
  it('reads what discovery needs', () => {
    const cloud = { ...ENVIRONMENT, id: 'env_2', name: '', config: { type: 'cloud', packages: [] }, archived_at: AT };
    expect(parseEnvironmentsPage({ data: [ENVIRONMENT, cloud], next_page: 'page_2' }, 'cursor', drift)).toEqual({
      environments: [
        {
          id: 'env_1',
          name: 'prod',
          configType: 'self_hosted',
          archived: false,
          createdAt: parseTimestamp(AT),
          archivedAt: null,
        },
        {
          id: 'env_2',
          name: 'env_2',
          configType: 'cloud',
          archived: true,
          createdAt: parseTimestamp(AT),
          archivedAt: parseTimestamp(AT),
        },
      ],
      skipped: [],
      nextPage: 'page_2',
    });
    expect(seen).toEqual([]);
  });

  it.each([
    ['a path', { ...ENVIRONMENT, id: '../poll' }, 'data[0].id should be an id of letters, digits, _ and -'],
    ['an endpoint', { ...ENVIRONMENT, id: 'poll' }, 'data[0].id should be an id of letters, digits, _ and -'],
    ['no id', { ...ENVIRONMENT, id: undefined }, 'data[0].id should be a string and is missing'],
    ['no environment', null, 'data[0] should be an object and is null'],
  ])('leaves %s out, counts it and keeps the rest', (_, bad, problem) => {
    const page = parseEnvironmentsPage({ data: [bad, ENVIRONMENT, bad], next_page: null }, 'cursor', drift);
    expect(page.environments.map(({ id }) => id)).toEqual(['env_1']);
    expect(page.skipped).toEqual([
      expect.stringContaining(problem),
      expect.stringContaining(problem.replace('data[0]', 'data[2]')),
    ]);
    expect(page.skipped.join()).not.toContain('poll');
    expect(seen).toEqual(['field', 'field']);
  });

  it('does not take an environment for a deleted one because its kind cannot be read', () => {
    const data = [
      { ...ENVIRONMENT, config: {} },
      { ...ENVIRONMENT, id: 'env_2' },
    ];
    expect(placeOf(() => parseEnvironmentsPage({ data }, 'cursor', drift))).toBe('data[0].config.type');
  });

  it.each([
    ['two\nlines\t', 'two lines'],
    ['\u001b[2Jred\u0000', '[2Jred'],
    ['\u2028a\u2029b\u0085', 'a b'],
    ['\ud800half', '\ufffdhalf'],
    ['\r\n', 'env_1'],
    [7, 'env_1'],
    ['quo"te \\ ünï 😀', 'quo"te \\ ünï 😀'],
  ])('reads the name %j as one line without control characters', (name, shown) => {
    const page = parseEnvironmentsPage({ data: [{ ...ENVIRONMENT, name }] }, 'cursor', drift);
    expect(page.environments[0]!.name).toBe(shown);
  });

  it.each([
    ['data[0].id', { ...ENVIRONMENT, id: '../poll' }],
    ['data[0].id', { ...ENVIRONMENT, id: 'poll' }],
    ['data[0].config', { ...ENVIRONMENT, config: null }],
    ['data[0].config.type', { ...ENVIRONMENT, config: {} }],
  ])('complains about %s', (place, environment) => {
    expect(placeOf(() => parseEnvironmentsPage({ data: [environment] }, 'cursor', drift))).toBe(place);
  });
});

describe('parseErrorEnvelope', () => {
  it('reads the envelope', () => {
    const error = { type: 'rate_limit_error', message: 'slow', details: { error_code: 'ramp_limit_exceeded' } };
    expect(parseErrorEnvelope({ type: 'error', error, request_id: 'req_1' })).toEqual({
      type: 'rate_limit_error',
      message: 'slow',
      errorCode: 'ramp_limit_exceeded',
      requestId: 'req_1',
    });
  });

  it.each([[null], ['text'], [{}], [{ error: 'x' }], [{ error: { message: 7, details: [] }, request_id: null }]])(
    'makes nothing of %j',
    (body) => {
      expect(parseErrorEnvelope(body)).toEqual(NO_ENVELOPE);
    },
  );
});

describe('no body', () => {
  const parsers = [
    (body: unknown) => parseStats(body, drift),
    (body: unknown) => parseWorkItem(body, drift),
    (body: unknown) => parseWorkPage(body, { paging: 'cursor', drift, environmentId: 'env_1' }),
    (body: unknown) => parseWorkPage(body, { paging: 'cursor-or-last-id', drift, environmentId: 'env_1' }),
    (body: unknown) => parseEnvironmentsPage(body, 'cursor', drift),
    (body: unknown) => parseErrorEnvelope(body),
  ];
  const survives = (body: unknown) => {
    for (const parse of parsers) {
      try {
        parse(body);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }
  };

  it('makes a parser throw anything but a WireError', () => {
    fc.assert(fc.property(fc.jsonValue(), survives));
  });

  it('that is nearly right does so either', () => {
    const mutated = fc
      .tuple(
        fc.constantFrom<object>(WORK, STATS, ENVIRONMENT),
        fc.constantFrom(...Object.keys({ ...WORK, ...STATS })),
        fc.jsonValue(),
      )
      .map(([body, key, value]) => ({ ...body, [key]: value }));
    const page = fc.record({ data: fc.array(mutated), next_page: fc.jsonValue(), has_more: fc.jsonValue() });
    fc.assert(fc.property(fc.oneof(mutated, page), survives));
  });
});
