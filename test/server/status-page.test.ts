import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../src/server/page-frame.ts';
import { readFilter } from '../../src/server/status-page.ts';
import { condition, ofConnection, PENDING } from '../support/reports.ts';
import { buildEnvironment } from '../support/states.ts';
import { orderIn, pageOf, stateOf, textOf } from './page-facts.ts';

const fine = stateOf('staging');

const causesIn = (markup: string) => /<ul class="causes".*<\/ul>/s.exec(markup.split('<form')[0]!)?.[0] ?? '';

it('tells the alert of an environment that has no row: it is no longer watched, or a drill', () => {
  const causes = causesIn(
    pageOf([stateOf('prod'), fine], [condition('gone', { name: 'item_stuck' }), condition('prod')]),
  );
  expect(textOf(causes)).toContain('gone: an item makes no progress');
  expect(textOf(causes)).not.toContain('prod');
  expect(causes).toContain('href="/runbooks/AnthropicWorkItemStuck');
});

it('what a connection has is told once, with those that it is about and what to do', () => {
  const causes = causesIn(pageOf([stateOf('prod'), fine], [ofConnection('default', ['env_prod', 'env_staging'])]));
  expect(textOf(causes)).toMatch(
    /\(connection default\) : 2 of 2 environments .* status .* network of the exporter.* prod staging/,
  );
  expect(causes).toContain('<a href="/environments/env_prod"><bdi>prod</bdi></a>');
});

it.each([
  ['0/1', 'Shard 0/1'],
  ['1/3', 'Shard 1/3: other shards watch the other environments'],
])('of the shard %s, the page says that there are others only if there are', (shard, text) => {
  const [footer] = /<footer.*?<\/footer>/s.exec(pageOf([fine], [], { shard }))!;
  expect(textOf(footer).split('1.2.3 ')[1]?.trim()).toBe(text);
});

describe('many environments', () => {
  const many = Array.from({ length: 300 }, (_, index) => stateOf(`n${index}`));
  const conditionOf = ({ environment: { name } }: (typeof many)[number]) => condition(name);

  it('fold up where nothing is to be seen', () => {
    const markup = pageOf([...many, stateOf('prod')], [condition('prod')]);
    const [head, folded] = markup.split('<details');
    expect(orderIn(head!)).toEqual(['prod']);
    expect(orderIn(folded!)).toHaveLength(300);
    expect(textOf(folded!)).toContain('300 environments without an alert or a notice');
  });

  it('say one cause once, with some of their names', () => {
    const markup = pageOf(many, many.map(conditionOf));
    const causes = causesIn(markup);
    expect(causes.match(/<li/g)).toHaveLength(1);
    expect(textOf(causes)).toContain('Work waits, and nobody takes it: 300 environments');
    expect(textOf(causes)).toContain('n0 n1 n2 n3 n4 n5 n6 n7 and 292 more');
    expect(causes).toContain('<a href="/environments/env_n7"><bdi>n7</bdi></a>');
    expect(causes).toContain('href="/runbooks/AnthropicWorkNoWorkers"');
  });

  it('do not fold up while they are searched: what is found is to be seen', () => {
    const markup = pageOf(many, [], { filter: readFilter({ q: 'n' }) });
    expect(orderIn(markup)).toHaveLength(300);
    expect(markup).not.toContain('<details data-key="fine"');
  });

  it.each([
    ['a name', { q: 'n299' }, ['n299']],
    ['a part of the id, in capitals', { q: 'ENV_N29 n299' }, ['n299']],
    ['a label', { q: 'owner=agents' }, ['owned']],
    ['a status', { status: 'critical' }, ['prod']],
    ['a status and a text that does not fit', { status: 'critical', q: 'n1' }, []],
    ['what nobody can mean', { q: { a: 1 }, status: ['x'] }, null],
  ])('are found by %s', (_, query, expected) => {
    const environment = buildEnvironment('env_owned', { name: 'owned', labels: { owner: 'agents' } });
    const states = [...many, stateOf('owned', { environment }), stateOf('prod')];
    const markup = pageOf(states, [condition('prod')], { filter: readFilter(query) });
    expect(orderIn(markup)).toHaveLength(expected?.length ?? states.length);
    if (expected !== null) expect(orderIn(markup)).toEqual(expected);
    if (expected?.length === 0) expect(textOf(markup)).toContain('No environment matches.');
  });
});

it('nothing that a name or an API says becomes markup', () => {
  const evil = '"><script>alert(1)</script>';
  const shown = [
    condition(evil, { evidence: evil }),
    ofConnection(evil, [evil]),
    condition('gone', { ...PENDING, evidence: evil }),
  ];
  const markup = pageOf([stateOf(evil), stateOf('b')], shown, { filter: readFilter({ q: evil }) });
  expect(markup.match(/<script/g)).toHaveLength(1);
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
