import { expect, it } from 'vitest';
import type { Condition } from '../../../src/diagnosis/report.ts';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { condition, PENDING, reportOf } from '../../support/reports.ts';
import { buildEnvironment, buildState, failingOperation } from '../../support/states.ts';
import { pageOf, stateOf, textOf } from './page-facts.ts';

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
  condition('1', { subject: { kind: 'environment', id: 'env_1', name, connection: 'default' }, ...change });

it.each(NAMES)('the name %s has a direction of its own wherever a page shows it', (name) => {
  const other = stateOf('staging');
  const state = (change: object) => stateOf('1', { ...change, environment: environment(name) });
  const second = about(name, { subject: { kind: 'environment', id: 'env_2', name, connection: 'default' } });
  const pages = {
    row: pageOf([state({}), other]),
    alert: pageOf([state({}), other], [about(name)]),
    pending: pageOf([state({}), other], [about(name, PENDING)]),
    gone: pageOf([other], [about(name)]),
    shared: pageOf([state({}), other], [about(name), second]),
    unreadable: pageOf([state(dark), other]),
  };
  for (const [place, markup] of Object.entries(pages)) {
    expect(textOf(markup), place).toContain(name);
    expect(looseIn(markup, name), place).toEqual([]);
  }
});

it.each(NAMES)('so does %s on its own page and on the runbook that is opened for it', async (name) => {
  const state = buildState('env_1', { environment: environment(name) });
  const diagnosis = () => reportOf(about(name));
  await using server = await startServer(serverDeps([state], { diagnosis }));
  for (const path of ['/', '/environments/env_1', '/runbooks/AnthropicWorkNoWorkers?environment=env_1']) {
    const markup = await (await fetch(`${server.url}${path}`)).text();
    expect(textOf(markup), path).toContain(name);
    expect(looseIn(markup, name), path).toEqual([]);
  }
});
