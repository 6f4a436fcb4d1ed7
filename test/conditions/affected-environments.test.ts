import { expect, it } from 'vitest';
import { ConditionBuilder } from '../../src/conditions/condition-builder.ts';
import { affectedQuery } from '../../src/conditions/texts/affected-query.ts';
import { OF_SEVERAL_ENVIRONMENTS } from '../../src/rules/parts/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { NOTHING_FINISHES } from '../rules/situations/item-situations.ts';
import { deadStats } from '../rules/support/dead-fleet.ts';
import { step } from '../rules/support/lines.ts';
import { outage } from '../rules/support/outage.ts';
import { alone } from '../rules/support/rule-case.ts';
import { environment, exporter, type Series } from '../rules/support/series.ts';
import { playSeries } from './play-series.ts';

const ids = (count: number) => Array.from({ length: count }, (_, index) => `e${index}`);
const unread = outage({}, 10, 60);
const refused = { ...unread, stats401: (minute: number) => Math.max(0, minute - 10) };
const fleet = (...lines: readonly Series[]) => [...exporter(), ...lines];

/** What the alerts say about environments, in each of these situations, and which of them each is about. */
const SITUATIONS: readonly (readonly [
  what: string,
  series: readonly Series[],
  alert: string,
  environments: readonly string[],
])[] = [
  ['one without workers', alone(deadStats(10)), 'NoWorkers', ['e']],
  [
    'the API of one connection fails, and one environment of another is unread, too',
    fleet(
      ...ids(3).flatMap((id) => environment(unread, { id, name: `name-${id}` })),
      ...environment({}, { id: 'fine', name: 'fine' }),
      ...environment(unread, { id: 'other', name: 'other', connection: 'other' }),
    ),
    'ApiUnreachable',
    ids(3),
  ],
  [
    'workers vanish everywhere but in one',
    fleet(
      ...ids(7).flatMap((id) => environment(deadStats(10), { id, name: `name-${id}` })),
      ...environment({}, { id: 'fine', name: 'fine' }),
    ),
    'NoWorkersAnywhere',
    ids(7),
  ],
  [
    'workers vanish everywhere, and soon the API as well: nobody knows more, and the page stays',
    fleet(...ids(7).flatMap((id) => environment(outage(deadStats(10), 14, 60), { id, name: `name-${id}` }))),
    'NoWorkersAnywhere',
    ids(7),
  ],
  [
    'runs are lost everywhere but in one',
    fleet(
      ...ids(7).flatMap((id) => environment(NOTHING_FINISHES, { id, name: `name-${id}` })),
      ...environment({}, { id: 'fine', name: 'fine' }),
    ),
    'LeasesLapsingAnywhere',
    ids(7),
  ],
  [
    'the keys of two environments are refused, and a third cannot be read for another reason',
    [
      ...exporter({ rejected: step(10, 0, 1) }),
      ...ids(2).flatMap((id) => environment(refused, { id, name: `name-${id}` })),
      ...environment(unread, { id: 'other', name: 'other' }),
      ...environment({}, { id: 'fine', name: 'fine' }),
    ],
    'CredentialRejected',
    ids(2),
  ],
  [
    'a credential that expires, which hits nobody yet',
    [...exporter({ expiry: 86_400 }), ...environment()],
    'CredentialExpiring',
    [],
  ],
];

it.each(SITUATIONS)('a condition says which environments are hit: %s', async (_, series, alert, environments) => {
  const evaluator = await playSeries({ series, until: 20, evaluated: () => {} });
  const writer = new ConditionBuilder(evaluator.store);
  const found = evaluator.active
    .map((instance) => writer.build(instance, { at: 20 * 60_000, firstAt: 0, wallOffsetMs: 0 }))
    .find((condition) => condition.alert === `AnthropicWork${alert}` && condition.phase === 'firing');
  expect(found?.environments).toEqual(environments);
});

it('those that name their environments by the job alone are about several, as boards say', () => {
  const alerts = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules.filter(isAlert));
  const asked = alerts.map((rule) => ({ alert: rule.alert, query: affectedQuery(rule, { job: 'given' }) }));
  // A value that is asked for and was not given is empty.
  const byJob = asked.filter(({ query }) => query !== null && !query.includes('""'));
  expect(new Set(byJob.map(({ alert }) => alert))).toEqual(new Set(OF_SEVERAL_ENVIRONMENTS));
  expect(byJob).not.toHaveLength(asked.filter(({ query }) => query !== null).length);
});
