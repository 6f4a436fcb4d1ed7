import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../../src/server/page/markup/page-style.ts';
import { readFilter } from '../../../src/server/page/view/page-filter.ts';
import { buildSessions } from '../../support/sessions.ts';
import { buildEnvironment, NOW } from '../../support/states.ts';
import { condition, orderIn, pageOf, reportOf, textOf, viewOf } from './page-facts.ts';

const fine = viewOf('staging');

it('tells an alert of an environment that is no longer watched, which has no row', () => {
  const views = [viewOf('prod', {}, [condition('prod')])];
  const markup = pageOf(views, {
    report: reportOf(condition('gone', { alert: 'AnthropicWorkPendingStuck' }), condition('prod')),
  });
  const causes = /<ul class="causes".*?<\/ul>/s.exec(markup)![0];
  expect(textOf(causes)).toContain('gone: no workers');
  expect(textOf(causes)).not.toContain('prod');
  expect(causes).toContain('href="/runbooks/AnthropicWorkPendingStuck');
});

it.each([
  ['0/1', 'Shard 0/1'],
  ['1/3', 'Shard 1/3: other shards watch the other environments'],
])('of the shard %s, the page says that there are others only if there are', (shard, text) => {
  const [footer] = /<footer.*?<\/footer>/s.exec(pageOf([fine], { shard }))!;
  expect(textOf(footer).split('1.2.3 ')[1]?.trim()).toBe(text);
});

describe('many environments', () => {
  const many = Array.from({ length: 300 }, (_, index) => viewOf(`n${index}`));
  const page = (views: typeof many) => pageOf(views);

  it('fold up where nothing is to be seen', () => {
    const markup = page([...many, viewOf('prod', {}, [condition('prod')])]);
    const [head, folded] = markup.split('<details');
    expect(orderIn(head!)).toEqual(['prod']);
    expect(orderIn(folded!)).toHaveLength(300);
    expect(textOf(folded!)).toContain('300 environments without an alert or a notice');
  });

  it('say one cause once, with some of their names', () => {
    const markup = page(many.map(({ json: { name } }) => viewOf(name, {}, [condition(name)])));
    const causes = /<ul class="causes".*?<\/ul>/s.exec(markup)![0];
    expect(causes.match(/<li/g)).toHaveLength(1);
    expect(textOf(causes)).toContain('Work waits without workers: 300 environments');
    expect(textOf(causes)).toContain('n0 n1 n2 n3 n4 n5 n6 n7 and 292 more');
    expect(causes).toContain('<a href="/environments/env_n7"><bdi>n7</bdi></a>');
    expect(causes).toContain('href="/runbooks/AnthropicWorkNoWorkers"');
  });

  it.each([
    [12, false],
    [13, true],
  ])('%i healthy ones fold up: %s', (size, folds) => {
    expect(pageOf(many.slice(0, size)).includes('<details data-key="fine"')).toBe(folds);
  });

  it('do not fold up while they are searched: what is found is to be seen', () => {
    const markup = pageOf(many, { filter: readFilter({ q: 'n' }) });
    expect(orderIn(markup)).toHaveLength(300);
    expect(markup).not.toContain('<details data-key="fine"');
  });

  it.each([
    [2, 'n0 n1', null],
    [8, 'n0 n1 n2 n3 n4 n5 n6 n7', null],
    [9, 'n0 n1 n2 n3 n4 n5 n6 n7', 'and 1 more'],
  ])('%i with one cause are named, eight at the most, and the others counted', (size, names, more) => {
    const markup = page(many.slice(0, size).map(({ json: { name } }) => viewOf(name, {}, [condition(name)])));
    const shown = textOf(/<p class="names">.*?<\/p>/s.exec(markup)![0]).trim();
    expect(shown).toBe(more === null ? names : `${names} ${more}`);
  });

  it.each([
    ['a name', { q: 'n299' }, ['n299']],
    ['a part of the id, in capitals', { q: 'ENV_N29 n299' }, ['n299']],
    ['a label', { q: 'owner=agents' }, ['owned']],
    ['a status', { status: 'critical' }, ['prod']],
    ['a status and a text that does not fit', { status: 'critical', q: 'n1' }, []],
    ['what nobody can mean', { q: { a: 1 }, status: ['x'] }, null],
  ])('are found by %s', (_, query, expected) => {
    const owned = viewOf('owned', { environment: buildEnvironment('env_owned', { labels: { owner: 'agents' } }) });
    const views = [...many, owned, viewOf('prod', {}, [condition('prod')])];
    const markup = pageOf(views, { filter: readFilter(query) });
    expect(orderIn(markup)).toHaveLength(expected?.length ?? views.length);
    if (expected !== null) expect(orderIn(markup)).toEqual(expected);
    if (expected?.length === 0) expect(textOf(markup)).toContain('No environment matches.');
  });
});

it('what the exporter itself has is said once: by the alert, where one is firing', () => {
  const text = 'the state file cannot be written: a restart would lose what was counted since';
  const alert = 'AnthropicWorkStateFileFailing';
  const problems = [{ text, remedy: 'The log says why.', alert }];
  expect(textOf(pageOf([fine], { problems }))).toContain('The state file cannot be written: a restart');
  const out = condition(null, { alert, severity: 'warning', summary: 'This exporter cannot write its state file' });
  const told = textOf(pageOf([fine], { problems, report: reportOf(out) }));
  expect(told).toContain('This exporter cannot write its state file');
  expect(told).not.toContain('a restart would lose');
});

it('nothing that a name or an API says becomes markup', () => {
  const evil = '"><script>alert(1)</script>';
  const shown = condition('prod', { summary: evil, description: evil });
  const markup = pageOf([viewOf(evil, {}, [shown]), viewOf('b', {}, [shown])], { filter: readFilter({ q: evil }) });
  expect(markup.match(/<script/g)).toHaveLength(1);
  expect(pageOf([viewOf(evil, {}, [shown])]).match(/<script/g)).toHaveLength(1);
  expect(markup).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('the page loads nothing, and the policy allows its own style and script alone', () => {
  const markup = pageOf([fine]);
  expect(markup).not.toMatch(/(src|href|action)="(https?:)?\/\//);
  expect(markup).not.toContain('http-equiv');
  for (const part of ['style', 'script']) {
    const inline = new RegExp(`<${part}>(.*)</${part}>`, 's').exec(markup)![1]!;
    const hash = createHash('sha256').update(inline).digest('base64');
    expect(CONTENT_SECURITY_POLICY).toContain(`${part}-src 'sha256-${hash}'`);
  }
  expect(CONTENT_SECURITY_POLICY).toMatch(/^default-src 'none';/);
  for (const path of ['/metrics', '/api/v1/environments', '/-/healthy', '/-/ready']) {
    expect(markup).toContain(`href="${path}"`);
  }
});

const REFUSED = {
  reason: 'forbidden',
  httpStatus: 403,
  requestId: null,
  message: 'no',
  remedy: 'Ask for it.',
  since: NOW,
} as const;

it.each([
  ['no key', { attempted: false }],
  ['a key that is refused', { failure: REFUSED }],
])('says once and quietly that sessions of long runs are not read: %s', (_why, change) => {
  const off = { sessions: buildSessions({}, change) };
  expect(textOf(pageOf([fine, viewOf('b')]))).not.toContain('Sessions of long runs');
  const text = textOf(pageOf([viewOf('a', off), viewOf('b', off)]));
  expect(text.match(/Sessions of long runs are not read in 2 environments/g)).toHaveLength(1);
  expect(viewOf('a', off)).toMatchObject({ level: 'ok', notices: [] });
});
