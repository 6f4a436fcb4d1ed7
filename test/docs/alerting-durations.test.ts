import { expect, it } from 'vitest';
import { type SelectExpr, selectorsIn } from '../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../src/promql/syntax/parse-expression.ts';
import type { AlertName } from '../../src/rules/parts/alert-names.ts';
import { durationMs } from '../../src/rules/parts/durations.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { RECORDED } from '../../src/rules/parts/recorded.ts';
import { isAlert, type Rule } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { pageOf } from './pages.ts';

const MINUTE = 60_000;
/** How much further back a range reaches than its name says. */
const MARGIN = 5000;
/** Between two scrapes, as the pages advise. */
const SCRAPE = 30_000;

const GROUPS = ruleGroups(DEFAULT_RULE_OPTIONS);
const RULES = GROUPS.flatMap(({ rules }) => rules);

/** Rules of one name: a recorded series, or an alert with its severity. */
function rulesOf(name: string): readonly Rule[] {
  const found = RULES.filter((rule) =>
    isAlert(rule) ? `${rule.alert} ${rule.labels.severity}` === `AnthropicWork${name}` : rule.record === name,
  );
  if (found.length === 0) throw new Error(`no rule ${name}`);
  return found;
}

/** What a rule asks of a series; of alerts, of the one with this name. */
function asked(rule: string, series: string, alert = ''): readonly SelectExpr[] {
  return rulesOf(rule)
    .flatMap(({ expr }) => selectorsIn(parseExpression(expr)))
    .filter(({ name, matchers }) => name === series && JSON.stringify(matchers).includes(alert));
}

const ranges = (...of: Parameters<typeof asked>) =>
  asked(...of).flatMap(({ rangeMs }) => (rangeMs === null ? [] : rangeMs - MARGIN));
const offsets = (...of: Parameters<typeof asked>) => asked(...of).map(({ offsetMs }) => offsetMs);
const waits = (rule: string) =>
  rulesOf(rule).map((one) => (isAlert(one) && one.for !== null ? durationMs(one.for) : Number.NaN));

/** A page of that name that returns has ended when this many samples say that an exporter is there. */
function watchedAgain(): number {
  const [before] = offsets(RECORDED.exporterWatches, 'up').filter((ms) => ms > 0);
  const [window] = ranges(RECORDED.exporterAbsent, RECORDED.exporterWatches);
  const { interval } = GROUPS.find(({ rules }) =>
    rulesOf(RECORDED.exporterWatches).some((rule) => rules.includes(rule)),
  )!;
  return before! + window! + durationMs(interval);
}

/** The first moment at which the average over the window is above its limit. */
function steady(): number {
  const [{ expr }] = rulesOf(RECORDED.exporterWatches) as [Rule];
  const share = Number(/avg_over_time\([^)]+\) > ([\d.]+)/.exec(expr)?.[1]);
  return Math.ceil((share * Math.max(...ranges(RECORDED.exporterWatches, 'up'))) / SCRAPE) * SCRAPE;
}

/** How long ago somebody may have polled at the latest, by all that is asked about an environment without a list. */
function nobodyPolled(): number {
  const [window] = ranges(RECORDED.polling, 'anthropic_work_workers_polling');
  return Math.max(...offsets(RECORDED.unserved, RECORDED.nobodyPolls)) + window!;
}

const NO_WORKERS: AlertName = 'AnthropicWorkNoWorkers';

/** Each duration that the section states, as `…` in its words, and those of the rules that it may be. */
const CLAIMS: readonly (readonly [says: string, ...of: (readonly number[])[]])[] = [
  ['without a break until … before, they', offsets(RECORDED.scaledToZero, RECORDED.polling)],
  ['While NoWorkers fires and for … afterwards', ranges(RECORDED.causePaged, 'ALERTS', NO_WORKERS)],
  ['If … after its end they take items', ranges('OldestItemTooOld critical', 'ALERTS', NO_WORKERS)],
  ['once workers have been seen for … without a break', ranges(RECORDED.noWorkersHeld, RECORDED.notServed)],
  ['If within the last … somebody took', ranges(RECORDED.unserved, RECORDED.takenLate)],
  ['the oldest for …, NoWorkers', ranges(RECORDED.headStands, 'anthropic_work_queue_oldest_timestamp_seconds')],
  ['nobody has polled for …. If such', [nobodyPolled()]],
  ['nothing was claimed for …, the queue', ranges(RECORDED.unserved, 'anthropic_work_queue_pending')],
  ['for up to … after discovery has lost', ranges(RECORDED.noWorkersHeld, 'anthropic_work_environment_info')],
  ['work that is left in it for … is a ticket', waits('EnvironmentArchived warning')],
  ['shrinks by a tenth in … and its oldest', offsets(RECORDED.shrinking, RECORDED.waiting)],
  [
    'gets no second one for …, only a page',
    ranges('OldestItemTooOld warning', 'ALERTS', 'OldestItemTooOld'),
    ranges('Saturated warning', 'ALERTS', 'Saturated'),
  ],
  ['has fired in …, at most once', ranges('WaitBudgetBurn critical', 'ALERTS', NO_WORKERS)],
  ['at most once in …, and not while', ranges('WaitBudgetBurn critical', 'ALERTS', 'WaitBudgetBurn')],
  ['until reads have succeeded for …. An API', ranges(RECORDED.readsFlapping, RECORDED.readFailed)],
  [
    'and for … after it, the tickets with the same cause',
    ranges('CredentialRejected warning', 'ALERTS', 'CredentialRejected'),
    ranges('ApiRateLimited warning', 'ALERTS', 'ApiRateLimited'),
  ],
  [
    'a page about one of them waits for up to … longer',
    offsets('EnvironmentNotVisible critical', RECORDED.notVisible),
    offsets('ApiAuthFailing critical', RECORDED.notVisible),
  ],
  ['returns within … of its end', ranges(RECORDED.pageReturned, RECORDED.pageEnded)],
  ['NoWorkers until workers have been seen for …, a page', ranges(RECORDED.noWorkersHeld, RECORDED.notServed)],
  ['until they have succeeded for …, ExporterAbsent', ranges(RECORDED.readsFlapping, RECORDED.readFailed)],
  ['ExporterAbsent until an exporter has been up for …. - A page', [watchedAgain()]],
  ['until one has been up for …. So an update', [steady()]],
  ['no run has lapsed for …. -', ranges(RECORDED.lapsed15m, 'anthropic_work_items_lapsed_total')],
  ['the first five within … have pages', offsets('NoWorkersAnywhere critical', 'ALERTS', NO_WORKERS)],
  ['dies more than … after the last one', offsets('NoWorkers critical', 'ALERTS', NO_WORKERS)],
  ['no worker has polled for …, so most', ranges(RECORDED.polling, 'anthropic_work_workers_polling')],
  ['single environments wait for up to … longer', offsets('NoWorkers critical', RECORDED.unserved)],
  ['single environments wait for up to … more', offsets('LeasesLapsing critical', RECORDED.runsLost)],
  ['while the backlog shrinks by a tenth in …, or falls', offsets(RECORDED.shrinking, RECORDED.waiting)],
  ['or falls for … without a break', ranges(RECORDED.draining, RECORDED.recovering)],
  ['missing workers wait for … longer', ranges('NoWorkers critical', RECORDED.notVisible)],
  [
    'the failures of …, because',
    ranges(RECORDED.namedFailures, 'anthropic_work_api_request_failures_total', 'unauthorized'),
  ],
];

const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const PHRASES: Readonly<Record<string, number>> = {
  'half a day': 720 * MINUTE,
  'half an hour': 30 * MINUTE,
  'a quarter of an hour': 15 * MINUTE,
  'the last quarter of an hour': 15 * MINUTE,
  'the last hour': 60 * MINUTE,
};
const NUMBER = `(\\d+|${WORDS.join('|')})`;
const TIMED = `${Object.keys(PHRASES).join('|')}|${NUMBER}(?: and a half)? (?:minutes|hours)`;

/** `three and a half minutes`, `six hours`, or `nine`, where minutes were named before. */
function msIn(text: string): number {
  const [, number = '', half, unit] = new RegExp(`^${NUMBER}( and a half)?(?: (minutes|hours))?$`).exec(text) ?? [];
  const count = (/\d/.test(number) ? Number(number) : WORDS.indexOf(number) + 1) + (half === undefined ? 0 : 0.5);
  return PHRASES[text] ?? count * (unit === 'hours' ? 60 : 1) * MINUTE;
}

const [, SECTION = ''] = pageOf('docs/alerting.md').text.split('\n## One cause, one page\n');
const PROSE = SECTION.split(/^## /m)[0]!.replaceAll(/\s+/g, ' ');
/** What Alertmanager and Prometheus do is none of the rules. */
const OF_RULES = PROSE.indexOf('### Known cases');

/** Where the words stand, with the duration; it may lack its unit where it follows another one. */
function stated(says: string): readonly { readonly duration: string; readonly index: number }[] {
  const [before, after] = says.replaceAll('.', '\\.').split('…');
  const pattern = `(?<=${before})(?:${TIMED}|${NUMBER})(?=${after})`;
  return [...PROSE.matchAll(new RegExp(pattern, 'g'))].map((found) => ({ duration: found[0], index: found.index }));
}

it.each(CLAIMS.map(([says, ...rules]) => [says, rules] as const))(
  'states a duration of the rules: %s',
  (says, rules) => {
    const found = stated(says);
    expect(found).toHaveLength(1);
    for (const durations of rules) expect(durations).toContain(msIn(found[0]!.duration));
  },
);

it('states no other', () => {
  const compared = new Set(CLAIMS.flatMap(([says]) => stated(says).map(({ index }) => index)));
  const all = [...PROSE.slice(0, OF_RULES).matchAll(new RegExp(TIMED, 'g'))];
  expect(all.length).toBeGreaterThan(10);
  expect(all.filter(({ index }) => !compared.has(index)).map(([text]) => text)).toEqual([]);
});
