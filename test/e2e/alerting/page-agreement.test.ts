import { expect, it } from 'vitest';
import type { ConditionPhase } from '../../../src/conditions/condition.ts';
import { agreementOf, foundAgain } from './page-agreement.ts';
import type { PageSaid } from './page-said.ts';
import type { Look } from './page-watch.ts';

const PAGE = 'AnthropicWorkNoWorkers critical env_a';
const TICKET = 'AnthropicWorkSaturated warning env_a';
const UNSEEN = 'AnthropicWorkEnvironmentNotVisible critical env_a';
/** Kept for minutes, so that it is seen to recover. */
const KEPT = 'AnthropicWorkLeasesLapsing critical env_a';
/** Asked every two minutes, and every five. */
const SELDOM = 'AnthropicWorkLeasesLapsing warning env_a';
const SELDOMER = 'AnthropicWorkRunsTooShort warning env_a';
const EXPORTER = 'AnthropicWorkExporterConfigReloadFailed warning';
const WORDS = 'a: nobody takes work';
const FINE = { tone: 'good', text: 'All 2 environments are fine.' };

const BAD = { tone: 'bad', text: WORDS };

type Minutes = readonly [from: number, to: number];

interface Story {
  readonly alert?: string;
  /** When Prometheus has it out, and when the page. */
  readonly told?: Minutes;
  readonly shown?: Minutes;
  /** How the page calls it. */
  readonly phase?: ConditionPhase;
  readonly headline?: PageSaid['headline'];
  /** Minutes at the end in which it reads so. */
  readonly recovers?: number;
  readonly tone?: string;
  readonly status?: string;
  /** A page about the same environment that both have out from minute 10 to 40. */
  readonly beside?: string;
  /** The minute at which the exporter starts anew. */
  readonly restart?: number;
}

/** An hour, looked at every 40 s. */
function hour({
  alert = PAGE,
  told = [10, 40],
  shown = told,
  phase = 'firing',
  recovers = 4,
  restart = 99,
  beside,
  ...page
}: Story): Look[] {
  return Array.from({ length: 90 }, (_, index) => {
    const minute = (index * 40) / 60;
    const isOut = ([from, to]: Minutes) => minute >= from && minute < to;
    const shownAs = phase === 'firing' && minute >= shown[1] - recovers ? 'recovering' : phase;
    const isBeside = beside !== undefined && isOut([10, 40]);
    const other = isBeside ? [[beside, 'firing'] as const] : [];
    const phases = [...(isOut(shown) ? [[alert, shownAs] as const] : []), ...other];
    const tone = alert.includes('critical') ? 'bad' : 'warn';
    return {
      at: minute * 60_000,
      life: minute < restart ? 1 : 2,
      told: [
        new Map([
          ...(isOut(told) ? [[alert, minute >= told[1] - 4 ? 'recovering' : 'firing'] as const] : []),
          ...other,
        ]),
      ],
      said: {
        phases: new Map(phases),
        summaries: new Map([alert, ...(beside === undefined ? [] : [beside])].map((key) => [key, [WORDS]])),
        statuses: { env_a: page.status ?? 'degraded' },
        tones: { env_a: isBeside ? 'bad' : isOut(shown) ? (page.tone ?? tone) : 'good' },
        headline: isBeside ? BAD : isOut(shown) ? (page.headline ?? { tone, text: WORDS }) : FINE,
      },
    };
  });
}

const faultsOf = (story: Story) =>
  agreementOf(hour(story), 0).faults.map((fault) => fault.replace(/^\d+\.\d min: /, ''));

const CALM: Story['headline'] = FINE;

it.each<[string, Story, readonly RegExp[]]>([
  ['the same on both', {}, []],
  ['a page that is three minutes behind', { shown: [13, 43] }, []],
  ['a page that is three minutes ahead', { shown: [7, 37] }, []],
  ['an alert that only just fires', { told: [10, 13], shown: [0, 0] }, []],
  ['a ticket asked every two minutes whose page is four behind', { alert: SELDOM, shown: [14, 44] }, []],
  ['a ticket asked every five minutes whose page is seven ahead', { alert: SELDOMER, shown: [10, 33] }, []],
  [
    'a ticket asked every five minutes that ends 18 minutes too soon',
    { alert: SELDOMER, shown: [10, 22] },
    [/not on the page/, /row/, /headline/],
  ],
  ['an alert of the exporter', { alert: EXPORTER }, []],
  ['what no exporter can know', { alert: 'AnthropicWorkReplicaBlind warning', shown: [0, 0] }, []],
  [
    'a ticket that a page mutes in Prometheus alone',
    { alert: TICKET, told: [0, 0], shown: [14, 20], beside: PAGE },
    [],
  ],
  [
    'a ticket that a page mutes for the exporter alone',
    { alert: TICKET, told: [14, 30], shown: [0, 0], beside: PAGE },
    [],
  ],
  [
    'a ticket of its own beside nothing',
    { alert: TICKET, told: [0, 0], shown: [14, 20] },
    [/is on the page and does not fire/],
  ],
  ['another life', { shown: [10, 20], restart: 18 }, []],
  [
    'an alert that is not on the page',
    { shown: [0, 0] },
    [/fires and is not on the page/, /its row is good/, /the headline is “All 2 environments are fine.”/],
  ],
  ['an alert that the page shows eight minutes late', { shown: [18, 40] }, [/not on the page/, /row/, /headline/]],
  ['an alert that ends eight minutes too soon', { shown: [10, 32] }, [/not on the page/, /row/, /headline/]],
  ['an alert that the page shows too early', { told: [20, 40], shown: [10, 40] }, [/is on the page and does not fire/]],
  ['an alert that stays on the page', { shown: [10, 50] }, [/is on the page and does not fire/]],
  ['an alert that is only pending on the page', { phase: 'pending' }, [/not on the page/]],
  ['an alert that is said to recover', { phase: 'recovering' }, [/said to recover/]],
  [
    'an alert that ends without recovering',
    { alert: KEPT, recovers: 0 },
    [/left the page and was not said to recover/],
  ],
  ['a calm headline', { headline: CALM }, [/an alert pages and the headline is/]],
  [
    'a headline about something else',
    { headline: { tone: 'bad', text: 'b: slow' } },
    [/the headline is “b: slow” \(bad\)/],
  ],
  ['a calm headline over a ticket', { alert: TICKET, headline: CALM }, [/an alert is firing and the headline is/]],
  ['a row that is fine', { tone: 'good' }, [/its row is good/]],
  ['an environment that cannot be seen and is ok', { alert: UNSEEN, status: 'ok' }, [/its status is ok/]],
])('judges %s', (_name, story, faults) => {
  expect(faultsOf(story)).toEqual(faults.map((fault) => expect.stringMatching(fault)));
});

it('counts as agreed what both had out', () => {
  expect([...agreementOf(hour({}), 0).agreed]).toEqual(['AnthropicWorkNoWorkers']);
  expect([...agreementOf(hour({ shown: [0, 0] }), 0).agreed]).toEqual([]);
});

it('judges nothing near a moment in which the machine stood still', () => {
  const late = hour({ shown: [18, 40] });
  expect(agreementOf(late, 0).faults).not.toEqual([]);
  const stalled = late.filter(({ at }) => at < 9 * 60_000 || at > 12 * 60_000);
  expect(agreementOf(stalled, 0).faults).toEqual([]);
});

it('a second play confirms what was wrong in the first one, at another minute', () => {
  const first = ['26.0 min: A warning env_a fires and is not on the page', '30.0 min: B is on the page'];
  const second = [
    '45.2 min: C warning env_c fires and is not on the page',
    '27.3 min: A warning env_a fires and is not on the page',
  ];
  expect(foundAgain(first, second)).toEqual([second[1]]);
  expect(foundAgain(first, first)).toEqual(first);
  expect(foundAgain([], second)).toEqual([]);
});
