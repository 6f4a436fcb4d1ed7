import { expect, it } from 'vitest';
import type { Condition, ConditionPhase } from '../../../../src/conditions/condition.ts';
import { withoutLowerSeverities } from '../../../../src/server/page/view/lower-severities.ts';
import { serverDeps, startServer } from '../../../support/http-server.ts';
import { buildState } from '../../../support/states.ts';
import { condition, reportOf, textOf } from '../page-facts.ts';

const page = (phase: ConditionPhase) => condition('1', { phase });
const ticket = (phase: ConditionPhase, change: Partial<Condition> = {}) =>
  condition('1', { phase, severity: 'warning', summary: '1: perhaps no workers', ...change });

it.each<[string, Condition, Condition, boolean]>([
  ['both are firing', page('firing'), ticket('firing'), false],
  ['both are pending', page('pending'), ticket('pending'), false],
  ['the page is kept after its cause', page('recovering'), ticket('firing'), false],
  ['only the warning is firing so far', page('pending'), ticket('firing'), true],
  ['it is another alert', page('firing'), ticket('firing', { alert: 'AnthropicWorkSaturated' }), true],
  [
    'it is about another environment',
    page('firing'),
    ticket('firing', { subject: { kind: 'environment', id: 'env_2', name: '2' } }),
    true,
  ],
])('a warning beside the page of the same name is shown or not: %s', (_, severe, mild, isShown) => {
  const shown = isShown ? [severe, mild] : [severe];
  expect(withoutLowerSeverities([severe, mild])).toEqual(shown);
  expect(withoutLowerSeverities([mild, severe])).toEqual(shown.toReversed());
});

it('what is about no single environment stays, each connection on its own', () => {
  const of = (name: string, severity: 'critical' | 'warning') =>
    condition(null, { alert: 'AnthropicWorkCredentialRejected', severity, subject: { kind: 'connection', name } });
  const all = [of('a', 'critical'), of('b', 'warning')];
  expect(withoutLowerSeverities(all)).toEqual(all);
});

it('the pages say an alert once, the JSON says every form of it', async () => {
  const conditions = () => reportOf(page('firing'), ticket('firing'));
  await using server = await startServer(serverDeps([buildState('env_1')], { conditions }));
  const read = async (path: string) => (await fetch(`${server.url}${path}`)).text();
  for (const path of ['/', '/environments/env_1']) {
    const text = textOf(await read(path));
    expect(text).toContain('No workers, 3 waiting');
    expect(text).not.toMatch(/perhaps no workers|more alert/i);
  }
  const { conditions: told } = JSON.parse(await read('/api/v1/environments/env_1'));
  expect(told.map(({ severity }: { severity: string }) => severity)).toEqual(['critical', 'warning']);
});
