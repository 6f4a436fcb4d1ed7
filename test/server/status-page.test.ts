import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../src/server/page-frame.ts';
import { condition, ofConnection, PENDING } from '../support/reports.ts';
import { orderIn, pageOf, stateOf, textOf } from './page-facts.ts';

const fine = stateOf('staging');

const causesIn = (markup: string) => /<ul class="causes".*<\/ul>/s.exec(markup.split('<table')[0]!)?.[0] ?? '';

it('tells the alert of an environment that has no row: it is no longer watched, or a drill', async () => {
  const causes = causesIn(
    await pageOf([stateOf('prod'), fine], [condition('gone', { name: 'item_stuck' }), condition('prod')]),
  );
  expect(textOf(causes)).toContain('gone: an item makes no progress');
  expect(textOf(causes)).not.toContain('prod');
  expect(causes).toContain('href="/runbooks/AnthropicWorkItemStuck');
});

it('what a connection has is told once, with those that it is about and what to do', async () => {
  const causes = causesIn(
    await pageOf([stateOf('prod'), fine], [ofConnection('default', ['env_prod', 'env_staging'])]),
  );
  expect(textOf(causes)).toMatch(
    /default: .* : 2 of 2 environments .* status .* network of the exporter.* prod staging/,
  );
  expect(causes).toContain('<a href="/environments/env_prod"><bdi>prod</bdi></a>');
});

describe('many environments', () => {
  const many = Array.from({ length: 300 }, (_, index) => stateOf(`n${index}`));
  const conditionOf = ({ environment: { name } }: (typeof many)[number]) => condition(name);

  it('fold up where nothing is to be seen', async () => {
    const markup = await pageOf([...many, stateOf('prod')], [condition('prod')]);
    const [head, folded] = markup.split('<details');
    expect(orderIn(head!)).toEqual(['prod']);
    expect(orderIn(folded!)).toHaveLength(300);
    expect(textOf(folded!)).toContain('300 environments without an alert or a notice');
  });

  it('say one cause once, with some of their names', async () => {
    const markup = await pageOf(many, many.map(conditionOf));
    const causes = causesIn(markup);
    expect(causes.match(/<li/g)).toHaveLength(1);
    expect(textOf(causes)).toContain('300 environments: work waits, and nobody takes it');
    expect(textOf(causes)).toContain('n0 n1 n2 n3 n4 n5 n6 n7 and 292 more');
    expect(causes).toContain('<a href="/environments/env_n7"><bdi>n7</bdi></a>');
    expect(causes).toContain('href="/runbooks/AnthropicWorkNoWorkers"');
  });
});

it('nothing that a name or an API says becomes markup', async () => {
  const evil = '"><script>alert(1)</script>';
  const shown = [
    condition(evil, { evidence: evil }),
    ofConnection(evil, [evil]),
    condition('gone', { ...PENDING, evidence: evil }),
  ];
  const markup = await pageOf([stateOf(evil), stateOf('b')], shown);
  expect(markup.match(/<script/g)).toHaveLength(1);
  expect(markup).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('the page loads nothing, and the policy allows its own style and script alone', async () => {
  const markup = await pageOf([fine]);
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
