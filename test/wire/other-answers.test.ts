import { beforeEach, describe, expect, it } from 'vitest';
import {
  IDLE_EVENT,
  parseEnvironmentsPage,
  parseErrorEnvelope,
  parseIdleEvent,
  parseSession,
} from '../../src/wire/other-answers.ts';
import { Drift, parseTimestamp } from '../../src/wire/read.ts';
import { AT, ENVIRONMENT, placeOf } from './bodies.ts';

let seen: string[];
let drift: Drift;
beforeEach(() => {
  seen = [];
  drift = new Drift((kind) => seen.push(kind));
});

describe('parseEnvironmentsPage', () => {
  it('a page of environments is read as far as discovery needs it', () => {
    const read = { archived: false, createdAt: parseTimestamp(AT), archivedAt: null };
    const cloud = { ...ENVIRONMENT, id: 'env_2', name: '', config: { type: 'cloud', packages: [] }, archived_at: AT };
    expect(parseEnvironmentsPage({ data: [ENVIRONMENT, cloud], next_page: 'page_2' }, 'cursor', drift)).toEqual({
      environments: [
        { ...read, id: 'env_1', name: 'prod', configType: 'self_hosted' },
        { ...read, id: 'env_2', name: 'env_2', configType: 'cloud', archived: true, archivedAt: parseTimestamp(AT) },
      ],
      skipped: [],
      nextPage: 'page_2',
    });
    expect(seen).toEqual([]);
  });

  it.each([
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

  it.each([
    ['a thousand', 1000, null],
    ['hundreds of thousands', 240_000, 'data[1]'],
  ])('leaves out no more entries than a page may have, of which each takes memory: %s', (_, count, place) => {
    const read = () => parseEnvironmentsPage({ data: [ENVIRONMENT, ...Array(count).fill(0)] }, 'cursor', drift);
    if (place === null) expect(read().skipped).toHaveLength(count);
    else expect(placeOf(read)).toBe(place);
  });

  it('does not take an environment for a deleted one because its kind cannot be read', () => {
    const data = [
      { ...ENVIRONMENT, config: {} },
      { ...ENVIRONMENT, id: 'env_2' },
    ];
    expect(placeOf(() => parseEnvironmentsPage({ data }, 'cursor', drift))).toBe('data[0].config.type');
    expect(placeOf(() => parseEnvironmentsPage({ data: [{ id: 'poll' }] }, 'cursor', drift))).toBe('data[0].id');
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
});

it.each<[unknown, object]>([
  [{ error: { type: 'a_b', message: 'slow', details: { error_code: 'ramp' } } }, { type: 'a_b', text: 'ramp slow' }],
  [
    { error: { type: 'a_b' }, request_id: 'req_1' },
    { type: 'a_b', text: '' },
  ],
  ...[null, 'text', {}, { error: 'x' }, { error: { type: '', message: 7, details: [] }, request_id: null }].map(
    (body): [unknown, object] => [body, { type: null, text: '' }],
  ),
])('of the error %j are read what it is and what it says', (body, said) => {
  expect(parseErrorEnvelope(body)).toEqual(said);
});

it.each(['running', 'rescheduling', 'idle', 'terminated', 'dreaming'])('a session is %s, or other', (status) => {
  expect(parseSession({ status })).toEqual({ status: status === 'dreaming' ? 'other' : status, updatedAt: null });
});

it.each<[unknown, string]>([
  ...['requires_action', 'end_turn', 'retries_exhausted'].map((type): [unknown, string] => [{ type }, type]),
  ...[{ type: 'new' }, {}, null, 'requires_action'].map((reason): [unknown, string] => [reason, 'other']),
])('a session is idle for %j: %s', (stop_reason, reason) => {
  const idle = { type: IDLE_EVENT, processed_at: null, stop_reason };
  expect(parseIdleEvent({ data: [idle] })).toEqual({ processedAt: null, reason });
  // None, or a service that knows no filter.
  for (const data of [[], [{ ...idle, type: 'agent.message' }, idle]]) expect(parseIdleEvent({ data })).toBeNull();
});
