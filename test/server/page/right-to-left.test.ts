import { expect, it } from 'vitest';
import type { Condition } from '../../../src/conditions/condition.ts';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { buildEnvironment, buildState, failingOperation, NOW } from '../../support/states.ts';
import { condition, pageOf, reportOf, textOf, viewOf } from './page-facts.ts';

/** Names that a browser writes from right to left, in part or as a whole. */
const NAMES = ['ייצור', 'إنتاج (2)', 'prod ייצור', '2 ייצור', 'שָׁלוֹם', '\u{1e900}\u{1e901}'];

/** The places of a page where the name stands among other text that it would disorder. */
function looseIn(markup: string, name: string): string[] {
  const text = markup
    .replace(/<(title|style|script)>.*?<\/\1>/gs, '')
    .replaceAll(`<bdi>${name}</bdi>`, '')
    .replace(/<[^>]*>/g, '|');
  return text.split('|').filter((piece) => piece.includes(name));
}

const dark = {
  operations: { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') },
  queue: null,
  items: null,
};
const environment = (name: string) => buildEnvironment('env_1', { name, labels: { owner: name } });
const about = (name: string, change: Partial<Condition> = {}) =>
  condition(name, {
    subject: { kind: 'environment', id: 'env_1', name },
    description: `Start the workers of ${name} (env_1).`,
    ...change,
  });

it.each(NAMES)('the name %s has a direction of its own wherever a page shows it', (name) => {
  const other = viewOf('staging');
  const view = (change: object, ...conditions: Condition[]) =>
    viewOf('1', { ...change, environment: environment(name) }, conditions);
  const second = about(name, { subject: { kind: 'environment', id: 'env_2', name } });
  const pages = {
    row: pageOf([view({}), other]),
    alert: pageOf([view({}, about(name)), other]),
    pending: pageOf([view({}, about(name, { phase: 'pending', firesAt: NOW + 20_000 })), other]),
    gone: pageOf([other], { report: reportOf(about(name)) }),
    shared: pageOf([other], { report: reportOf(about(name), second) }),
    unreadable: pageOf([view(dark), other]),
  };
  for (const [place, markup] of Object.entries(pages)) {
    expect(textOf(markup), place).toContain(name);
    expect(looseIn(markup, name), place).toEqual([]);
  }
});

it.each(NAMES)('so does %s on its own page and on the runbook that is opened for it', async (name) => {
  const state = buildState('env_1', { environment: environment(name) });
  const conditions = () => reportOf(about(name));
  await using server = await startServer(serverDeps([state], { conditions }));
  for (const path of ['/', '/environments/env_1', '/runbooks/AnthropicWorkNoWorkers?environment=env_1']) {
    const markup = await (await fetch(`${server.url}${path}`)).text();
    expect(textOf(markup), path).toContain(name);
    expect(looseIn(markup, name), path).toEqual([]);
  }
});

it('a name of another direction costs the others nothing in the texts of alerts', () => {
  const markup = pageOf([viewOf('a', {}, [condition('a')]), viewOf('staging')]);
  expect(markup).toMatch(/<h1[^>]*>[^\n]*<\/span>a: no workers, 3 waiting/);
});
