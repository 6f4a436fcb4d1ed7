import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../../src/domain/environment.ts';
import type { PollRecord } from '../../../../src/state/environment-state.ts';
import { condition, EXPLAINED, ofConnection, PENDING } from '../../../support/reports.ts';
import {
  buildItems,
  buildOperation,
  buildStats,
  failingOperation,
  NOW,
  untriedOperation,
} from '../../../support/states.ts';
import { orderIn, pageOf, stateOf, textOf } from '../page-facts.ts';

const fine = stateOf('staging');
const starting = { operations: { stats: untriedOperation(), list: untriedOperation() }, queue: null, items: null };
const waiting = (seconds: number) => ({
  queue: { observedAt: NOW - 5000, stats: buildStats({ oldestQueuedAt: NOW - seconds * 1000 }) },
});
const unread = {
  operations: { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') },
  queue: null,
  items: null,
};

describe('a row', () => {
  it('has the numbers, and what is unknown is a dash and not 0', () => {
    expect(textOf(pageOf([fine]))).toContain('OK staging env_staging 12s 3 0 2 0 0 5s ago');
    expect(textOf(pageOf([stateOf('new', starting)]))).toContain('Not read yet new env_new – – – – – – never');
  });

  it('stands above those that do better: by level, then by how far over its limit the oldest item is', () => {
    const warned = (name: string) => condition(name, { severity: 'warning', name: 'queue_too_deep' });
    const states = [
      fine,
      stateOf('new', starting),
      stateOf('late', waiting(400)),
      stateOf('page'),
      stateOf('later', waiting(900)),
      stateOf('dark', unread),
      stateOf('soon'),
    ];
    const conditions = [warned('late'), condition('page'), warned('later'), condition('soon', PENDING)];
    expect(orderIn(pageOf(states, conditions))).toEqual(['page', 'dark', 'later', 'late', 'soon', 'new', 'staging']);
  });

  const rowOf = (...conditions: Parameters<typeof pageOf>[1] & object) =>
    textOf(pageOf([stateOf('prod'), stateOf('staging')], conditions).split('<tbody')[1]!);

  it('says what is wrong, what shows it, since when, and links the runbook', () => {
    const firing = rowOf(condition('prod'));
    expect(firing).toContain('Critical prod');
    expect(firing).toContain('3 items wait, the oldest for 5m 12s; nobody polls');
    expect(firing).toMatch(/began 5m ago , firing for 4m · NoWorkers runbook/);
    expect(rowOf(condition('prod', PENDING))).toContain('began 1m ago , fires in 1m · NoWorkers runbook');
    const ending = condition('prod', { phase: 'ending', since: NOW - 60_000 });
    expect(rowOf(ending)).toContain('Critical prod');
    expect(rowOf(ending)).toContain('gone for 1m');
  });

  it('of an alert that an earlier process may have sent, does not promise when it comes', () => {
    expect(rowOf(condition('prod', { ...PENDING, value: null }))).toContain(
      'unless it fired before this exporter started',
    );
  });

  it('shows what a condition explains behind it, and no other severity of itself', () => {
    const old = condition('prod', { name: 'oldest_item_too_old', evidence: 'for 9 min' });
    const row = rowOf(
      condition('prod', { name: 'workers_below_minimum', severity: 'warning', evidence: '0 of 2' }),
      { ...old, ...EXPLAINED },
      condition('prod'),
      { ...condition('prod', { severity: 'warning', evidence: 'the same again' }), ...EXPLAINED },
    );
    expect(row).toMatch(/nobody polls .*for 9 min silent: NoWorkers explains it .*0 of 2/);
    expect(row).not.toContain('the same again');
  });

  it('is as grave as what its connection has, and says who explains what it has itself', () => {
    const cause = { name: 'api_unreachable', severity: 'critical' } as const;
    const hidden = { ...condition('prod', { name: 'not_readable' }), ...EXPLAINED, explainedBy: cause };
    const row = rowOf(hidden, ofConnection('default', ['env_prod']));
    expect(row).toContain('Critical prod');
    expect(row).toContain('silent: ApiUnreachable explains it');
    expect(rowOf(hidden, ofConnection('default', ['env_staging']))).not.toContain('Critical prod');
  });

  it('has a cell under each heading, also in the row that says why', () => {
    const markup = pageOf([stateOf('prod'), stateOf('staging')], [condition('prod')]);
    const rows = [...markup.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
      [...row!.matchAll(/<t[hd]\b([^>]*)>/g)].reduce(
        (sum, [, attributes]) => sum + Number(/colspan="(\d+)"/.exec(attributes!)?.[1] ?? 1),
        0,
      ),
    );
    expect(markup).toContain('class="why"');
    expect(new Set(rows)).toEqual(new Set([9]));
  });

  it('does not show nobody polling as a healthy zero while work waits', () => {
    const nobody = (change: object) =>
      stateOf('prod', { queue: { observedAt: NOW - 5000, stats: buildStats({ workersPolling: 0, ...change }) } });
    expect(textOf(pageOf([nobody({})]))).toContain('▲ none');
    expect(textOf(pageOf([nobody({ depth: 0, pending: 0 })]))).not.toContain('none');
  });

  it('marks values that are held from before, for ears, too', () => {
    const operations = { stats: failingOperation('timeout'), list: buildOperation() };
    const markup = pageOf([stateOf('prod', { operations })]);
    expect(markup).toContain('class="n held" data-label="Waiting">3<span class="unseen"> (last known)</span>');
  });

  it('tells in words of ours why reads fail, what to do, and no path of a file', () => {
    const failure = {
      ...failingOperation('network').failure!,
      message: 'x'.repeat(900),
      remedy: 'Use file /etc/secret/key.',
    };
    const stats = failingOperation('network', { failure });
    const text = textOf(pageOf([stateOf('prod', { operations: { stats, list: buildOperation() } })]));
    expect(text).toContain('Every read of the queue failed: the API cannot be reached. Use its file.');
    expect(text).not.toMatch(/x{20}|\/etc/);
  });

  it('counts the reads of one kind alone that failed lately, whether or not the last one is among them', () => {
    const reads = [
      ['list', true, 16 * 60_000],
      ['list', false, 120_000],
      ['stats', false, 100_000],
      ['list', false, 60_000],
      ['list', true, 10_000],
    ] as const;
    const read = (polls: readonly PollRecord[], [operation, ok, ago]: readonly [Operation, boolean, number]) => {
      const how = { ok, reason: ok ? null : ('timeout' as const), httpStatus: null, requestId: null };
      return [{ at: NOW - ago, operation, ...how, durationSeconds: 1, requests: 1 }, ...polls];
    };
    const recentPolls = reads.reduce<readonly PollRecord[]>(read, []);
    const text = textOf(pageOf([stateOf('prod', { recentPolls })]));
    expect(text).toContain('2 of the last 3 reads of the item list failed: the API does not answer in time.');
    expect(text).not.toContain('the queue failed');

    const failing = {
      recentPolls: read(recentPolls, ['list', false, 5_000]),
      operations: { stats: buildOperation(), list: failingOperation('timeout') },
    };
    expect(textOf(pageOf([stateOf('prod', failing)]))).toContain('3 of the last 4 reads of the item list failed');
  });

  it('tells once that both kinds of read fail alike, and twice where they differ', () => {
    const rowOf = (list: ReturnType<typeof failingOperation>) =>
      textOf(pageOf([stateOf('prod', { operations: { stats: failingOperation('timeout'), list } })]));
    const alike = 'Every read of the queue and the item list failed: the API does not answer in time.';
    expect(rowOf(failingOperation('timeout'))).toContain(alike);
    const differing = rowOf(failingOperation('forbidden'));
    expect(differing).toContain('Every read of the queue failed: the API does not answer in time.');
    expect(differing).toContain('Every read of the item list failed: environment key refused (403).');
  });

  it.each([
    ['rate_limited', 'rate_limited', []],
    ['rate_limited', 'timeout', ['Every read of the item list failed: the API does not answer in time.']],
    ['timeout', 'timeout', ['Every read of the queue and the item list failed: the API does not answer in time.']],
  ] as const)('tells of a pause once, and of what else is wrong: %s, %s', (stats, list, others) => {
    const operations = { stats: failingOperation(stats), list: failingOperation(list) };
    const text = textOf(pageOf([stateOf('prod', { operations, pausedUntil: NOW + 60_000 })]));
    expect(text.match(/answered 429|rate-limited by the API/g)).toHaveLength(1);
    expect(text.match(/Every read of .*? failed: .*?\./g) ?? []).toEqual(others);
  });

  it.each([
    [
      'a cut list',
      { items: buildItems([], { lastFullRead: { at: NOW, pages: 9, items: 9, truncated: true } }) },
      'The item list was cut at the page cap',
    ],
    [
      'a list with more items than fit into memory',
      { items: buildItems([], { lastFullRead: { at: NOW, pages: 9, items: 9, truncated: true, roomless: true } }) },
      'The item list shows more than there is memory for',
    ],
    ['an old answer', { queue: null }, 'The last answer is too old to be shown'],
    ['a pause', { pausedUntil: NOW + 61_400 }, 'Nothing is read for another 1m 2s: the API answered 429 to its connec'],
    ['a pause that ends now', { pausedUntil: NOW - 5 }, 'Nothing is read for another 1s: the API answered 429'],
    [
      'no key',
      {
        operations: { stats: buildOperation({ attempted: false }), list: buildOperation({ attempted: false }) },
        queue: null,
        items: null,
      },
      'No key: nothing is read of this environment. Set environment_key_file',
    ],
  ])('says %s', (_, change, expected) => {
    expect(textOf(pageOf([stateOf('prod', change)]))).toContain(expected);
  });
});
