import { describe, expect, it } from 'vitest';
import { renderRules, ruleGroups } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS, isAlert } from '../../src/rules/rule.ts';
import { complaintsAbout, failuresOf, type RuleCase } from './promtool.ts';

const JOB = 'job="anthropic-work-exporter"';
const series = (metric: string, labels: string, instance = 'a') => `${metric}{${JOB},instance="${instance}",${labels}}`;
const of = (id: string) => `environment_id="${id}",environment_name="name of ${id}"`;
const condition = (name: string, { instance = 'a', id = 'e', severity = 'critical' } = {}) =>
  series('anthropic_work_condition', `${of(id)},condition="${name}",severity="${severity}"`, instance);
const noWorkers = (more = {}) => condition('no_workers', more);
const exporter = (metric: string, instance = 'a', more = '') => `${metric}{${JOB},instance="${instance}"${more}}`;
/** A clock that runs for so many minutes. */
const ticks = (minutes: number): string => Array.from({ length: minutes }, (_, minute) => `${minute}*1`).join(' ');

const CONDITIONS: readonly RuleCase[] = [
  {
    name: 'a condition fires as soon as the exporter says so, and ends soon after it says so',
    series: {
      [noWorkers()]: '0*5 1*10 0*10',
    },
    alert: 'NoWorkers',
    firing: { 4: 0, 5: 1, 14: 1, 16: 0 },
  },
  {
    name: 'a severity has an alert of its own',
    series: {
      [condition('runs_lost', { severity: 'warning' })]: '1*10 0*5',
      [condition('runs_lost')]: '0*10 1*5',
    },
    alert: 'RunsLost',
    severity: 'warning',
    firing: { 5: 1, 11: 0 },
  },
  {
    name: 'lost scrapes and an exporter that is away end no page for half an hour',
    series: {
      [noWorkers()]: '0*5 1*10 _*2 1*5 _*60',
    },
    alert: 'NoWorkers',
    firing: { 14: 1, 16: 1, 20: 1, 26: 1, 40: 1, 51: 1, 53: 0 },
  },
  {
    name: 'a restart ends no page while the new process does not know, and its 0 does',
    series: {
      [noWorkers()]: '1*10 _*2 ?*10 0*10',
    },
    alert: 'NoWorkers',
    firing: { 9: 1, 12: 1, 16: 1, 21: 1, 23: 0 },
  },
  {
    name: 'what has ended does not come back when the exporter goes away',
    series: {
      [noWorkers()]: '1*10 0*5 _*20',
    },
    alert: 'NoWorkers',
    firing: { 9: 1, 11: 0, 17: 0, 20: 0, 30: 0 },
  },
  {
    name: 'one of two replicas is enough',
    series: {
      [noWorkers()]: '0*20',
      [noWorkers({ instance: 'b' })]: '0*5 1*10 0*5',
    },
    alert: 'NoWorkers',
    firing: { 4: 0, 5: 1, 14: 1, 16: 0 },
  },
  {
    name: 'the other replica’s word counts while one has lost a scrape',
    series: {
      [noWorkers()]: '0*20',
      [noWorkers({ instance: 'b' })]: '1*5 _*1 1*5',
    },
    alert: 'NoWorkers',
    firing: { 5: 1, 6: 1, 8: 1 },
  },
  {
    name: 'a replica that is gone says nothing after some minutes, while another one is there',
    series: { [noWorkers()]: '0*20', [noWorkers({ instance: 'b' })]: '1*5 _*1' },
    alert: 'NoWorkers',
    firing: { 4: 1, 6: 1, 17: 0 },
  },
  {
    name: 'a new replica is not heard beside one that is there for longer, and it is once that one is gone',
    series: { [noWorkers()]: '0*24 _*1', [noWorkers({ instance: 'b' })]: '_*15 1*25' },
    alert: 'NoWorkers',
    firing: { 16: 0, 20: 0, 32: 1 },
  },
  {
    name: 'a shard whose only replica gets another name is heard, whoever watches the other shard',
    series: {
      [noWorkers({ instance: 'a-0of2' })]: '1*15 _*1',
      [noWorkers({ instance: 'b-0of2' })]: '_*15 ?*2 1*20',
      [noWorkers({ instance: 'c-1of2', id: 'f' })]: '0*40',
      [noWorkers({ instance: 'b-0of2', id: 'g' })]: '_*15 ?*2 0*2 1*20',
    },
    alert: 'NoWorkers',
    firing: { 14: 1, 16: 1, 18: 1, 20: 2, 30: 2 },
  },
  {
    name: 'what a replica may be wrong about takes all of them, also while one has lost a scrape',
    series: {
      [condition('not_readable')]: '0*5 _*1 0*4 1*10',
      [condition('not_readable', { instance: 'b' })]: '1*20',
    },
    alert: 'NotReadable',
    firing: { 4: 0, 5: 0, 6: 0, 9: 0, 11: 1, 19: 1 },
  },
  {
    name: 'a second replica that restarts, and does not know yet, ends nothing',
    series: {
      [condition('not_readable')]: '1*20',
      [condition('not_readable', { instance: 'b' })]: '1*5 _*1 ?*5 1*9',
    },
    alert: 'NotReadable',
    firing: { 4: 1, 6: 1, 9: 1, 11: 1, 19: 1 },
  },
  {
    name: 'a restart under another name ends nothing either, when that one is away for some minutes later',
    series: {
      [condition('not_readable')]: '0*10',
      [condition('not_readable', { instance: 'b' })]: '_*10 1*15 _*5 1*10',
    },
    alert: 'NotReadable',
    firing: { 9: 0, 24: 1, 27: 1, 29: 1, 31: 1, 35: 1 },
  },
  {
    name: 'an environment has an alert of its own, also where two have one name',
    series: {
      [noWorkers()]: '1*10',
      [noWorkers({ id: 'f' })]: '0*5 1*5',
    },
    alert: 'NoWorkers',
    firing: { 4: 1, 6: 2 },
  },
  {
    name: 'fleets that fail together are one page, about their connection',
    series: {
      [series('anthropic_work_connection_condition', 'connection="c",condition="fleets_failing",severity="critical"')]:
        '0*5 1*5 0*5',
      [noWorkers()]: '0*15',
    },
    alert: 'FleetsFailing',
    firing: { 4: 0, 6: 1, 11: 0 },
  },
];

const age = (minutes: string) => ({
  [series('anthropic_work_queue_oldest_age_seconds', of('e'))]: minutes,
  [series('anthropic_work_slo_queue_wait_target_seconds', of('e'))]: '300*3000',
  [series('anthropic_work_slo_objective_ratio', of('e'))]: '0.99*3000',
});

const BURNS: readonly RuleCase[] = [
  {
    name: 'a wait above its target pages after half an hour, and until it is below its target again',
    series: { ...age('10*60 400*25 250*1 400*300 200*60'), [noWorkers({ id: 'f' })]: '1*440' },
    alert: 'WaitBudgetBurn',
    firing: { 60: 0, 85: 0, 95: 1, 200: 1, 380: 1, 390: 1, 400: 0, 440: 0 },
  },
  {
    name: 'short bursts do not',
    series: age('400*4 10*26 '.repeat(10)),
    alert: 'WaitBudgetBurn',
    firing: { 62: 0, 240: 0, 243: 0, 273: 0 },
  },
  {
    name: 'bursts that spend too much for a month are one ticket',
    series: age('400*4 10*26 '.repeat(20)),
    alert: 'WaitBudgetBurn',
    severity: 'warning',
    firing: { 60: 0, 500: 1, 515: 1, 590: 1 },
  },
  {
    name: 'a page that says why spends no budget',
    series: { ...age('400*300'), [noWorkers()]: '1*300' },
    alert: 'WaitBudgetBurn',
    firing: { 60: 0, 299: 0 },
  },
];

const EXPORTER: readonly RuleCase[] = [
  {
    name: 'an exporter that is down is absent after five minutes, until it has been up for some',
    series: {
      [exporter('up')]: '1*10 0*20 1*15',
      [exporter('anthropic_work_exporter_time_seconds')]: `${ticks(10)} _*20 ${ticks(15)}`,
    },
    alert: 'ExporterAbsent',
    firing: { 9: 0, 13: 0, 15: 1, 29: 1, 37: 0 },
  },
  {
    name: 'one that was never there is, too',
    series: { 'up{job="another"}': '1*20' },
    alert: 'ExporterAbsent',
    firing: { 2: 0, 4: 1 },
  },
  {
    name: 'an answer whose clock stands still comes from a cache or from a process that hangs',
    series: {
      [exporter('up')]: '1*20',
      [exporter('anthropic_work_exporter_time_seconds')]: `${ticks(10)} 9*10`,
    },
    alert: 'ExporterAbsent',
    firing: { 9: 0, 16: 1 },
  },
  {
    name: 'one in a crash loop is as good as none',
    series: {
      [exporter('up')]: '1*1 0*3 '.repeat(10),
      [exporter('anthropic_work_exporter_time_seconds')]: ticks(40),
    },
    alert: 'ExporterAbsent',
    firing: { 20: 1, 35: 1 },
  },
  {
    name: 'one of two replicas is enough to watch',
    series: {
      [exporter('up')]: '0*20',
      [exporter('up', 'b')]: '1*20',
      [exporter('anthropic_work_exporter_time_seconds', 'b')]: ticks(20),
    },
    alert: 'ExporterAbsent',
    firing: { 10: 0, 19: 0 },
  },
  {
    name: 'an instance that is down',
    series: {
      [exporter('up')]: '1*20',
      [exporter('up', 'b')]: '1*5 0*20 1*20',
    },
    alert: 'ExporterInstanceDown',
    severity: 'warning',
    firing: { 9: 0, 17: 1, 34: 0 },
  },
  {
    name: 'an instance that starts again and again',
    series: { [exporter('up')]: '1*40', [exporter('process_start_time_seconds')]: ticks(8) },
    alert: 'ExporterInstanceDown',
    severity: 'warning',
    firing: { 3: 0, 12: 1 },
  },
  {
    name: 'a shard that nobody watches, but no shard that is away for a minute of its rollout',
    series: {
      [exporter('anthropic_work_exporter_shards')]: '2*40',
      [exporter('anthropic_work_exporter_shard_info', 'a', ',shard="0/2"')]: '1*40',
      [exporter('anthropic_work_exporter_shard_info', 'b', ',shard="1/2"')]: '1*5 _*1 1*4 _*10 1*20',
    },
    alert: 'ExporterShardMissing',
    firing: { 6: 0, 7: 0, 11: 0, 14: 1, 19: 1, 22: 1, 27: 0 },
  },
  {
    name: 'no shard is missing of a fleet that is not divided',
    series: {
      [exporter('anthropic_work_exporter_shards')]: '1*20',
      [exporter('anthropic_work_exporter_shards', 'b')]: '1*20',
      [exporter('anthropic_work_exporter_shard_info', 'a', ',shard="0/1"')]: '1*20',
      [exporter('anthropic_work_exporter_shard_info', 'b', ',shard="0/1"')]: '1*20',
    },
    alert: 'ExporterShardMissing',
    firing: { 10: 0 },
  },
  {
    name: 'a configuration that was not taken',
    series: {
      [exporter('anthropic_work_exporter_config_last_reload_successful')]: '1*5 0*30 1*5',
    },
    alert: 'ExporterConfigReloadFailed',
    severity: 'warning',
    firing: { 15: 0, 22: 1, 36: 0 },
  },
  {
    name: 'replicas with different configurations',
    series: {
      [exporter('anthropic_work_exporter_config_hash')]: '4503599627370497*60',
      [exporter('anthropic_work_exporter_config_hash', 'b')]:
        '4503599627370497*10 4503599627370498*30 4503599627370497*20',
      [exporter('anthropic_work_exporter_shards')]: '1*60',
      [exporter('anthropic_work_exporter_shards', 'b')]: '1*60',
    },
    alert: 'ConfigDisagrees',
    severity: 'warning',
    firing: { 9: 0, 24: 0, 27: 1, 41: 0 },
  },
  {
    name: 'replicas that divide the fleet differently',
    series: {
      [exporter('anthropic_work_exporter_config_hash')]: '7*30',
      [exporter('anthropic_work_exporter_config_hash', 'b')]: '7*30',
      [exporter('anthropic_work_exporter_shards')]: '2*30',
      [exporter('anthropic_work_exporter_shards', 'b')]: '3*30',
    },
    alert: 'ConfigDisagrees',
    severity: 'warning',
    firing: { 14: 0, 16: 1 },
  },
  {
    name: 'a state file that cannot be written',
    series: {
      [exporter('anthropic_work_state_file_ok')]: '1*5 0*30 1*5',
    },
    alert: 'StateFileFailing',
    severity: 'warning',
    firing: { 15: 0, 22: 1, 36: 0 },
  },
  {
    name: 'a replica that cannot read what another one reads',
    series: {
      [series('anthropic_work_up', `${of('e')},operation="stats"`)]: '1*40',
      [series('anthropic_work_up', `${of('e')},operation="stats"`, 'b')]: '1*5 0*30 1*5',
    },
    alert: 'ReplicaBlind',
    severity: 'warning',
    firing: { 10: 0, 16: 0, 22: 1, 36: 0 },
  },
  {
    name: 'no replica is blind where nobody can read',
    series: {
      [series('anthropic_work_up', `${of('e')},operation="stats"`)]: '0*40',
      [series('anthropic_work_up', `${of('e')},operation="stats"`, 'b')]: '0*40',
    },
    alert: 'ReplicaBlind',
    severity: 'warning',
    firing: { 30: 0 },
  },
  { name: 'the heartbeat', series: {}, alert: 'Watchdog', severity: 'none', firing: { 1: 1, 60: 1 } },
];

describe('the rules', () => {
  it('stay readable: 25 KB, 30 alerts, and no expression longer than 200 characters', () => {
    const rules = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap((group) => group.rules);
    expect(Buffer.byteLength(renderRules('prometheus', DEFAULT_RULE_OPTIONS))).toBeLessThanOrEqual(25_000);
    const names = new Set(rules.filter(isAlert).map(({ alert }) => alert));
    expect(names.size, 'CONTRIBUTING.md, Add a condition: take one out').toBeLessThanOrEqual(30);
    expect(rules.filter(({ expr }) => expr.length > 200)).toEqual([]);
  });

  it.each([
    ['conditions', CONDITIONS],
    ['the wait objective', BURNS],
    ['the exporter', EXPORTER],
  ])('%s', async (_, cases) => {
    expect(await failuresOf(cases)).toBe('');
  });

  it.each(['all', 'starter'] as const)('%s pass every check of promtool', async (set) => {
    expect(await complaintsAbout(renderRules('prometheus', { ...DEFAULT_RULE_OPTIONS, set, job: 'a "b" \\ c' }))).toBe(
      '',
    );
  });
});
