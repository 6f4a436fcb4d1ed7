import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Switches } from '../../src/simulator/switches.ts';
import type { ProviderName } from '../../src/wire/presets.ts';
import { type Moment, RecordedRun } from './recorded-run.ts';

const FOLDER = join(import.meta.dirname, 'recorded');
const AFTER_A_CHANGE =
  'after a change that is meant to show, RECORD=1 npx vitest run test/e2e/recorded-exposition.test.ts';

/** Leases end soon, so that some lapse. Lists of several pages in each order, stamps that are kept or cleared, and a page size that is rejected at first. */
const SWITCHES: Readonly<Partial<Record<ProviderName, Partial<Switches>>>> = {
  anthropic: { leaseTtlSeconds: 60, maxPageSize: 10, overLimit: 'cap', listOrder: 'newest' },
  aws: { leaseTtlSeconds: 60, maxPageSize: 10, overLimit: 'cap', listOrder: 'oldest' },
  google: { leaseTtlSeconds: 60, maxPageSize: 100, overLimit: 'refuse', retentionSeconds: 300 },
  qoder: { leaseTtlSeconds: 60, maxPageSize: 10, overLimit: 'cap', requeueStamps: 'kept' },
  opensdlc: { leaseTtlSeconds: 60, maxPageSize: 10, overLimit: 'cap', listOrder: 'shuffled' },
};

const PHASES = [
  { scenario: 'steady', seconds: 240, everySeconds: 120 },
  { scenario: 'leases-lapsing', seconds: 180, everySeconds: 90 },
  { scenario: 'requeue-storm', seconds: 120, everySeconds: 120 },
  { scenario: 'rate-limited', seconds: 120, everySeconds: 120 },
  { scenario: 'api-down', seconds: 180, everySeconds: 90 },
  { scenario: 'auth-expired', seconds: 60, everySeconds: 60 },
  { scenario: 'no-workers', seconds: 120, everySeconds: 120 },
  { scenario: 'clock-skew', seconds: 120, everySeconds: 120 },
] as const;

async function recordingOf(preset: ProviderName): Promise<readonly Moment[]> {
  await using run = await RecordedRun.start({
    preset,
    seed: 7,
    scenario: 'steady',
    environments: 2,
    switches: SWITCHES[preset] ?? {},
  });
  for (const { scenario, ...pace } of PHASES) await run.play(scenario, pace);
  await run.reload();
  await run.play('flapping', { seconds: 180, everySeconds: 180 });
  return run.moments;
}

/**
 * A run as text: a line for each series, in the order of the expositions, with its values from moment to moment as promtool
 * writes them: `1x3` is 1 three times, and `_` is absent. Comments are left out but for types: docs/metrics.md has the rest.
 */
function coursesOf(moments: readonly Moment[]): string {
  const samples = moments.map(({ exposition }) => samplesIn(exposition));
  const courses = inOrder(samples.map((one) => [...one.keys()])).map((series) => {
    const values = samples.map((one) => one.get(series) ?? '_');
    return series.startsWith('#') ? series : `${series} ${runLengths(values)}`;
  });
  return [...moments.map(({ name }, number) => `# ${number}: ${name}`), ...courses, ''].join('\n');
}

/** Series and types of an exposition, with their values. */
function samplesIn(exposition: string): ReadonlyMap<string, string> {
  const lines = exposition.split('\n').filter((line) => line !== '' && !/^# (?:HELP|UNIT|EOF)/.test(line));
  return new Map(
    lines.map((line) => {
      const [, series, value] = line.startsWith('#') ? [null, line, ''] : /^([^{ ]+(?:\{.*?\})?) (.*)$/.exec(line)!;
      return [series!, value!];
    }),
  );
}

/** Every name once, each after the one before it where it was first met. */
function inOrder(lists: readonly (readonly string[])[]): readonly string[] {
  const known = new Set<string>();
  const all: string[] = [];
  for (const list of lists)
    for (const [index, name] of list.entries()) {
      if (known.has(name)) continue;
      known.add(name);
      all.splice(index === 0 ? 0 : all.indexOf(list[index - 1]!) + 1, 0, name);
    }
  return all;
}

function runLengths(values: readonly string[]): string {
  const runs: { readonly value: string; times: number }[] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last?.value === value) last.times++;
    else runs.push({ value, times: 1 });
  }
  return runs.map(({ value, times }) => (times === 1 ? value : `${value}x${times}`)).join(', ');
}

it.each(Object.keys(SWITCHES) as ProviderName[])(
  'the exposition of a recorded run against %s is what it was',
  async (preset) => {
    const courses = coursesOf(await recordingOf(preset));
    const file = join(FOLDER, `${preset}.txt`);
    if (process.env.RECORD === '1') writeFileSync(file, courses);
    expect(courses.split('\n'), AFTER_A_CHANGE).toEqual(readFileSync(file, 'utf8').split('\n'));
  },
  120_000,
);
