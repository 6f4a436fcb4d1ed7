import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../../src/domain/environment.ts';
import { RecentPolls } from '../../../../src/state/recent-polls.ts';
import {
  buildItems,
  buildOperation,
  buildStats,
  failingOperation,
  NOW,
  untriedOperation,
} from '../../../support/states.ts';
import { condition, orderIn, pageOf, reportOf, textOf, viewOf } from '../page-facts.ts';

const fine = viewOf('staging');
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
    expect(textOf(pageOf([viewOf('new', starting)]))).toContain('Not read yet new env_new – – – – – – never');
  });

  it('stands above those that do better: by level, then by how far over its limit the oldest item is', () => {
    const warning = (name: string, seconds: number) =>
      viewOf(name, waiting(seconds), [condition(name, { severity: 'warning', alert: 'AnthropicWorkSaturated' })]);
    const views = [
      fine,
      viewOf('new', starting),
      warning('late', 400),
      viewOf('page', {}, [condition('page')]),
      warning('later', 900),
      viewOf('dark', unread),
      viewOf('soon', {}, [condition('soon', { phase: 'pending' })]),
    ];
    expect(orderIn(pageOf(views))).toEqual(['page', 'dark', 'later', 'late', 'soon', 'new', 'staging']);
  });

  it('says what the alerts say, since when, and links the runbook', () => {
    const text = textOf(pageOf([viewOf('prod', {}, [condition('prod')])]));
    expect(text).toContain('Critical prod');
    expect(text).toContain('No workers, 3 waiting, oldest 5m 12s (limit 5m 0s) firing for 4m · NoWorkers runbook');
    const coming = condition('prod', { phase: 'pending', since: NOW - 30_000, firesAt: NOW + 30_000 });
    expect(textOf(pageOf([viewOf('prod', {}, [coming])]))).toContain('pending for 30s , fires in 30s');
    expect(textOf(pageOf([viewOf('prod', {}, [{ ...coming, mayBeOlder: true }])]))).toContain(
      'pending for 30s , fires in 30s unless it fired before this exporter started',
    );
    expect(textOf(pageOf([viewOf('prod', {}, [condition('prod', { mayBeOlder: true })])]))).toContain(
      'firing for at least 4m · NoWorkers runbook',
    );
    const over = condition('prod', { phase: 'recovering', since: NOW - 60_000 });
    expect(textOf(pageOf([viewOf('prod', {}, [over])]))).toContain('recovering for 1m');
    expect(textOf(pageOf([viewOf('prod', {}, [{ ...over, mayBeOlder: true }])]))).toContain('recovering for 1m');
  });

  it('has a cell under each heading, also in the row that says why', () => {
    const markup = pageOf([viewOf('prod', {}, [condition('prod')]), viewOf('staging')]);
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
      viewOf('prod', { queue: { observedAt: NOW - 5000, stats: buildStats({ workersPolling: 0, ...change }) } });
    expect(textOf(pageOf([nobody({})]))).toContain('▲ none');
    expect(textOf(pageOf([nobody({ depth: 0, pending: 0 })]))).not.toContain('none');
  });

  it('marks values that are held from before, for ears, too', () => {
    const operations = { stats: failingOperation('timeout'), list: buildOperation() };
    const markup = pageOf([viewOf('prod', { operations })]);
    expect(markup).toContain('class="n held" data-label="Waiting">3<span class="unseen"> (last known)</span>');
  });

  it('tells in words of ours why reads fail, what to do, and no path of a file', () => {
    const failure = {
      ...failingOperation('network').failure!,
      message: 'x'.repeat(900),
      remedy: 'Use file /etc/secret/key.',
    };
    const stats = failingOperation('network', { failure });
    const text = textOf(pageOf([viewOf('prod', { operations: { stats, list: buildOperation() } })]));
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
    const read = (polls: RecentPolls, [operation, ok, ago]: readonly [Operation, boolean, number]) => {
      const how = { ok, reason: ok ? null : ('timeout' as const), httpStatus: null, requestId: null };
      return polls.with({ at: NOW - ago, operation, ...how, durationSeconds: 1, requests: 1 });
    };
    const recentPolls = reads.reduce(read, RecentPolls.NONE);
    const text = textOf(pageOf([viewOf('prod', { recentPolls })]));
    expect(text).toContain('2 of the last 3 reads of the item list failed: the API does not answer in time.');
    expect(text).not.toContain('the queue failed');

    const failing = {
      recentPolls: read(recentPolls, ['list', false, 5_000]),
      operations: { stats: buildOperation(), list: failingOperation('timeout') },
    };
    expect(textOf(pageOf([viewOf('prod', failing)]))).toContain('3 of the last 4 reads of the item list failed');
  });

  it('tells once that both kinds of read fail alike, and twice where they differ', () => {
    const rowOf = (list: ReturnType<typeof failingOperation>) =>
      textOf(pageOf([viewOf('prod', { operations: { stats: failingOperation('timeout'), list } })]));
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
    const text = textOf(pageOf([viewOf('prod', { operations, pausedUntil: NOW + 60_000 })]));
    expect(text.match(/answered 429|rate-limited by the API/g)).toHaveLength(1);
    expect(text.match(/Every read of .*? failed: .*?\./g) ?? []).toEqual(others);
  });

  it('says which alerts are part of the page of another, apart from those that are not', () => {
    const told = { labels: { told_by: 'AnthropicWorkNoWorkersAnywhere' } };
    const views = ['a', 'b', 'c', 'd', 'e'].map((name, index) =>
      viewOf(name, {}, [condition(name, index < 3 ? told : {})]),
    );
    const [causes = '', rows = ''] = textOf(pageOf(views)).split(' Status Environment ');
    expect(causes).toMatch(/Work waits without workers: 3 environments firing for 4m , part of NoWorkersAnywhere /);
    expect(causes).toMatch(/Work waits without workers: 2 environments firing for 4m · NoWorkers runbook/);
    expect(rows.match(/part of NoWorkersAnywhere/g)).toHaveLength(3);
  });

  it.each([
    ['lower `requests_per_minute`.', 'lower <code>requests_per_minute</code>.'],
    ['raise `poll.max_list_pages`, or wait', 'raise <code>poll.max_list_pages</code>, or wait'],
    ['the name `<b>` is odd', 'the name `&lt;b&gt;` is odd'],
    ['a`b`c and `A`', 'a`b`c and `A`'],
    ['one ` alone', 'one ` alone'],
  ])('shows code in the text of an alert as code: %s', (description, shown) => {
    const one = condition(null, { subject: { kind: 'connection', name: 'default' }, description });
    expect(pageOf([viewOf('prod', {}, [])], { report: reportOf(one) })).toContain(`<p class="soft">${shown}</p>`);
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
    expect(textOf(pageOf([viewOf('prod', change)]))).toContain(expected);
  });
});
