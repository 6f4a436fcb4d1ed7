import { expect, it, vi } from 'vitest';
import { type ConditionPipeline, conditionPipeline } from '../../src/conditions/condition-pipeline.ts';
import { ConditionWatch } from '../../src/conditions/condition-watch.ts';
import { durationMs } from '../../src/rules/parts/durations.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { TEXTS } from '../rules/support/alert-texts.ts';
import { valueAt } from '../rules/support/lines.ts';
import type { Series } from '../rules/support/series.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { NOW } from '../support/states.ts';
import { waitUntil } from '../support/wait-until.ts';

const INTERVAL = 30_000;
/** From the start to the first evaluation. */
const FAILED = { msg: 'conditions cannot be evaluated', event: 'conditions.failed' };
const FIRST_AFTER = 3000;
const MINUTE = 60_000;
const QUIET = 'anthropic_work_session_items{status="terminated"} 0\n';
const ENDED = QUIET.replace(/0\n$/, '7\n');
const RULE = ruleGroups(DEFAULT_RULE_OPTIONS)
  .flatMap(({ rules }) => rules)
  .filter(isAlert)
  .find(({ alert }) => alert === 'AnthropicWorkSessionEndedItemLive')!;
const [FOR, KEPT] = [durationMs(RULE.for!), durationMs(RULE.keepFiringFor!)];

/**
 * A watch over a text that the test writes, on a clock that it moves from evaluation to evaluation.
 * @param loadPipeline instead of what the watch loads by itself
 */
function watching(loadPipeline?: () => Promise<ConditionPipeline>) {
  const clock = new ManualClock(NOW);
  // So that the first evaluation is at a multiple of the interval, as all others are.
  clock.advanceNow(INTERVAL - FIRST_AFTER);
  const seen = {
    text: QUIET,
    broken: false,
    asleep: 0,
    scrapes: 0,
    untried: new Set<string>(),
    errors: [] as unknown[],
  };
  const watch = new ConditionWatch({
    clock: {
      now: () => clock.now() + seen.asleep,
      monotonic: () => clock.monotonic() + seen.asleep,
      setTimer: clock.setTimer.bind(clock),
    },
    logger: { error: (fields, msg) => void seen.errors.push({ msg, ...fields }) },
    scrape: async () => {
      seen.scrapes++;
      if (seen.broken) throw new Error('no scrape');
      return [Buffer.from(seen.text)];
    },
    cannotConfirm: (id, read) => read === 'list' && seen.untried.has(id),
    ...(loadPipeline && { loadPipeline }),
  });
  const patience = { timeoutMs: 120_000 };
  const evaluated = async (ms: number) => {
    await waitUntil(() => clock.timers > 0, { ...patience, what: 'the next evaluation to be planned' });
    const before = seen.scrapes;
    await clock.advance(ms);
    await waitUntil(() => seen.scrapes > before && clock.timers > 0, { ...patience, what: 'an evaluation' });
  };
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += INTERVAL) await evaluated(INTERVAL);
  };
  const said = () =>
    watch.report.conditions.map(({ alert, severity, phase, since }) => {
      return `${alert.replace('AnthropicWork', '')} ${severity} ${phase} ${(clock.now() + seen.asleep - since) / MINUTE} min`;
    });
  const start = () => {
    watch.start();
    return evaluated(FIRST_AFTER);
  };
  return { clock, seen, watch, evaluated, pass, said, start };
}

it('says nothing before the first evaluation, and then when it was', async () => {
  const { watch, start, clock } = watching();
  expect(watch.report).toEqual({ evaluatedAt: null, conditions: [] });
  await start();
  const now = clock.now();
  expect(watch.report).toEqual({ evaluatedAt: now, evaluatedSince: now, conditions: [] });
});

it('says since when it has evaluated, however the wall clock is set', async () => {
  const { watch, start, pass, clock } = watching();
  await start();
  await pass(2 * MINUTE);
  expect(clock.now() - watch.report.evaluatedSince!).toBe(2 * MINUTE);
  clock.jumpWall(60 * MINUTE);
  await pass(MINUTE);
  expect(clock.now() - watch.report.evaluatedSince!).toBe(3 * MINUTE);
});

it('evaluates at multiples of the interval after the first time, and no alert waits longer for that', async () => {
  const { watch, seen, clock, evaluated, pass, said } = watching();
  const LATE = 4000;
  await clock.advance(LATE);
  watch.start();
  seen.text = ENDED;
  await evaluated(FIRST_AFTER);
  const begunAt = clock.now();
  expect(said()).toEqual([`SessionEndedItemLive warning pending ${LATE / MINUTE} min`]);
  await evaluated(INTERVAL - LATE);
  expect(watch.report.evaluatedAt).toBe(begunAt + INTERVAL - LATE);
  expect(watch.report.evaluatedSince).toBe(begunAt);
  await pass(FOR - INTERVAL);
  expect(clock.now() - begunAt).toBe(FOR - LATE);
  expect(said()).toEqual([`SessionEndedItemLive warning firing ${FOR / MINUTE} min`]);
  watch.stop();
});

it('follows an alert from pending over firing and recovering to its end, with its words and since when', async () => {
  const { watch, seen, clock, pass, said, start } = watching();
  await start();
  seen.text = ENDED;
  await pass(INTERVAL);
  expect(said()).toEqual(['SessionEndedItemLive warning pending 0 min']);
  await pass(FOR - INTERVAL);
  expect(said()).toEqual([`SessionEndedItemLive warning pending ${(FOR - INTERVAL) / MINUTE} min`]);
  expect(watch.report.conditions[0]!.firesAt).toBe(clock.now() + INTERVAL);
  await pass(INTERVAL);
  expect(said()).toEqual([`SessionEndedItemLive warning firing ${FOR / MINUTE} min`]);
  const { summary, firesAt } = watch.report.conditions[0]!;
  expect(summary).toContain('7 running items');
  expect(firesAt).toBe(clock.now());
  seen.text = QUIET;
  await pass(KEPT);
  expect(said()).toEqual([`SessionEndedItemLive warning recovering ${(KEPT - INTERVAL) / MINUTE} min`]);
  expect(watch.report.conditions[0]!.summary).toBe(summary);
  await pass(INTERVAL);
  expect(said()).toEqual([]);
});

it.each([
  ['from the first evaluation on', 0, true],
  ['almost half an hour after it', 30 * MINUTE - INTERVAL, true],
  ['half an hour after it', 30 * MINUTE, false],
])(
  'what holds %s may have begun, and its alert may have fired, before the start: %d ms, %s',
  async (_, later, mayBeOlder) => {
    const { watch, seen, start, pass, evaluated } = watching();
    if (later === 0) seen.text = ENDED;
    await start();
    await pass(later - INTERVAL);
    seen.text = ENDED;
    if (later > 0) await evaluated(INTERVAL);
    expect(watch.report.conditions).toMatchObject([{ phase: 'pending', mayBeOlder }]);
    await pass(FOR);
    expect(watch.report.conditions).toMatchObject([{ phase: 'firing', mayBeOlder }]);
  },
);

/** What an exporter shows in that minute. */
function textAt(minute: number, series: readonly Series[]): string {
  const lines = series.flatMap(({ name, labels, line }) => {
    const value = name === 'up' ? null : valueAt(line, minute);
    const { job: _job, instance: _instance, ...own } = labels;
    const written = Object.entries(own).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return value === null ? [] : [`${name}{${written}} ${value}\n`];
  });
  return lines.join('');
}

it.each(TEXTS)(
  'an environment that is first read after the first evaluation: nothing is taken back: $name',
  async (text) => {
    const { seen, start, evaluated, said } = watching();
    const ofAll = text.series.filter(({ labels }) => labels.environment_id === undefined);
    seen.text = textAt(text.minute, ofAll);
    await start();
    seen.text = textAt(text.minute, text.series);
    await evaluated(INTERVAL);
    const nameOf = (one: string) => one.split(' ').slice(0, 2).join(' ');
    const first = said().map(nameOf);
    await evaluated(INTERVAL);
    expect(said().map(nameOf)).toEqual(expect.arrayContaining(first));
  },
);

it('records what rules read before them at the first evaluation, and where a read succeeded for the first time', async () => {
  const parts = await conditionPipeline();
  const orders: string[] = [];
  for (const order of ['evaluate', 'evaluateDependenciesFirst'] as const) {
    const original = parts.evaluator[order].bind(parts.evaluator);
    vi.spyOn(parts.evaluator, order).mockImplementation((at) => {
      orders.push(order);
      return original(at);
    });
  }
  const { seen, start, evaluated } = watching(async () => parts);
  const succeeded = (...reads: string[]) =>
    reads.map((read) => {
      const [id, operation] = read.split(' ');
      return `anthropic_work_last_success_timestamp_seconds{environment_id="${id}",environment_name="x",operation="${operation}"} 1\n`;
    });
  await start();
  for (const reads of [
    ['a stats'],
    ['a stats'],
    ['a stats', 'a list'],
    ['a list'],
    ['a list', 'b stats'],
    ['a list', 'b stats'],
  ]) {
    seen.text = QUIET + succeeded(...reads).join('');
    await evaluated(INTERVAL);
  }
  const [first, usual] = ['evaluateDependenciesFirst', 'evaluate'];
  expect(orders).toEqual([first, first, usual, first, usual, first, usual]);
});

it('one of three shards says nothing of the others, which it does not know', async () => {
  const { watch, seen, pass, said, start } = watching();
  seen.text = 'anthropic_work_exporter_shards 3\nanthropic_work_exporter_shard_info{shard="0/3"} 1\n';
  await start();
  await pass(6 * MINUTE);
  expect(said()).toEqual([]);
  watch.stop();
});

it('keeps the last words of an alert that recovers, though nobody read them while it fired', async () => {
  const { watch, seen, pass, said, start } = watching();
  await start();
  seen.text = ENDED;
  await pass(FOR + INTERVAL);
  seen.text = QUIET;
  await pass(2 * INTERVAL);
  expect(said()).toEqual(['SessionEndedItemLive warning recovering 0.5 min']);
  const [{ summary, value } = { summary: '', value: 0 }] = watch.report.conditions;
  expect(value).toBe(7);
  expect(summary).toContain('7 running items');
});

it('keeps what it knew, with its time, while it cannot scrape, logs that, and goes on afterwards', async () => {
  const { watch, seen, pass, start, clock } = watching();
  await start();
  seen.text = ENDED;
  await pass(INTERVAL);
  const known = watch.report;
  seen.broken = true;
  await pass(MINUTE);
  expect(watch.report).toBe(known);
  expect(seen.errors).toEqual(Array(2).fill({ ...FAILED, error: 'no scrape' }));
  seen.broken = false;
  await pass(INTERVAL);
  expect(watch.report.evaluatedAt).toBe(clock.now());
});

it('logs that its rules cannot be loaded, and evaluates as soon as they can', async () => {
  let isBroken = true;
  const { watch, seen, clock } = watching(async () => {
    if (isBroken) throw new Error('no such file');
    return conditionPipeline();
  });
  const patience = { timeoutMs: 120_000 };
  watch.start();
  await clock.advance(FIRST_AFTER);
  await waitUntil(() => clock.timers > 0, { ...patience, what: 'the next try to be planned' });
  expect(seen.errors).toEqual([{ ...FAILED, error: 'no such file' }]);
  expect(watch.report.evaluatedAt).toBe(null);
  isBroken = false;
  await clock.advance(INTERVAL);
  await waitUntil(() => watch.report.evaluatedAt !== null, { ...patience, what: 'an evaluation' });
  expect(seen.errors).toHaveLength(1);
  watch.stop();
});

it('tries no more to load its rules once it is stopped', async () => {
  const { watch, seen, clock } = watching(async () => {
    watch.stop();
    throw new Error('no such file');
  });
  watch.start();
  await clock.advance(FIRST_AFTER);
  await waitUntil(() => seen.errors.length > 0, { what: 'the failure to be logged' });
  expect(clock.timers).toBe(0);
});

it('neither ages a condition nor makes it young when the wall clock is set', async () => {
  const { seen, clock, pass, said, start } = watching();
  await start();
  seen.text = ENDED;
  await pass(MINUTE);
  clock.jumpWall(60 * MINUTE);
  await pass(MINUTE);
  expect(said()).toEqual(['SessionEndedItemLive warning pending 1.5 min']);
});

it('leaves out the evaluations that a machine slept through, and lets the alert wait as long as time passed', async () => {
  const { seen, pass, said, start } = watching();
  await start();
  seen.text = ENDED;
  await pass(INTERVAL);
  const before = seen.scrapes;
  seen.asleep += 4 * MINUTE;
  await pass(MINUTE);
  // Of ten that were due: the one that slept, one at once and the next.
  expect(seen.scrapes - before).toBeLessThanOrEqual(3);
  expect(said()).toEqual(['SessionEndedItemLive warning pending 5 min']);
});

it('evaluates no more once it is stopped', async () => {
  const { watch, seen, clock, start } = watching();
  await start();
  watch.stop();
  const { scrapes } = seen;
  await clock.advance(10 * MINUTE);
  expect(seen.scrapes).toBe(scrapes);
  expect(clock.timers).toBe(0);
});

it('that a list cannot be read is said once it was tried: until then its series says 0, too', async () => {
  const { seen, pass, said, start } = watching();
  const up = (id: string) => `anthropic_work_up{environment_id="${id}",environment_name="${id}",operation="list"} 0\n`;
  seen.text = `${up('env_a')}${up('env_b')}`;
  seen.untried = new Set(['env_a', 'env_b']);
  await start();
  expect(said()).toEqual([]);
  seen.untried = new Set(['env_b']);
  await pass(INTERVAL);
  expect(said()).toEqual(['ItemsNotVisible warning pending 0.5 min']);
});

it('of a list that was not tried yet, the alert is told once it fires, and other alerts of its environment at once', async () => {
  const { seen, pass, said, start } = watching();
  seen.untried = new Set(['env_a']);
  seen.text = ENDED.replace('{', '{environment_id="env_a",environment_name="env_a",');
  await start();
  expect(said()).toEqual(['SessionEndedItemLive warning pending 0 min']);
  seen.text = 'anthropic_work_up{environment_id="env_a",environment_name="env_a",operation="list"} 0\n';
  await pass(30 * MINUTE);
  expect(said()).toContain('ItemsNotVisible warning firing 29.5 min');
});
